"""Whatever is asked, the index finds what reading every message finds."""

import random
from datetime import UTC

import pytest
from django.core.exceptions import ValidationError

from chat.journal.service import write
from chat.search import contents
from chat.search.query import parse
from chat.text.folding import fold

from ..harness.write_requests import post
from .asking import ask, index_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("any_database")]

PIECES = [
    *"ab é日本がか채팅%+*\"'()-:^{}\\/\n",
    " ",
    "\u200b",
    "\u0301",
    "ﷺ",
    "👩\u200d👩",
    "ＡＢ",
    "\ue100",
    "\ue101",
]
PIECES += [
    "<b>",
    "&amp;",
    "**",
    "OR",
    "AND",
    "NOT",
    "NEAR(",
    "rowid",
    "words:",
    "\ue101r1",
    "\ue101*",
    "x" * 50,
]


def test_any_query_finds_what_reading_every_message_finds() -> None:
    find_what_reading_finds(seed=1, queries=80)


def find_what_reading_finds(seed: int, queries: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(1, 12))) for _ in range(200)]
    write([post(text) for text in texts])
    index_all()
    everything = ask("after:1999-01-01", limit=1000).hits
    assert len(everything) > 150
    folded = {h.message.pk: fold(contents.text_of(h.message.html, h.message.files)) for h in everything}
    for _ in range(queries):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 5)))
        try:
            query = parse(text, UTC)
        except ValidationError:
            continue
        if not query.terms or query != type(query)(terms=query.terms):
            continue
        expected = [pk for pk, said in folded.items() if all(term in said for term in query.terms)]
        assert [hit.message.pk for hit in ask(text, limit=1000).hits] == expected, ascii(text)
