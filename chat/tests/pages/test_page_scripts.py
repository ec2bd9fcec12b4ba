"""The scripts and style sheets that a page names."""

import json
import re

import pytest
from django.contrib.staticfiles import finders

from chat.templatetags.modules import reached_from

from ..harness.environment import ROOT
from ..harness.servers import Daphne

STATIC = ROOT / "chat" / "static" / "chat"


@pytest.mark.parametrize(
    ("path", "entries"), [("/chat/tea/", ["pages/room_log", "pages/room"]), ("/chat/", ["pages/index"])]
)
def test_the_map_of_a_page_has_what_its_entry_points_reach_and_nothing_else(
    lobby: Daphne, path: str, entries: list[str]
) -> None:
    page = lobby.get(path).text
    (found,) = re.findall(r'<script type="importmap" nonce="[^"]+">(.*?)</script>', page)
    imports = json.loads(found)["imports"]
    reached = dict.fromkeys(name for entry in entries for name in reached_from(entry))
    assert list(imports) == [f"lobby/{name}" for name in reached]
    scripts = [imports[f"lobby/{entry}"] for entry in entries]
    assert re.findall(r'<script type="module" src="([^"]+)"', page) == scripts
    assert re.findall(r'rel="modulepreload" href="([^"]+)"', page) == list(imports.values())
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
