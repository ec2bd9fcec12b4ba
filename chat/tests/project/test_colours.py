"""Words hold 4.5 : 1 on every ground, by day and by night, whatever the accent of a site."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from mysite.colours import AA, Oklch, accents, contrast, from_hex

CSS = Path(settings.BASE_DIR, "chat/static/chat/css")
SHEET = (CSS / "base.css").read_text()
NUMBERS = r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)"
GROUNDS = ("page", "surface", "side", "raised", "band")
INKS = ("text", "muted", "accent", "danger", "good", "warn", "fresh")
BY_DAY, BY_NIGHT = 0, 1


def token(name: str, scheme: int) -> Oklch:
    found = re.search(rf"--{name}: light-dark\({NUMBERS}, {NUMBERS}\)", SHEET)
    assert found, name
    return Oklch(*map(float, found.groups()[3 * scheme : 3 * scheme + 3]))


def tint(accent: Oklch, scheme: int) -> Oklch:
    """`--accent-soft`, about."""
    page = token("page", scheme)
    return Oklch(0.14 * accent.lightness + 0.86 * page.lightness, 0.14 * accent.chroma, accent.hue)


@pytest.mark.parametrize("scheme", [BY_DAY, BY_NIGHT])
def test_every_ink_is_read_on_every_ground(scheme: int) -> None:
    faint = [
        f"{ink} on {ground}: {ratio:.2f}"
        for ink in INKS
        for ground in GROUNDS
        if (ratio := contrast(token(ink, scheme), token(ground, scheme))) < AA
    ]
    assert faint == []
    assert contrast(token("on-accent", scheme), token("accent", scheme)) >= AA
    assert contrast(token("control-line", scheme), token("surface", scheme)) >= 3


@pytest.mark.parametrize("scheme", [BY_DAY, BY_NIGHT])
@pytest.mark.parametrize(
    "accent", ["#0f766e", "#e11d48", "#ffea00", "#0000ff", "#00ff00", "#ffffff", "#000000"]
)
def test_any_accent_of_a_site_is_read(accent: str, scheme: int) -> None:
    found = re.fullmatch(NUMBERS, accents(accent)[scheme])
    assert found
    shown = Oklch(*map(float, found.groups()))
    for ground in (*(token(name, scheme) for name in GROUNDS), tint(shown, scheme)):
        assert contrast(shown, ground) >= AA, ground
    assert contrast(shown, token("on-accent", scheme)) >= AA
    assert contrast(token("text", scheme), tint(shown, scheme)) >= AA


NAMES = r"light-dark\(oklch\(([\d.]+) ([\d.]+) var\(--hue\)\), oklch\(([\d.]+) ([\d.]+) var\(--hue\)\)\)"


@pytest.mark.parametrize("scheme", [BY_DAY, BY_NIGHT])
@pytest.mark.parametrize("hue", range(15, 375, 30))
def test_names_and_initials_are_read_in_each_of_the_twelve_colours(hue: int, scheme: int) -> None:
    found = [
        Oklch(float(pair[0]), float(pair[1]), hue)
        for sheet in ("message.css", "header.css")
        for colours in re.findall(NAMES, (CSS / sheet).read_text())
        if (pair := colours[2 * scheme :])
    ]
    name, tint, initials = found
    assert contrast(initials, tint) >= AA
    for ground in GROUNDS:
        assert contrast(name, token(ground, scheme)) >= AA, ground


def test_every_custom_property_that_is_used_is_defined() -> None:
    sheets = "".join(sheet.read_text() for sheet in CSS.glob("*.css"))
    scripts = "".join(script.read_text() for script in CSS.parent.rglob("*.js"))
    defined = set(re.findall(r"(--[\w-]+):", sheets)) | set(re.findall(r'"(--[\w-]+)"', scripts))
    assert set(re.findall(r"var\((--[\w-]+)", sheets)) - defined == set()


def test_a_colour_that_is_none_is_refused() -> None:
    for text in ("teal", "#123", "#12345g", "", "0f766e0"):
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            from_hex(text)
