"""A mended renderer reaches old messages: at once for readers, and in the database by a command."""

from io import StringIO

import pytest
from django.core.management import call_command

from chat.journal import selectors
from chat.models import Message
from chat.text import markup

from ..harness.write_requests import post, stored

pytestmark = pytest.mark.django_db


def html_for_readers() -> list[str]:
    _room, page = selectors.newest_page("tea")
    return [change.message.html for change in page.changes]


def test_readers_see_old_messages_as_todays_renderer_makes_them_and_a_command_stores_that() -> None:
    for text in ("**a**", "plain", "*b*"):
        stored(post(text))
    Message.objects.update(html="old", renderer=markup.VERSION - 1)
    fresh = ["<strong>a</strong>", "plain", "<em>b</em>"]
    assert html_for_readers() == fresh
    assert set(Message.objects.values_list("html", flat=True)) == {"old"}

    call_command("render_messages", stdout=(told := StringIO()))
    assert "3 messages were rendered anew." in told.getvalue()
    assert list(Message.objects.order_by("sequence").values_list("html", "renderer")) == [
        (html, markup.VERSION) for html in fresh
    ]
    call_command("render_messages", stdout=(told := StringIO()))
    assert told.getvalue() == "No message is of an older version.\n"


def test_messages_from_before_there_was_markup_stay_plain() -> None:
    stored(post("x"))
    Message.objects.update(text="**a**", html="**a**", format=markup.PLAIN, renderer=0)
    call_command("render_messages", stdout=StringIO())
    assert html_for_readers() == ["**a**"]
