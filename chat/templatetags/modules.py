"""The scripts of a page: its entry points and the modules that these import."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

IMPORT: Final = re.compile(r'^(?:import|export)\b[^;"]*"lobby/([\w/]+)"', re.MULTILINE)
"""A static import or re-export. A type that a comment imports does not begin a line."""

register = template.Library()


@register.simple_tag(takes_context=True)
def modules(context: dict[str, Any], *entries: str) -> SafeString:
    """The import map, the `modulepreload` links and the scripts of a page's entry points ("pages/room").
    These run one after the other, each as soon as what it imports is there.

    The names of collected files are hashed, so that no module can import another one by its path: it imports
    `lobby/<folder>/<name>`, and the map says where that is. With the links a browser asks for all modules at
    once, in the order of the entry points, not for one level of imports after the other.
    """
    urls = (_addresses if settings.DEBUG else _kept_addresses)(*entries)
    import_map = {"imports": {f"lobby/{name}": url for name, url in urls.items()}}
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>\n{}{}',
        context["request"].csp_nonce,
        mark_safe(json.dumps(import_map)),  # noqa: S308 names of our own files
        format_html_join("", '<link rel="modulepreload" href="{}">\n', ((url,) for url in urls.values())),
        format_html_join("\n", '<script type="module" src="{}"></script>', ((urls[e],) for e in entries)),
    )


def reached_from(entry: str) -> list[str]:
    """All modules that an entry point imports, directly or not, itself first."""
    names = [entry]
    for name in names:
        source = Path(str(finders.find(f"chat/{name}.js"))).read_text()
        names += [imported for imported in IMPORT.findall(source) if imported not in names]
    return names


def _addresses(*entries: str) -> dict[str, str]:
    """Where each module is that the entry points reach, in the order in which they need them."""
    names = dict.fromkeys(name for entry in entries for name in reached_from(entry))
    return {name: static(f"chat/{name}.js") for name in names}


_kept_addresses = lru_cache(maxsize=64)(_addresses)
