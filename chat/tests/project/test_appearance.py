"""What a site looks like of its own: a name, an accent and a logo, checked at the start."""

from base64 import b64decode
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from mysite.appearance import LOGO_MAX, accent_style, logo_address


def test_without_settings_a_site_is_lobby() -> None:
    assert accent_style("") == logo_address("") == ""


def test_a_logo_becomes_part_of_the_page(tmp_path: Path) -> None:
    (file := tmp_path / "logo.SVG").write_text("<svg/>")
    media_type, content = logo_address(str(file)).split(";base64,")
    assert media_type == "data:image/svg+xml"
    assert b64decode(content) == b"<svg/>"


def test_what_is_no_logo_is_refused(tmp_path: Path) -> None:
    (large := tmp_path / "large.png").write_bytes(bytes(LOGO_MAX + 1))
    (other := tmp_path / "logo.gif").write_bytes(b"GIF89a")
    for path in (large, other, tmp_path / "missing.svg", tmp_path):
        with pytest.raises(ImproperlyConfigured, match="SITE_LOGO="):
            logo_address(str(path))


@pytest.mark.parametrize("colour", ["teal", "#fff", "#12345g", "0f766e", "#0f766e;}body{display:none"])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_ACCENT="):
        accent_style(colour)


@pytest.mark.django_db
def test_name_logo_and_accent_stand_on_the_pages(client: Client, settings: Settings) -> None:
    settings.SITE_NAME, settings.SITE_LOGO = "Tea & Co", "data:image/png;base64,AAAA"
    settings.SITE_ACCENT = accent_style("#e11d48")
    page = client.get("/chat/").content.decode()
    assert "Tea &amp; Co" in page
    assert '<link rel="icon" href="data:image/png;base64,AAAA">' in page
    assert ":root{--accent:light-dark(oklch(" in page
    assert "Lobby" not in page


@pytest.mark.django_db
def test_a_page_comes_in_the_theme_and_density_that_were_chosen(client: Client) -> None:
    assert "data-theme" not in client.get("/chat/").content.decode().partition("<head>")[0]
    client.cookies["theme"], client.cookies["density"] = "dark", "compact"
    head = client.get("/chat/").content.decode().partition("<title>")[0]
    assert 'data-theme="dark" data-density="compact"' in head
    assert '<meta name="color-scheme" content="dark">' in head
    assert head.count('name="theme-color"') == 1
    client.cookies["theme"] = 'dark" onload="'
    assert "onload" not in client.get("/chat/").content.decode()
