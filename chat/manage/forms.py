"""The forms of the pages under /manage/."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import protocol
from ..access.permissions import RoomPermissions
from ..journal.room_settings import (
    PASSWORD_MAX,
    ROOM_SETTINGS,
    Choice,
    Line,
    Number,
    RoomSetting,
    Switch,
    Words,
)
from ..journal.types import Settings
from ..models import Room
from ..protocol import Act
from ..protocol.limits import ROOM_NAME_MAX
from ..text.cleaning import fold_room_name

HOUR = 3600  # seconds
DAY = 24 * HOUR


class WithoutColons:
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **({"label_suffix": ""} | options))


class SettingsForm(WithoutColons, forms.Form):
    """The settings that this person may decide, as `ROOM_SETTINGS` describes them. It stores nothing: the
    changes go to the journal.

    A change is a difference to what the page showed, so that nobody takes back what somebody else has set
    meanwhile.
    """

    def __init__(self, room: Room, person: RoomPermissions, sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        for name, setting in ROOM_SETTINGS.items():
            if person.rank >= setting.rank and not setting.has_own_form:
                self.fields[name] = _field(setting)
                self.initial[name] = getattr(room, name)

    @property
    def command(self) -> Settings:
        return Settings({name: self.cleaned_data[name] for name in self.changed_data})


def _field(setting: RoomSetting) -> forms.Field:
    shared = {"label": setting.label, "help_text": setting.help_text, "show_hidden_initial": True}
    match setting.kind:
        case Switch():
            return forms.BooleanField(required=False, **shared)
        case Line(longest=longest):
            return forms.CharField(max_length=longest, required=False, **shared)
        case Number(least=least, most=most, may_be_none=may_be_none):
            return forms.IntegerField(min_value=least, max_value=most, required=not may_be_none, **shared)
        case Words():
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False, **shared)
        case Choice(choices=choices):
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shared)
    raise TypeError(f"No form field for {setting.kind}")


class PasswordForm(WithoutColons, forms.Form):
    password = forms.CharField(
        label=ROOM_SETTINGS["password"].label,
        max_length=PASSWORD_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class CloseForm(WithoutColons, forms.Form):
    """Closing is for good, so the room's name is to be typed."""

    def __init__(self, room: Room, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.room = room

    name = forms.CharField(
        label=gettext_lazy("Type the room's name to close it"),
        max_length=ROOM_NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if fold_room_name(name) != self.room.key:
            raise ValidationError(_("That is not the room's name."))
        return name


class ActForm(forms.Form):
    act = forms.TypedChoiceField(choices=[(act.value, act.value) for act in Act], coerce=Act)
    id = forms.CharField(max_length=32)
    seconds = forms.IntegerField(required=False, min_value=0, max_value=3660 * DAY)
    address = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=500)

    @property
    def command(self) -> protocol.Moderate:
        return protocol.Moderate(uuid4(), **self.cleaned_data)


DURATIONS = [
    (10 * 60, gettext_lazy("10 minutes")),
    (HOUR, gettext_lazy("1 hour")),
    (DAY, gettext_lazy("1 day")),
    (7 * DAY, gettext_lazy("7 days")),
    (30 * DAY, gettext_lazy("30 days")),
    ("", gettext_lazy("permanently")),
]


class InviteForm(WithoutColons, forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        choices=[
            (1, gettext_lazy("1 day")),
            (7, gettext_lazy("7 days")),
            (30, gettext_lazy("30 days")),
            ("", gettext_lazy("unlimited time")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        initial=7,
    )
    max_uses = forms.IntegerField(
        label=gettext_lazy("Most uses"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Leave it empty for no limit."),
    )

    @property
    def lifetime(self) -> timedelta | None:
        days: int | None = self.cleaned_data["days"]
        return timedelta(days=days) if days else None


class ReportForm(forms.Form):
    """What becomes of a message that was reported."""

    id = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    do = forms.ChoiceField(choices=[("delete", ""), ("dismiss", "")])
