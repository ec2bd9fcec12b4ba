"""Pages and silent sockets leave no row behind, however many there are."""

from ..harness.servers import Site
from ..journal.test_no_rows import pages_leave_no_row_behind, sockets_leave_no_row_behind


async def test_a_thousand_pages_leave_no_row_behind(site: Site) -> None:
    await pages_leave_no_row_behind(site.daphne(), 1_000)


async def test_a_thousand_silent_sockets_leave_no_row_behind(site: Site) -> None:
    await sockets_leave_no_row_behind(site.daphne(), 10)
