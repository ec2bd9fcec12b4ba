"""Hundreds of queries find what reading every message finds. (Some of them: search/test_any_query.py.)"""

import pytest

from ..search.conftest import any_database
from ..search.test_any_query import find_what_reading_finds

__all__ = ["any_database"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("any_database")]


@pytest.mark.parametrize("seed", [1, 2])
def test_any_of_hundreds_of_queries_finds_what_reading_every_message_finds(seed: int) -> None:
    find_what_reading_finds(seed, queries=250)
