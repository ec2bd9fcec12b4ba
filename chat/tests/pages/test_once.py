"""`{% once %}`: what is the same for everybody is rendered once per language."""

from django.template import Context, Template
from django.utils.translation import override


def test_it_is_rendered_once_per_language() -> None:
    template = Template("{% load i18n once %}{% once %}{% translate 'Delete' %}{% endonce %} {{ name }}")
    shown: list[str] = []
    for language in ("en", "de", "en"):
        with override(language):
            shown.append(template.render(Context({"name": len(shown)})))
    assert shown == ["Delete 0", "Löschen 1", "Delete 2"]


def test_no_visitor_sees_what_was_meant_for_another() -> None:
    template = Template("{% load once %}{% once %}[{{ name }}]{% endonce %}")
    assert [template.render(Context({"name": name})) for name in ("alice", "bob")] == ["[]", "[]"]
