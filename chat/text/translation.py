"""Texts for people in the language of whoever reads them."""

from django.utils.translation import gettext

from ..protocol.text import Text


def translated(text: Text) -> str:
    """In the language that is active now."""
    words = gettext(text.english)
    return words % text.parameters if text.parameters else words
