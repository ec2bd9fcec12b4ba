"""The form of a room's settings, as the table of settings describes it."""

import pytest
from django.http import QueryDict

from chat.access.permissions import RoomPermissions
from chat.journal.room_settings import ROOM_SETTINGS
from chat.manage.forms import SettingsForm
from chat.models import Room
from chat.protocol.roles import Role

OF_MODERATORS = ["topic", "is_read_only", "uploads", "slow_mode"]
OF_OWNERS = [
    "topic",
    "is_private",
    "is_hidden",
    "is_indexed",
    "is_read_only",
    "uploads",
    "slow_mode",
    "retention_days",
    "filter_words",
    "filter_action",
]


@pytest.mark.parametrize(
    ("person", "fields"),
    [
        (RoomPermissions(Role.MEMBER), []),
        (RoomPermissions(Role.MODERATOR), OF_MODERATORS),
        (RoomPermissions(Role.OWNER), OF_OWNERS),
        (RoomPermissions(Role.OWNER, banned=True), []),
        (RoomPermissions(staff=True), [*OF_OWNERS, "succession_days"]),
    ],
    ids=["member", "moderator", "owner", "banned owner", "staff"],
)
def test_the_form_has_what_ones_rank_decides(person: RoomPermissions, fields: list[str]) -> None:
    assert list(SettingsForm(Room(name="tea"), person).fields) == fields


def test_only_what_was_changed_on_the_page_is_written() -> None:
    sent = QueryDict(mutable=True)
    sent.update({"topic": "Green tea", "initial-topic": "", "slow_mode": "0", "initial-slow_mode": "0"})
    form = SettingsForm(Room(name="tea", slow_mode=30), RoomPermissions(Role.MODERATOR), sent)
    assert form.is_valid()
    assert form.command.changes == {"topic": "Green tea"}, "somebody else has set the slow mode meanwhile"


def test_every_setting_is_a_column_of_a_room_and_has_words_for_the_log() -> None:
    columns = {column.name for column in Room._meta.get_fields()} | {"closed"}
    assert ROOM_SETTINGS.keys() <= columns
    assert all(str(setting.in_log) for setting in ROOM_SETTINGS.values())
