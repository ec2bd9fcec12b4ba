"""Markup: what is read as such, what stays as it was typed, and that nothing but our own HTML comes out."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.text import markup
from chat.text.markup import render

TABLE = (
    '<div class="table"><table><thead><tr><th>a</th><th class="center">b</th></tr></thead>'
    '<tbody><tr><td>1</td><td class="center"><strong>2</strong></td></tr></tbody></table></div>'
)
LINK = 'target="_blank" rel="nofollow noopener"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_ **c** ~~d~~ `e*`", "<em>a</em> <em>b</em> <strong>c</strong> <s>d</s> <code>e*</code>"),
        ("日本**太字**です", "日本<strong>太字</strong>です"),
        ("the end: ||he *dies*||", 'the end: <span class="spoiler">he <em>dies</em></span>'),
        (":tada: :+1:", "🎉 👍"),
        ("# Title\ntext", "<h3>Title</h3><p>text</p>"),
        ("- milk\n- 5 eggs", "<ul><li>milk</li><li>5 eggs</li></ul>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("> said\nanswer", "<blockquote><p>said</p></blockquote><p>answer</p>"),
        (">said\n>> before", "<blockquote><p>said</p><blockquote><p>before</p></blockquote></blockquote>"),
        (
            "```python\nif a < b:\n    c\n```",
            '<pre><code class="language-python">if a &lt; b:\n    c</code></pre>',
        ),
        ("```\n*as is*", "<pre><code>*as is*</code></pre>"),
        ('```"><b>\nx\n```', '<pre><code>"&gt;&lt;b&gt;\nx</code></pre>'),
        ("look\n```words", '<p>look</p><pre><code class="language-words">words</code></pre>'),
        ("```two words\nx", "<pre><code>two words\nx</code></pre>"),
        ("> ```\n> x\n> ```", "<blockquote><pre><code>x</code></pre></blockquote>"),
        ("|a|b|\n|-|:-:|\n|1|**2**|", TABLE),
        ("one *line*\n  another\n\n\nlast", "one <em>line</em><br>  another<br><br><br>last"),
        ("/me waves *slowly*", '<div class="action">waves <em>slowly</em></div>'),
        ("/me says\n> a", '<div class="action"><p>says</p><blockquote><p>a</p></blockquote></div>'),
        ("\\/me waves", "/me waves"),
        ("# Far\n\n\n\nbelow", "<h3>Far</h3><br><br><p>below</p>"),
    ],
)
def test_markup_is_read(text: str, shown: str) -> None:
    assert render(text).html == shown


@pytest.mark.parametrize(
    "text",
    [
        "snake_case_name and 2 * 3 * 4 = 24, 2*3*4 too",
        ":-) :D 10:30:45 :nosuchemoji:",
        "# 1 in the charts",
        "1984. A book",
        "#hashtag",
        "- 5 °C",
        "-----\n* * *",
        "[note]: hello",
        "[1] and [x] and ![alt](pic.png)",
        "print(names[i]()) [x](  )",
        "||\u200b||",
        "```\n```",
        "Title\n=====\nOther\n-----",
        r"¯\_(ツ)_/¯",
        r"C:\_temp\*.* and \d+",
        ">:( >_< :>",
        "a || b || c",
        "    indented\n        more",
        "  /\\_/\\\n ( o.o )\n  > ^ <",
        "<b>no</b> &amp; &#106; <!-- x -->",
        "a~b~c ~",
        "*not closed, **nor this",
        "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](data:text/html,x) [d](vbscript:x)",
        "[a](java\nscript:x) [b](//evil.com) [c](/admin/) [d](file:///x) [e](https:evil.test)",
        "javascript:alert(1) data:text/html,x",
        "@alice, me@home",
    ],
)
def test_what_is_not_meant_as_markup_stays_as_typed(text: str) -> None:
    assert render(text)[:2] == (markup.plain_html(text), text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\*not\* \_this\_ \`nor\` \~~that~~", "*not* _this_ `nor` ~~that~~"),
        (r"\# Heading", "# Heading"),
        (r"\- item", "- item"),
        (r"\> quote", "&gt; quote"),
        (r"\[a](https://x.org)", None),
        (r"\:tada:", ":tada:"),
        (r"a \\ b", r"a \\ b"),
    ],
)
def test_a_backslash_goes_where_it_prevents_markup(text: str, shown: str | None) -> None:
    assert render(text).html.startswith(shown or "[a](")


@pytest.mark.parametrize(
    ("text", "href", "words"),
    [
        ("see https://x.org/a_b*c?d=1&e.", "https://x.org/a_b*c?d=1&amp;e", "https://x.org/a_b*c?d=1&amp;e"),
        ("(https://x.org/a_(b))", "https://x.org/a_(b)", "https://x.org/a_(b)"),
        ("**https://x.org/**", "https://x.org/", "https://x.org/"),
        ("www.x.de/path,", "https://www.x.de/path", "www.x.de/path"),
        ("go to example.com!", "https://example.com", "example.com"),
        ("a.b+c@x.co.uk.", "mailto:a.b+c@x.co.uk", "a.b+c@x.co.uk"),
        ("https://日本.jp/あ。", "https://日本.jp/あ", "https://日本.jp/あ"),
        ("[\u200b](https://x.org)", "https://x.org", "https://x.org"),
        ("[our *site*](https://x.org)", "https://x.org", "our <em>site</em>"),
        ('[a](https://x.org "title")', "https://x.org", "a"),
        ("[write](mailto:a@x.org)", "mailto:a@x.org", "write"),
        ("HTTPS://X.ORG", "HTTPS://X.ORG", "HTTPS://X.ORG"),
    ],
)
def test_addresses_become_links(text: str, href: str, words: str) -> None:
    assert f'<a href="{href}" {LINK}>{words}</a>' in render(text).html


@pytest.mark.parametrize(
    "text",
    [
        "[https://bank.com](https://evil.org/)",
        "[bank.com](https://evil.org/)",
        "[BANK.com/login](https://evil.org)",
        "[ｂａｎｋ．ｃｏｍ](https://evil.org)",
        "[m\u202eoc.knab](https://evil.org)",
        "[bank.c\u200bom](https://evil.org)",
        "https://bank.com@evil.org/",
        "[x](https://bank.com:pw@evil.org/)",
        "[me@bank.com](mailto:me@evil.org)",
        r"[x](https://bank.com\@evil.org/)",
    ],
)
def test_a_link_that_looks_like_another_address_shows_its_host(text: str) -> None:
    assert render(text).html.endswith("</a> (evil.org)")


@pytest.mark.parametrize("text", ["[x.org](https://x.org/a)", "[www.x.org](https://x.org)", "https://x.org"])
def test_a_link_that_says_where_it_leads_shows_no_host(text: str) -> None:
    assert render(text).html.endswith("</a>")


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("b**a**d", "bad"),
        ("||b||*a*`d`", "bad"),
        ("[b](https://x.org)ad", "bad"),
        ("- b\n- c", "b\n\nc"),
        ("> b\nc", "b\n\nc"),
        ("plain", "plain"),
        ("|b|c|\n|-|-|", "b\nc"),
    ],
)
def test_the_visible_text_is_what_is_read(text: str, visible: str) -> None:
    assert render(text).visible == visible


@pytest.mark.parametrize("sign", ["- ", "> ", "> - "])
def test_what_is_nested_too_deep_is_text(sign: str) -> None:
    indent = "" if ">" in sign else "  "
    text = "\n".join(
        indent * depth + sign * (1 if indent else depth + 1) + f"word{depth}" for depth in range(12)
    )
    assert re.findall(r"word\d+", render(text).html) == [f"word{depth}" for depth in range(12)]


def test_too_much_markup_is_shown_as_it_was_typed() -> None:
    for unit in ("*a* ", "[a](http://b.c) ", "- a\n", "|a|b|\n|-|-|\n", "a@b.cc ", "> > a\n"):
        text = (unit * 4000)[:4000].rstrip()
        assert render(text)[:2] == (markup.plain_html(text), text)
    amp = "**a**" + "&" * 3990
    assert render(amp).html == markup.plain_html(amp)


def test_code_is_no_markup_however_long() -> None:
    code = "\n".join(f"x[{n}] = *a_{n} | b" for n in range(150))
    assert (
        render(f"look:\n```c\n{code}\n```").html
        == f'<p>look:</p><pre><code class="language-c">{code}</code></pre>'
    )


class _OnlyOurs(HTMLParser):
    """Fails on a tag, an attribute or a value that is none of ours, and on what is not closed."""

    VOID = ("br",)
    TAGS = (
        "a blockquote br code div em h3 h4 h5 li ol p pre s span strong table tbody td th thead tr ul".split()
    )
    VALUES = {
        "href": r"(https?://|mailto:)\S+",
        "target": "_blank",
        "rel": "nofollow noopener",
        "class": r"spoiler|table|center|right|language-[a-z0-9+#-]{1,20}",
        "start": r"\d{1,9}",
    }

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.TAGS
        for name, value in attrs:
            assert re.fullmatch(self.VALUES[name], value or "", re.IGNORECASE), (name, value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment  # type: ignore[assignment]


WORDS = (
    "* ** _ ~~ ` ``` || | [ ] ( ) ]( ![ < > > - # 1. \\ : :tada: @ & &amp; \" ' |- |-| |a|b| --- "
    "https:// http://a.b www. a@b.cc .com javascript: data: \u202e \u2066 \u200b \ufeff \ufffd 𝕏 é 日 "
    "<script> <img/onerror=x> onclick= style= ``` a b c"
)
PIECES = st.sampled_from([*WORDS.split(" "), " ", "  ", "    ", "\t", "\n", "\n\n", "```python\n"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=60).map("".join))
def test_nothing_but_our_own_html_comes_out_and_its_words_are_the_visible_text(text: str) -> None:
    rendered = render(text)
    parser = _OnlyOurs()
    parser.feed(rendered.html)
    parser.close()
    assert parser.open == []
    squeezed = re.sub(r"\s+", "", "".join(parser.words))
    assert squeezed == re.sub(r"\s+", "", html.unescape(html.escape(rendered.visible)))
