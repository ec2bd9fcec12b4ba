"""Test modules are compiled before the workers start: in a fresh clone each worker would compile all of them,
which takes it 5 s of a processor."""

import contextlib
import os
from importlib import import_module
from pathlib import Path

import pytest

from .environment import ROOT


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Import them in a process for each processor, if all tests run. What fails here fails in the workers."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    ignored = [ROOT / path for path in config.getoption("ignore") or ()]
    tests = ROOT.glob("chat/tests/*/test_*.py")
    found = [path for path in tests if path.parent not in ignored and not _is_compiled(path)]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found]
    count = os.cpu_count() or 1
    children = []
    for start in range(count):
        if not (child := os.fork()):
            for name in names[start::count]:
                with contextlib.suppress(Exception):
                    import_module(name)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def _is_compiled(path: Path) -> bool:
    compiled = path.parent.glob(f"__pycache__/{path.stem}.*-pytest-*.pyc")
    return any(one.stat().st_mtime >= path.stat().st_mtime for one in compiled)
