"""Texts for scripts whose form depends on a number that the script knows."""

from typing import Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register: Final = template.Library()

SAMPLES: Final = {"en": {"one": 1, "other": 2}, "ru": {"one": 1, "few": 2, "many": 5}}
"""By language: the CLDR categories that whole numbers have (cldr.unicode.org, "Language Plural Rules"), each
with a number of it. The other languages have only `other`."""


class Plurals(template.Node):
    def __init__(self, name: FilterExpression, nodes: NodeList) -> None:
        self.name = name
        self.nodelist = nodes

    def render(self, context: template.Context) -> SafeString:
        name = self.name.resolve(context)
        language = (get_language() or "en").split("-")[0]
        forms = []
        for category, number in SAMPLES.get(language, {"other": 2}).items():
            with context.push(n=number):
                forms.append((name, category, self.nodelist.render(context)))
        return format_html_join("\n", '<p data-string="{}_{}">{}</p>', forms)


@register.tag
def plurals(parser: Parser, token: Token) -> Plurals:
    """`{% plurals "kept" %} … {% endplurals %}` renders its content once a category, with a number of it as
    `n`: the strings `kept_one`, `kept_other` … from which `fillCount` in `lib/strings.js` chooses."""
    _tag, name = token.split_contents()
    nodes = parser.parse(("endplurals",))
    parser.delete_first_token()
    return Plurals(parser.compile_filter(name), nodes)
