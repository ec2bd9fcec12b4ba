"""Messages: read, mended, deleted."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.journal.types import Draft
from chat.models import Message, Reaction
from chat.text.cleaning import clean_text

from .writing import InRoom, LookedAt, draft_of, write_later

TEXT_SHOWN = 200  # characters, in the list


class MessageForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_text(self) -> str:
        return clean_text(self.cleaned_data["text"])


@admin.register(Message)
class MessageAdmin(InRoom, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting a message empties it and keeps its place, as everywhere."""

    form = MessageForm
    list_display = ("in_room", "sequence", "author_name", "said", "sent_at", "edited_at", "deleted_at")
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

    @admin.display(description=_("text"))
    def said(self, message: Message) -> str:
        return Truncator(message.text).chars(TEXT_SHOWN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # whoever speaks does it in the room

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        edit = protocol.Edit(uuid4(), obj.sequence, obj.text, obj.revision)
        write_later(request, [draft_of(request, obj.room, edit)])

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        write_later(request, [_deletion(request, obj)])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        rows: Iterable[Message] = queryset.select_related("room")
        write_later(request, [_deletion(request, message) for message in rows])


def _deletion(request: HttpRequest, message: Message) -> Draft:
    return draft_of(request, message.room, protocol.Delete(uuid4(), message.sequence))


@admin.register(Reaction)
class ReactionAdmin(LookedAt):
    list_display = ("emoji", "participant", "message")
    list_select_related = ("participant", "message")
    search_fields = ("participant__name", "message__room__name")
