"""The scripts and style sheets that a page names."""

import json
import re

import pytest
from django.contrib.staticfiles import finders

from chat.templatetags.modules import reached_from

from ..harness.environment import ROOT
from ..harness.servers import Daphne

STATIC = ROOT / "chat" / "static" / "chat"


@pytest.mark.parametrize("entry", ["pages/room", "pages/index"])
def test_the_map_of_an_entry_point_has_what_it_reaches_and_nothing_else(lobby: Daphne, entry: str) -> None:
    page = lobby.get("/chat/tea/" if entry == "pages/room" else "/chat/").text
    (found,) = re.findall(r'<script type="importmap" nonce="[^"]+">(.*?)</script>', page)
    imports = json.loads(found)["imports"]
    assert list(imports) == sorted(f"lobby/{name}" for name in reached_from(entry)[1:])
    assert sorted(imports.values()) == sorted(re.findall(r'rel="modulepreload" href="([^"]+)"', page))
    for name, url in imports.items():
        assert re.fullmatch(rf"/static/chat/{name.removeprefix('lobby/')}\.[0-9a-f]{{12}}\.js", url)


def test_every_module_is_reached_from_a_page() -> None:
    entries = [f"pages/{path.stem}" for path in (STATIC / "pages").glob("*.js")]
    modules = {str(path.relative_to(STATIC).with_suffix("")) for path in STATIC.rglob("*.js")}
    assert modules == {name for entry in entries for name in reached_from(entry)}


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
