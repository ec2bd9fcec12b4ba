"""Every distribution that is imported is pinned to a version, with a reason."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from ..harness.environment import ROOT

OURS = {"mysite", "chat", "bin", "benchmarks", "chaos"}


def imported(folder: str, *, tests: bool) -> set[str]:
    """The top-level names that the code of a folder imports, without ours and Python's own."""
    names = set()
    for path in sorted((ROOT / folder).rglob("*.py")):
        if tests or "tests" not in path.parts:
            names |= imports_of(path)
    return {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def pinned(name: str) -> set[str]:
    """The distributions that a list names with their exact version and a reason."""
    lines = re.findall(r"^([\w.-]+)(?:\[.+\])?==\S+ +# \S", (ROOT / name).read_text(), re.MULTILINE)
    return {plain(found) for found in lines}


def plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize(
    ("folders", "tests", "lists"),
    [
        (["mysite", "chat"], False, ["requirements.txt"]),
        (sorted(OURS), True, ["requirements.txt", "requirements-dev.txt"]),
    ],
    ids=["site", "tests and tools"],
)
def test_every_distribution_that_is_imported_is_pinned_with_a_reason(
    folders: list[str], tests: bool, lists: list[str]
) -> None:
    provided_by = packages_distributions()
    names = set().union(*(imported(folder, tests=tests) for folder in folders))
    names -= {"uvicorn"} if not tests else set()  # used where it runs, and not needed
    needed = {plain(provided_by[name][0]) for name in names if name in provided_by}
    assert needed <= set().union(*(pinned(name) for name in lists))
