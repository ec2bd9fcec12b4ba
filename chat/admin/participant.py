"""Participants, and what only staff does to one in all rooms at once: rename, ban, purge, delete."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.access.identity import Identity
from chat.journal.forgetting import forget_participant
from chat.journal.service import write_all_steps
from chat.journal.types import Refused, WriteRequest
from chat.models import Ban, Participant, Room
from chat.models.participant import is_claimed
from chat.protocol import Act, Moderate, Rename
from chat.text.cleaning import clean_participant_name
from chat.text.translation import translated

from .ban import participant_of_staff
from .read_only import ReadOnlyAdmin


class ParticipantForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_name(self) -> str:
        name = clean_participant_name(self.cleaned_data["name"])
        if name != self.instance.name and is_claimed(name, by=self.instance.pk):
            raise ValidationError(_("That name, or one that looks like it, belongs to an account."))
        return name


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    """Deleting one leaves the messages, without their name."""

    can_change = True
    can_delete = True
    form = ParticipantForm
    list_display = ("name", "user", "created_at", "last_seen_at")
    list_select_related = ("user",)
    list_filter = (("user", admin.EmptyFieldListFilter),)
    search_fields = ("name", "key", "user__username", "last_address")
    fields = ("name", "key", "user", "created_at", "last_seen_at", "last_address")
    readonly_fields = ("key", "user", "created_at", "last_seen_at", "last_address")
    ordering = ("-pk",)
    actions = ("ban_everywhere", "purge_everywhere")

    def save_model(self, request: HttpRequest, obj: Participant, form: Any, change: bool) -> None:
        who = Identity(obj.key, form.initial["name"], obj.user_id)
        _write_after_commit(request, [WriteRequest("", "", who, Rename(uuid4(), obj.name))])

    def delete_model(self, request: HttpRequest, obj: Participant) -> None:
        row = Participant.objects.get(pk=obj.pk)
        transaction.on_commit(partial(forget_participant, row, delete_texts=False))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Participant]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    @admin.action(description=gettext_lazy("Ban from the whole site, permanently"), permissions=["change"])
    def ban_everywhere(self, request: HttpRequest, queryset: QuerySet[Participant]) -> None:
        by = participant_of_staff(request)
        for person in queryset:
            if not Ban.objects.in_force().filter(room=None, participant_key=person.key, until=None).exists():
                Ban.objects.create(participant_key=person.key, name=person.name, created_by=by)
        messages.success(request, _("Banned from every room of the site."))

    @admin.action(
        description=gettext_lazy("Delete all their messages, in every room"), permissions=["change"]
    )
    def purge_everywhere(self, request: HttpRequest, queryset: QuerySet[Participant]) -> None:
        by = request.user.get_username()
        write_requests = [
            WriteRequest(room.name, room.key, None, Moderate(uuid4(), Act.PURGE, person.key), by)
            for person in queryset
            for room in Room.objects.filter(messages__author=person, messages__deleted_at=None).distinct()
        ]
        _write_after_commit(request, write_requests)
        rooms = ngettext("In %(count)d room.", "In %(count)d rooms.", len(write_requests)) % {
            "count": len(write_requests)
        }
        messages.success(request, _("Their messages are deleted.") + " " + rooms)


def _write_after_commit(request: HttpRequest, write_requests: Iterable[WriteRequest]) -> None:
    """Write them once the admin's own transaction has committed. The next page says what was refused."""

    def write() -> None:
        for write_request in write_requests:
            for outcome in write_all_steps([write_request]):
                if isinstance(outcome, Refused):
                    messages.error(request, translated(outcome.text))

    transaction.on_commit(write)
