"""Render anew, and store, what an older version of the renderer made. Readers see it rendered anew anyway.

People may write meanwhile; it can be stopped and started again.
"""

from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db.transaction import atomic

from chat.models import Message
from chat.text import markup

STEP: Final = 100  # messages that one transaction stores: others wait less than 50 ms


class Command(BaseCommand):
    help = "Render the messages anew that an older version of Lobby rendered."

    def handle(self, **options: Any) -> None:
        old = Message.objects.filter(format=markup.MARKUP, renderer__lt=markup.VERSION).order_by("pk")
        count, done, last = old.count(), 0, 0
        while step := list(old.filter(pk__gt=last)[:STEP]):
            rendered = {message: markup.render(message.text).html for message in step}
            with atomic():
                for message, html in rendered.items():
                    # An edit since then has rendered its own text.
                    same = Message.objects.filter(pk=message.pk, text=message.text)
                    same.update(html=html, renderer=markup.VERSION)
            done, last = done + len(step), step[-1].pk
            self.stdout.write(f"\r{done} of {count} messages", ending="")
            self.stdout.flush()
        self.stdout.write(
            f"\n{done} messages were rendered anew." if done else "No message is of an older version."
        )
