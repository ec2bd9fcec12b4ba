"""`make screenshots`: pictures of every state of the pages, on four widths, in light and dark.

python -m bin.screenshots [--readme] [STATE …]
"""

import argparse
import asyncio
import shutil
import sys

import django
from playwright.async_api import async_playwright

from chat.tests.harness.environment import ROOT, take_over
from chat.tests.harness.processes import new_directory

take_over(new_directory("screenshots"))
django.setup()

from chat.tests.harness.windows import launch

from . import rooms
from .readme import take_readme
from .states import STATES
from .world import SCHEMES, SIZES, World

PICTURES = ROOT / "test-results" / "screenshots"


async def main(wanted: list[str], *, readme: bool) -> int:
    """How many states could not be reached."""
    failed = 0
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        with World(browser) as world:
            await rooms.settle(world)
            if readme:
                await take_readme(world, wanted)
                return 0
            await rooms.settle_rules(world)
            PICTURES.mkdir(parents=True, exist_ok=True)
            for name in wanted or STATES:
                try:
                    await take(world, name)
                except Exception as error:
                    failed += 1
                    print(f"{name}: {str(error).splitlines()[0][:150]}", file=sys.stderr)
    return failed


async def take(world: World, name: str) -> None:
    for is_phone in (True, False):
        window = world.window(is_phone=is_phone)
        try:
            page = await STATES[name](window)
            for width, height in SIZES[is_phone]:
                for scheme in SCHEMES:
                    picture = await window.picture(page, width, height, scheme)
                    (PICTURES / f"{name}-{width}-{scheme}.png").write_bytes(picture)
        finally:
            await window.close()
    print(name, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("states", nargs="*", metavar="STATE", help="all of them where none is named")
    parser.add_argument("--readme", action="store_true", help="the pictures of docs/images instead")
    asked = parser.parse_args()
    if unknown := [name for name in asked.states if name not in STATES]:
        parser.error(f"{', '.join(unknown)}: not among {', '.join(STATES)}")
    if not asked.states and not asked.readme:
        shutil.rmtree(PICTURES, ignore_errors=True)
    sys.exit(1 if asyncio.run(main(asked.states, readme=asked.readme)) else 0)
