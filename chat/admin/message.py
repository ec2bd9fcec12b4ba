"""Messages and reactions. A message is deleted in its room."""

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from chat.models import Message, Reaction

from .read_only import ReadOnlyAdmin, RoomColumn

TEXT_SHOWN = 200  # characters, in the list


@admin.register(Message)
class MessageAdmin(RoomColumn, ReadOnlyAdmin):
    list_display = ("in_room", "sequence", "author_name", "short_text", "sent_at", "edited_at", "deleted_at")
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
    ordering = ("-id",)

    @admin.display(description=_("text"))
    def short_text(self, message: Message) -> str:
        return Truncator(message.text).chars(TEXT_SHOWN)


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    list_display = ("emoji", "participant", "message")
    list_select_related = ("participant", "message")
    search_fields = ("participant__name", "message__room__name")
