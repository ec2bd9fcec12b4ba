"""The forms of the pages under /manage/."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import protocol
from ..journal.handlers.settings import PASSWORD_MAX, RETENTION_MAX, SLOW_MODE_MAX, SUCCESSION_MAX
from ..journal.types import Settings
from ..models import Room
from ..protocol import Act
from ..protocol.limits import ROOM_NAME_MAX
from ..text.cleaning import fold_room_name

HOUR = 3600  # seconds
DAY = 24 * HOUR


class WithoutColons:
    """A form whose labels end without a colon."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **({"label_suffix": ""} | options))


class ModeratorSettingsForm(WithoutColons, forms.ModelForm):  # type: ignore[type-arg]
    """What a moderator may decide. It stores nothing: the changes go to the journal. What has changed is told
    by what the page showed, so that nobody takes back what somebody else has set meanwhile."""

    slow_mode = forms.IntegerField(
        label=gettext_lazy("Slow mode"),
        min_value=0,
        max_value=SLOW_MODE_MAX,
        help_text=gettext_lazy("Seconds that one person waits between two messages; 0: off."),
    )

    class Meta:
        model = Room
        fields: ClassVar[tuple[str, ...]] = ("topic", "is_read_only", "slow_mode")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}

    @property
    def command(self) -> protocol.Configure | Settings:
        changes = self.changes
        return protocol.Configure(
            uuid4(), changes.get("topic"), changes.get("slow_mode"), changes.get("is_read_only")
        )


class SettingsForm(ModeratorSettingsForm):
    """What the room's owner decides."""

    retention_days = forms.IntegerField(
        label=gettext_lazy("Keep messages for"),
        required=False,
        min_value=1,
        max_value=RETENTION_MAX,
        help_text=gettext_lazy(
            "Days, after which a message is removed for good. It holds for what was said before, too, and"
            " everybody in the room sees it. Empty: messages are kept."
        ),
    )

    class Meta(ModeratorSettingsForm.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            "topic",
            "is_private",
            "is_hidden",
            "is_read_only",
            "slow_mode",
            "retention_days",
            "filter_words",
            "filter_action",
        )
        help_texts: ClassVar = {
            "is_private": gettext_lazy(
                "Entered by an invite link. Who has spoken here is a member and stays; who looks on is sent"
                " out."
            ),
        }
        widgets: ClassVar = {
            "filter_words": forms.Textarea(attrs={"rows": 4}),
            "filter_action": forms.RadioSelect,
        }

    @property
    def command(self) -> protocol.Configure | Settings:
        return Settings(self.changes)


class StaffSettingsForm(SettingsForm):
    succession_days = forms.IntegerField(
        label=gettext_lazy("Succession"),
        required=False,
        min_value=0,
        max_value=SUCCESSION_MAX,
        help_text=gettext_lazy(
            "Days of the owner's absence after which a moderator may succeed; empty: the site's own."
        ),
    )

    class Meta(SettingsForm.Meta):
        fields = (*SettingsForm.Meta.fields, "succession_days")


class PasswordForm(WithoutColons, forms.Form):
    """A new password for the room."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
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
            raise ValidationError(_("This is not the room's name."))
        return name


class ActForm(forms.Form):
    """An act that concerns a person."""

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
    ("", gettext_lazy("for good")),
]


class InviteForm(WithoutColons, forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("Good for"),
        choices=[
            (1, gettext_lazy("1 day")),
            (7, gettext_lazy("7 days")),
            (30, gettext_lazy("30 days")),
            ("", gettext_lazy("ever, until it is revoked")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        initial=7,
    )
    max_uses = forms.IntegerField(
        label=gettext_lazy("People at most"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: as many as have the link."),
    )

    @property
    def lifetime(self) -> timedelta | None:
        days: int | None = self.cleaned_data["days"]
        return timedelta(days=days) if days else None


class ReportForm(forms.Form):
    """What becomes of a message that was reported."""

    id = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    do = forms.ChoiceField(choices=[("delete", ""), ("dismiss", "")])
