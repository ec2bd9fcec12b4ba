"""`{% plurals %}`: a text for scripts in each form that a number takes in the page's language."""

import re

import pytest
from django.template import Context, Template
from django.utils.translation import override

TEXT = (
    "{% load i18n plurals %}"
    '{% plurals "messages" %}{% blocktranslate count n=n %}{count} message{% plural %}{count} messages'
    "{% endblocktranslate %}{% endplurals %}"
)


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", {"one": "{count} message", "other": "{count} messages"}),
        ("en-gb", {"one": "{count} message", "other": "{count} messages"}),
        ("ja", {"other": "メッセージ{count}件"}),
        ("ko", {"other": "메시지 {count}개"}),
        ("ru", {"one": "{count} сообщение", "few": "{count} сообщения", "many": "{count} сообщений"}),
    ],
)
def test_a_language_has_the_forms_of_cldr(language: str, forms: dict[str, str]) -> None:
    with override(language):
        html = Template(TEXT).render(Context())
    assert dict(re.findall(r'<p data-string="messages_(\w+)">(.+?)</p>', html)) == forms
