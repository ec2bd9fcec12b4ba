"""Parts of a page that are the same for everybody."""

from typing import Final

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register: Final = template.Library()


class Once(template.Node):
    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes
        self._rendered: dict[str | None, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        language = get_language()
        if language not in self._rendered:
            self._rendered[language] = self.nodelist.render(context.new())
        return self._rendered[language]


@register.tag
def once(parser: Parser, _token: Token) -> Once:
    """`{% once %} … {% endonce %}` is rendered once per language and process, without the page's variables:
    what depends on the visitor or the room does not belong in it."""
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(nodes)
