"""Migrations do the same, however the app changes."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chat.migrations
from chat.migrations._frozen import name_of_account
from chat.text.cleaning import clean_participant_name

MIGRATIONS = Path(chat.migrations.__path__[0])
CHANGING = ("models", "text", "access")


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("*.py")), ids=lambda path: path.stem)
def test_no_migration_imports_code_that_changes(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(("chat." if node.level == 2 else "") + (node.module or ""))
    assert [name for name in imported if name.startswith(tuple(f"chat.{part}" for part in CHANGING))] == []


@given(st.text(), st.text(max_size=150))
def test_the_name_of_an_account_is_one_that_could_be_typed(full_name: str, username: str) -> None:
    name = name_of_account(7, full_name, username)
    assert clean_participant_name(name) == name
