"""The admin: looks at everything; what a room's people see changes only through the journal."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from . import protocol
from .drafts import Draft, Refused, SetTopic
from .journal import write_and_publish
from .models import Message, Participant, Room
from .models.message import clean_text
from .models.participant import clean_participant_name


def write_later(request: HttpRequest, drafts: list[Draft]) -> None:
    """Write the drafts once the admin's own transaction has ended; the next page says what was refused."""

    def write() -> None:
        for outcome in write_and_publish(drafts):
            if isinstance(outcome, Refused):
                messages.error(request, outcome.reason)

    transaction.on_commit(write)


def deletion_of(message: Message) -> Draft:
    return Draft(
        message.room.name,
        message.room.key,
        None,
        protocol.Delete(uuid4(), message.sequence),
    )


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "sequence", "last_posted_at", "topic")
    search_fields = ("name", "topic")
    readonly_fields = (
        "name",
        "key",
        "epoch",
        "sequence",
        "revision",
        "room_revision",
        "created_at",
        "last_posted_at",
    )
    ordering = ("-last_posted_at",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a room is made by its first message

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        write_later(request, [Draft(obj.name, obj.key, None, SetTopic(obj.topic))])


class ParticipantForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_name(self) -> str:
        return clean_participant_name(self.cleaned_data["name"])


@admin.register(Participant)
class ParticipantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ParticipantForm
    list_display = ("name", "user", "created_at")
    search_fields = ("name", "key", "user__username")
    readonly_fields = ("key", "user", "created_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a participant is made by the first act


class MessageForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_text(self) -> str:
        return clean_text(self.cleaned_data["text"])


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting a message empties it and keeps its place, as everywhere."""

    form = MessageForm
    list_display = (
        "room",
        "sequence",
        "author_name",
        "text",
        "sent_at",
        "edited_at",
        "deleted_at",
    )
    list_select_related = ("room",)
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    search_fields = ("text", "author_name", "room__name")
    fields = (
        "room",
        "sequence",
        "revision",
        "author",
        "author_name",
        "text",
        "reply_to",
        "sent_at",
        "edited_at",
        "deleted_at",
    )
    readonly_fields = tuple(field for field in fields if field != "text")
    ordering = ("-id",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # whoever speaks does it in the room

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        edit = protocol.Edit(uuid4(), obj.sequence, obj.text, obj.revision)
        write_later(request, [Draft(obj.room.name, obj.room.key, None, edit)])

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        write_later(request, [deletion_of(obj)])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        rows: Iterable[Message] = queryset.select_related("room")
        write_later(request, [deletion_of(message) for message in rows])
