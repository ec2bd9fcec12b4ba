"""The scripts of a page: its entry point and the modules that the entry point imports."""

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
def modules(context: dict[str, Any], entry: str) -> SafeString:
    """The import map, the `modulepreload` links and the script of an entry point such as "pages/room".

    The names of collected files are hashed, so that no module can import another one by its path: it imports
    `lobby/<folder>/<name>`, and the map says where that is. With the links a browser asks for all modules at
    once, not for one level of imports after the other.
    """
    script, imported = (_addresses if settings.DEBUG else _kept_addresses)(entry)
    import_map = {"imports": {f"lobby/{name}": url for name, url in imported.items()}}
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>\n{}<script type="module" src="{}"></script>',
        context["request"].csp_nonce,
        mark_safe(json.dumps(import_map)),  # noqa: S308 names of our own files
        format_html_join("", '<link rel="modulepreload" href="{}">\n', ((url,) for url in imported.values())),
        script,
    )


def reached_from(entry: str) -> list[str]:
    """All modules that an entry point imports, directly or not, itself first."""
    names = [entry]
    for name in names:
        source = Path(str(finders.find(f"chat/{name}.js"))).read_text()
        names += [imported for imported in IMPORT.findall(source) if imported not in names]
    return names


def _addresses(entry: str) -> tuple[str, dict[str, str]]:
    """Where the entry point is, and where each module is that it reaches."""
    script, *imported = reached_from(entry)
    return _address(script), {name: _address(name) for name in sorted(imported)}


def _address(name: str) -> str:
    return static(f"chat/{name}.js")


_kept_addresses = lru_cache(maxsize=64)(_addresses)
