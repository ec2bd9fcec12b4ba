"""The name of an uploaded file is one that can be shown and saved anywhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol.limits import FILE_NAME_MAX
from chat.text.cleaning import clean_file_name
from chat.text.invisible import JOINERS


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("photo.png", "photo.png"),
        ("  my  photo .png ", "my photo .png"),
        ("写真 1.jpg", "写真 1.jpg"),
        ("cafe\u0301.txt", "café.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\alice\\a.doc", "a.doc"),
        ("a/b\0c\n.txt", "bc.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\ud800.txt", "a.txt"),
        (".htaccess", "htaccess"),
        ("a.txt.", "a.txt"),
        ("👩‍👩‍👧.png", "👩‍👩‍👧.png"),
        ("", "file"),
        ("...", "file"),
        ("a/", "file"),
        ("\u200b\u2060", "file"),
        (f"{'long ' * 60}.png", f"{('long ' * 60)[:59]}…{('long ' * 60 + '.png')[-59:]}"),
    ],
)
def test_a_name_loses_what_is_no_part_of_it(typed: str, cleaned: str) -> None:
    assert clean_file_name(typed) == cleaned


@given(st.text(max_size=400))
def test_any_text_becomes_a_name(typed: str) -> None:
    name = clean_file_name(typed)
    assert 1 <= len(name) <= FILE_NAME_MAX
    assert not {"/", "\\"} & set(name)
    assert not [c for c in name if unicodedata.category(c)[0] == "C" and c not in JOINERS]
    assert name == name.strip()
