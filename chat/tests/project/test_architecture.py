"""docs/ARCHITECTURE.md speaks of the code as it is."""

import re
import tomllib
from pathlib import Path

from ..harness.environment import ROOT

TEXT = (ROOT / "docs/ARCHITECTURE.md").read_text()
BROWSER = ROOT / "chat/static/chat"
ROOTS = (ROOT, ROOT / "chat", BROWSER, ROOT / "docs")
FILE = re.compile(r"(?<![\w/.*-])[\w./*-]*\w*\.(?:py|js|css|html|md|yml|example)\b")
FOLDER = re.compile(r"(?<![\w/.])[a-z_]+(?:/[a-z_]+)*/(?![\w<*.])")


def exists(name: str) -> bool:
    return any(any(root.glob(name)) for root in ROOTS)


def folders(root: Path) -> set[str]:
    return {path.parent.name for path in root.glob("*/*") if path.suffix in {".py", ".js", ".css"}}


def test_it_names_only_files_that_exist() -> None:
    names = set(FILE.findall(TEXT)) | set(FOLDER.findall(TEXT))
    assert "journal/service.py" in names
    assert "state/" in names
    assert sorted(name for name in names if not exists(name)) == []


def test_it_names_every_package_of_the_server_and_every_folder_of_the_browser() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        layers = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]["layers"]
    packages = {name.strip() for layer in layers for name in layer.split("|")}
    parts = {name + ("/" if (ROOT / "chat" / name).is_dir() else ".py") for name in packages}
    parts |= {f"{name}/" for name in folders(BROWSER)}
    assert sorted(part for part in parts if part not in TEXT) == []
