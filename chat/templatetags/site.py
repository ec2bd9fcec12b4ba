"""What a site is called, and what it looks like: see mysite/appearance.py."""

from typing import Final

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString

register: Final = template.Library()


@register.simple_tag(takes_context=True)
def chosen_theme(context: template.Context) -> str:
    """`light` or `dark`; empty where the browser's counts."""
    request = context.get("request")  # an answer to a bad request has none
    theme: str = request.COOKIES.get("theme", "") if request else ""
    return theme if theme in ("light", "dark") else ""


@register.simple_tag
def site_name() -> str:
    name: str = settings.SITE_NAME
    return name


@register.simple_tag
def own_logo() -> str:
    """The address of the image that the site has set, or nothing."""
    address: str = settings.SITE_LOGO
    return address


@register.simple_tag
def site_logo() -> str:
    """The address of an image."""
    return own_logo() or static("chat/icons/site.svg")


@register.simple_tag
def site_accent() -> SafeString:
    """A style sheet, empty where the accent is Lobby's."""
    return SafeString(settings.SITE_ACCENT)
