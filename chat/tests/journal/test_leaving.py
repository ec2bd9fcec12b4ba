"""Nobody is kept where they do not want to be: leaving, being let in unasked, and links that end with their
maker's right to make them."""

from django.contrib.auth.models import User

from chat.access.identity import Identity
from chat.accounts.service import delete_account, participant_of
from chat.journal.handlers.roles import ADMITTED_MAX
from chat.models import Ban, Invite, Membership, Participant
from chat.protocol import Act
from chat.protocol.roles import Role
from chat.realtime.room_list import Viewer, read_rooms
from chat.unread.read_marks import store as store_marks

from ..harness.clients import ChatClient
from ..harness.moderated_room import STRANGER, acts, role, room
from ..harness.people import Person, new_link, room_path, room_people
from ..harness.servers import Daphne
from ..harness.write_requests import ALICE, BOB, CHARLIE, DORA, act, change, done, post, refusal, stored

LEAVE = "/leave/?room="


# --- Leaving ---


def test_a_member_leaves_an_open_room_and_is_one_again_with_the_next_word(moderated_room: None) -> None:
    stored(post("this room remembers me", BOB))
    before = room().access_revision
    assert done(act(Act.LEAVE, BOB)) == "You have left this room."
    assert (role(BOB), room().access_revision, acts()) == ("visitor", before, [])
    assert done(act(Act.LEAVE, BOB)) == "You are not a member of this room."
    assert done(act(Act.LEAVE, STRANGER)) == "You are not a member of this room."
    stored(post("I am back", BOB))
    assert role(BOB) == "member"


def test_who_leaves_stays_muted_and_a_moderator_is_none_any_more(moderated_room: None) -> None:
    done(act(Act.MUTE, id="dora"))
    done(act(Act.LEAVE, DORA))
    assert role(DORA) == "visitor"
    assert refusal(act(Act.MUTE, DORA, id="bob")) == "forbidden"
    assert refusal(post("and yet", DORA)) == "muted"
    assert ("Dora", "leave", "") in acts()


def test_an_owner_hands_the_room_over_or_closes_it_before_leaving(moderated_room: None) -> None:
    assert refusal(act(Act.LEAVE)) == "forbidden"
    done(change(closed=True))
    done(act(Act.LEAVE))
    assert role(ALICE) == "visitor"


async def test_a_member_leaves_a_private_room_from_the_list_of_rooms(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    here.alice.set(room, is_private="on")
    assert "Leave : " + room in here.bob.get("/chat/").words
    async with here.bob.chat(room) as bob:
        page = here.bob.send(LEAVE + room, room=room)
        assert page.path == "/chat/"
        assert await bob.wait_closed() == 4403
    assert room not in here.bob.get("/chat/").text
    assert here.bob.get(room_path(room)).status == 403
    assert "Hand it over to somebody else or close it first" in here.alice.get(LEAVE + room).words
    refused = here.alice.send("/accounts/log-in/", to="/leave/", room=room)
    assert refused.status == 403
    assert "Hand it over first" in refused.words
    assert here.bob.get(LEAVE + "%00").status == 404
    lobby.assert_no_traceback()


async def test_who_types_leave_sees_their_new_role(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    async with here.bob.chat(room) as bob:
        ack = await bob.post("/leave")
        assert ack["notice"] == "You have left this room."
        await bob.wait_until(lambda bob: standings(bob)[-1:] == ["visitor"])


def standings(client: ChatClient) -> list[str]:
    return [frame["role"] for frame in client.frames if frame["type"] == "standing"]


async def test_who_is_offered_a_room_sees_it_and_becomes_its_owner_by_accepting(
    lobby: Daphne, room: str
) -> None:
    here = await room_people(lobby, room)
    async with here.bob.chat(room) as bob, here.alice.chat(room) as alice:
        await alice.do("moderate", act="hand_over", id=here.ids["bob"])
        await bob.wait_until(lambda bob: any(frame.get("offered") for frame in bob.frames))
        assert 'data-own-act="accept">' in here.bob.enter(room).text
        await bob.post("/accept")
        await bob.wait_until(lambda bob: standings(bob)[-1:] == ["owner"])
        await alice.wait_until(lambda alice: standings(alice)[-1:] == ["moderator"])


# --- Let in unasked ---


def test_an_admitted_room_is_listed_once_its_new_member_has_been_there(moderated_room: None) -> None:
    for who in (BOB, STRANGER, CHARLIE):
        stored(post("my own room", who, room=f"of {who.key}"))
        done(change(who, room=f"of {who.key}", is_private=True))
    done(change(is_private=True))
    done(act(Act.ADMIT, id="stranger"))
    done(act(Act.PROMOTE, id="stranger"))
    assert own_rooms(STRANGER) == ["of stranger"]
    assert own_rooms(CHARLIE) == ["of charlie", "tea"]
    store_marks({("tea", "stranger"): 1})
    assert own_rooms(STRANGER) == ["of stranger", "tea"]
    done(act(Act.LEAVE, STRANGER))
    done(act(Act.ADMIT, id="stranger"))
    assert own_rooms(STRANGER) == ["of stranger"]


def own_rooms(who: Identity) -> list[str]:
    _listed, [view] = read_rooms([Viewer(who, "")])
    return sorted(room.name for room in view.own.rooms)


def test_a_room_admits_only_so_many_who_have_never_been_there(moderated_room: None) -> None:
    crowd = Participant.objects.bulk_create(
        Participant(key=f"guest-{n}", name=f"Guest {n}") for n in range(ADMITTED_MAX)
    )
    tea = room()
    Membership.objects.bulk_create(
        Membership(room=tea, participant=one, role=Role.MEMBER, was_admitted=True) for one in crowd
    )
    stored(post("elsewhere", STRANGER, room="coffee"))
    assert refusal(act(Act.ADMIT, id="stranger")) == "too_many"
    store_marks({("tea", "guest-1"): 1})
    done(act(Act.ADMIT, id="stranger"))


# --- Invite links ---


async def test_a_moderators_links_end_with_their_right_to_make_them(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    here.alice.set(room, is_private="on")
    link_of_alice = new_link(here.alice, room)
    for ending in ("demote", "dismiss", "kick", "ban"):
        here.alice.manage(room, "people/", act="admit", id=here.ids["dora"])
        here.alice.manage(room, "people/", act="promote", id=here.ids["dora"])
        link = new_link(here.dora, room)
        here.alice.manage(room, "people/", act=ending, id=here.ids["dora"])
        assert Person(lobby).follow(link).status == 404, ending
        here.alice.manage(room, "people/", act="unban", id=here.ids["dora"])
    assert Person(lobby).follow(link_of_alice).path == room_path(room)


def test_links_end_with_a_ban_from_the_site_and_with_leaving(moderated_room: None) -> None:
    def link() -> Invite:
        return Invite.objects.create(room=room(), created_by=Participant.objects.get(key="dora"))

    link()
    ban = Ban.objects.create(participant_key="dora")
    assert not Invite.objects.open().exists()
    ban.delete()
    assert Invite.objects.open().exists()
    done(act(Act.LEAVE, DORA))
    assert not Invite.objects.open().exists()


def test_links_end_with_their_makers_account(transactional_db: None) -> None:
    user = User.objects.create_user("dora", password="x")
    dora = participant_of(user)
    stored(post("mine", Identity(dora.key, dora.name, user.pk), room="of dora"))
    Invite.objects.create(room=room("of dora"), created_by=dora)
    delete_account(user, delete_texts=False)
    assert not Invite.objects.open().exists()
