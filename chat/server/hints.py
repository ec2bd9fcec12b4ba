"""What other processes tell: each hint goes to the part of this process that it concerns."""

from collections.abc import Callable, Mapping
from typing import Any

from ..cluster import messages
from ..presence.tracker import Presence
from ..presence.typing import TypingTracker
from ..realtime.feed import Feed
from .revalidation import Revalidator

Hint = dict[str, Any]


class HintReader:
    """`feeds`: those of this process, by the rooms' keys. `check` compares a feed with the database, soon."""

    def __init__(
        self,
        origin: str,
        feeds: Mapping[str, Feed],
        presence: Presence,
        typing: TypingTracker,
        revalidator: Revalidator,
        check: Callable[[Feed], None],
    ) -> None:
        self._origin = origin
        self._feeds = feeds
        self._presence = presence
        self._typing = typing
        self._revalidator = revalidator
        self._check = check
        self._handlers: dict[str, Callable[[Hint], None]] = {
            messages.type_of(messages.PresenceEvent): self._on_presence,
            messages.type_of(messages.TypingEvent): self._on_typing,
            messages.type_of(messages.SeenEvent): self._on_seen,
            messages.type_of(messages.RenameEvent): self._on_name,
        }

    def take(self, hint: Hint) -> None:
        """Take in a hint, unless it is this process's own or of no process of this site."""
        if not messages.is_authentic(hint):
            return
        kind = str(hint.get("type"))  # of another version it may be anything
        if kind == messages.REVALIDATE:
            self._revalidator.check_site_soon()
        elif hint.get("origin") != self._origin:
            self._handlers.get(kind, self._on_changes)(hint)

    def _on_presence(self, hint: Hint) -> None:
        self._presence.peers.on_event(messages.parse_event(hint, messages.PresenceEvent))

    def _on_typing(self, hint: Hint) -> None:
        event = messages.parse_event(hint, messages.TypingEvent)
        if event and (feed := self._feeds.get(event.room_key)):
            self._typing.on_event(feed, event)

    def _on_seen(self, hint: Hint) -> None:
        if event := messages.parse_event(hint, messages.SeenEvent):
            self._revalidator.read_up_to(event.room_key, event.key, event.sequence)

    def _on_name(self, hint: Hint) -> None:
        if event := messages.parse_event(hint, messages.RenameEvent):
            self._presence.rename(event.key, event.name)

    def _on_changes(self, hint: Hint) -> None:
        key = hint.get("key")
        if isinstance(key, str) and (feed := self._feeds.get(key)):
            if batch := messages.parse_batch(hint):
                feed.offer(batch)
            else:
                self._check(feed)
