"""The environment that tests run in: every setting said, so that no `.env` and no shell decides a test."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests-only-for-tests"

# Every setting that has a default, at that default, but for the hosts and what is said here.
SETTINGS: dict[str, str] = {
    "DJANGO_SETTINGS_MODULE": "chat.tests.harness.site_settings",
    "SECRET_KEY": SECRET_KEY,
    "DEBUG": "off",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "CSRF_TRUSTED_ORIGINS": "",
    "REDIS_URL": "",
    "LANGUAGE_CODE": "",
    "TIME_ZONE": "UTC",
    "TRUSTED_PROXIES": "0",
    "EMAIL_URL": "consolemail://",
    "EMAIL_FROM": "",
    "HTTPS": "off",
    "RATE_LIMITS": "off",  # but for those who test them: a machine talks faster than people
    "SOCKETS_PER_ADDRESS": "500",
    "OWNER_AWAY_DAYS": "90",
    "UPLOADS": "all",
    "QUOTA_PARTICIPANT": "500",
    "QUOTA_ADDRESS": "500",
    "QUOTA_ROOM": "5000",
    "QUOTA_SITE": "20000",
    **dict.fromkeys(
        (
            "RATE_MESSAGES",
            "RATE_EDITS",
            "RATE_REACTIONS",
            "RATE_ACTS",
            "RATE_UPLOADS",
            "RATE_QUESTIONS",
            "RATE_SEARCHES",
            "RATE_CONNECTS",
            "RATE_PAGES",
            "RATE_DOWNLOADS",
            "RATE_NEW_ROOMS",
            "RATE_SIGN_UPS",
            "RATE_PASSWORDS",
        ),
        "",
    ),
}


def environment_of_a_site(database_url: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process that serves the site is started with."""
    return {
        **os.environ,
        **SETTINGS,
        "DATABASE_URL": database_url,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # else every start compiles the whole site
        "PYTHONPATH": str(ROOT),
        **(extra or {}),
    }


def take_over(directory: Path) -> None:
    """Give this very process the tests' settings, with its data in the directory. Call it before Django reads
    them."""
    database_url = f"sqlite:///{directory / 'in-process.sqlite3'}"
    os.environ.update(SETTINGS, DATABASE_URL=database_url, FILES_ROOT=str(directory / "files"))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job: Ctrl-C is tested, too
        signal.signal(signal.SIGINT, signal.default_int_handler)


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test whose service is not installed; with REQUIRE_SERVICES=1 that is a failure."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason} (REQUIRE_SERVICES=1)", pytrace=False)
    pytest.skip(reason)
