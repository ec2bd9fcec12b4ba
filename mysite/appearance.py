"""What a site looks like of its own: settings that are checked at start, and become parts of its pages."""

from base64 import b64encode
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from .colours import accents

LOGO_MAX: Final = 16_384  # bytes: it travels within every page
LOGO_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


def accent_style(colour: str) -> str:
    """The style sheet of `#rrggbb`, as light as it can be read; empty for the site's own."""
    if not colour:
        return ""
    try:
        light, dark = accents(colour)
    except ValueError:
        raise ImproperlyConfigured(f"SITE_ACCENT={colour!r}: a colour like #0f766e is meant.") from None
    return f":root{{--accent:light-dark({light},{dark})}}"


def logo_address(path: str) -> str:
    """The `data:` address of an image file, empty for the site's own."""
    if not path:
        return ""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ImproperlyConfigured(f"SITE_LOGO={path!r}: {error.strerror}.") from None
    media_type = LOGO_TYPES.get(Path(path).suffix.lower())
    if media_type is None or len(content) > LOGO_MAX:
        raise ImproperlyConfigured(f"SITE_LOGO={path!r}: an SVG, PNG or WebP file of at most 16 kB is meant.")
    return f"data:{media_type};base64,{b64encode(content).decode()}"
