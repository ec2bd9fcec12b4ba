"""`manage.py check --deploy` names what is not safe to open."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

SAFE: dict[str, Any] = {
    "ALLOWED_HOSTS": ["chat.example.org"],
    "REDIS_URL": "redis://localhost",
    "HTTPS": True,
    "TRUSTED_PROXIES": 1,
}


@pytest.mark.parametrize(
    ("unsafe", "reported"),
    [
        ({}, set()),
        ({"ALLOWED_HOSTS": ["*"]}, {"lobby.E001"}),
        ({"ALLOWED_HOSTS": ["chat.example.org", "*"]}, {"lobby.E001"}),
        ({"REDIS_URL": ""}, {"lobby.W001"}),
        ({"TRUSTED_PROXIES": 0}, {"lobby.W002"}),
    ],
)
def test_an_unsafe_setting_is_reported_and_a_safe_one_is_not(
    unsafe: dict[str, Any], reported: set[str]
) -> None:
    with override_settings(**SAFE | unsafe):
        found = {str(message.id) for message in run_checks(include_deployment_checks=True)}
    assert {name for name in found if name.startswith("lobby.")} == reported


@override_settings(ALLOWED_HOSTS=["*"])
def test_a_site_for_every_host_is_refused() -> None:
    with pytest.raises(SystemCheckError, match="ALLOWED_HOSTS names every host"):
        call_command("check", deploy=True)
