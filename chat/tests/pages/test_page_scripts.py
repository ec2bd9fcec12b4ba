"""The scripts and style sheets that a page names."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from ..harness.environment import ROOT
from ..harness.servers import Daphne

STATIC = ROOT / "chat" / "static" / "chat"


def imported_by(module: Path) -> set[Path]:
    """All modules that a module imports, directly or not."""
    found = {
        (module.parent / path).resolve()
        for path in re.findall(r'^.*\bfrom "(.+)";$', module.read_text(), re.MULTILINE)
    }
    return found.union(*map(imported_by, found))


@pytest.mark.parametrize(("path", "entry"), [("/chat/tea/", "room"), ("/chat/", "index")])
def test_what_a_page_s_script_imports_is_in_it(lobby: Daphne, path: str, entry: str) -> None:
    (script,) = re.findall(r'<script type="module" src="([^"]+)"', lobby.get(path).text)
    assert re.fullmatch(rf"/static/chat/pages/{entry}\.[0-9a-f]{{12}}\.js", script)
    joined = lobby.get(script).text
    assert not re.search(r"^(import|export)\b", joined, re.MULTILINE)
    modules = imported_by(STATIC / f"pages/{entry}.js")
    assert len(modules) > 5
    for module in modules:
        assert f"const chat_{module.parent.name}_{module.stem}_js = " in joined


def test_every_script_is_imported_by_a_page_or_named_in_one(lobby: Daphne) -> None:
    entries = set((STATIC / "pages").glob("*.js"))
    named = re.findall(r'data-[\w-]+="/static/chat/(\w+/\w+)\.[0-9a-f]+\.js"', lobby.get("/chat/tea/").text)
    workers = {STATIC / f"{path}.js" for path in named}
    assert workers | entries.union(*map(imported_by, entries)) == set(STATIC.rglob("*.js"))


def test_what_a_page_s_sheet_imports_is_in_it(lobby: Daphne) -> None:
    (sheet,) = re.findall(r'rel="stylesheet" href="([^"]+)"', lobby.get("/chat/tea/").text)
    joined = lobby.get(sheet).text
    assert "@import" not in joined
    imported = re.findall(r'@import "\.\./(css/\w+\.css)"', (STATIC / "pages/room.css").read_text())
    assert len(imported) > 5
    for name in imported:
        first_rule = (STATIC / name).read_text().partition("{")[0]
        assert first_rule in joined, name
    for picture in re.findall(r'url\("\.\./(icons/[^"]+)"\)', joined):
        assert lobby.get(f"/static/chat/{picture}").status == 200
        assert not finders.find(f"chat/{picture}"), "its name is hashed"


def test_no_template_literal_is_within_another_where_the_minifier_would_drop_spaces() -> None:
    for module in STATIC.rglob("*.js"):
        assert not re.search(r"\$\{[^}`]*`", module.read_text()), module
