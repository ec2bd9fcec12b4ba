"""What is only looked at in the admin, and how staff gets from there to the pages that change it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from chat.journal.service import write
from chat.models import AuditEntry, Ban, Invite, Message, Participant, Report, Room

from ..harness.write_requests import ALICE, BOB, post

pytestmark = pytest.mark.django_db

ONLY_READ = ["room", "message", "membership", "invite", "report", "auditentry", "reaction", "block"]


@pytest.fixture
def room() -> Room:
    """Alice's room, with a row of everything that hangs on a room."""
    write([post("hello"), post("hello alice", BOB)])
    room, bob = Room.objects.get(), Participant.objects.get(key="bob")
    Invite.objects.create(room=room)
    Report.objects.create(message=Message.objects.get(sequence=1), reporter=bob)
    AuditEntry.objects.create(room=room, actor_name="alice", act="invite")
    Ban.objects.create(room=room, participant_key="charlie", name="Charlie")
    bob.blocks.create(blocked_key="charlie")
    bob.reactions.create(message=Message.objects.get(sequence=1), emoji="👍")
    return room


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("erin"))
    return client


def first_page(staff: Client, model: str) -> str:
    """The address of the newest row of a model."""
    rows = staff.get(f"/admin/chat/{model}/").context["cl"].result_list
    return f"/admin/chat/{model}/{rows[0].pk}/"


@pytest.mark.parametrize("model", ONLY_READ)
def test_a_row_is_shown_and_nothing_of_it_can_be_saved(staff: Client, room: Room, model: str) -> None:
    path = first_page(staff, model)
    page = staff.get(f"{path}change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert staff.post(f"{path}change/").status_code == 403
    assert staff.get(f"/admin/chat/{model}/add/").status_code == 403
    assert staff.post(f"{path}delete/", {"post": "yes"}).status_code == (302 if model == "room" else 403)


def test_the_admin_of_a_room_leads_to_the_pages_that_manage_it(staff: Client, room: Room) -> None:
    link = f'<a href="/manage/{room.name}/">Manage</a>'
    for path in ("/admin/chat/room/", f"/admin/chat/room/{room.pk}/change/"):
        assert link in staff.get(path).content.decode()
    for page in ("", "people/", "invites/", "reports/", "log/"):
        assert staff.get(f"/manage/{room.name}/{page}").status_code == 200


def test_a_ban_from_a_room_is_lifted_on_the_rooms_page_and_not_in_the_admin(
    staff: Client, room: Room
) -> None:
    path = first_page(staff, "ban")
    assert staff.post(f"{path}change/").status_code == 403
    assert staff.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(Ban.objects.get().pk), "post": "yes"}
    staff.post("/admin/chat/ban/", chosen)
    assert Ban.objects.exists()
    staff.post(f"/manage/{room.name}/people/", {"act": "unban", "id": "charlie"})
    assert not Ban.objects.in_force().exists()


def test_an_account_without_permission_deletes_nothing(client: Client, room: Room) -> None:
    client.force_login(User.objects.create_user("frank", is_staff=True))
    for path in (f"/admin/chat/room/{room.pk}/delete/", f"/admin/chat/participant/{room.pk}/delete/"):
        assert client.post(path, {"post": "yes"}).status_code == 403
    assert client.post("/admin/chat/ban/add/", {"network": "192.0.2.0/24"}).status_code == 403


def test_staff_finds_somebody_who_looked_in_once_and_makes_them_the_owner(staff: Client, room: Room) -> None:
    dora = Participant.objects.create(key="dora", name="Dora", last_seen_at=timezone.now())
    dora.memberships.create(room=room)

    def people(browser: Client, **query: str) -> list[Any]:
        return list(browser.get(f"/manage/{room.name}/people/", query).context["people"])

    assert [person.name for person in people(staff, q="dor")] == ["Dora"]
    assert "dora" not in [person.id for person in people(staff)]
    for act in ("admit", "hand_over"):
        staff.post(f"/manage/{room.name}/people/", {"act": act, "id": "dora"})
    assert people(staff)[0].id == "dora"
    assert people(staff)[0].role == "owner"
    assert ALICE.key in [person.id for person in people(staff)]


def test_a_ban_is_found_by_its_name(staff: Client, room: Room) -> None:
    Ban.objects.bulk_create(Ban(room=room, participant_key=f"p{n}", name=f"Person {n}") for n in range(201))
    page = staff.get(f"/manage/{room.name}/people/", {"q": "charl"})
    assert [ban.name for ban in page.context["bans"]] == ["Charlie"]
