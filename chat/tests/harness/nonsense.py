"""Hypothesis strategies for requests and handshakes that no browser sends."""

import base64
from typing import Final
from urllib.parse import quote

from hypothesis import strategies as st

from . import strange_pages

ORIGIN: Final = "http://localhost"
KEY: Final = base64.b64encode(bytes(16))

LINE = st.binary(max_size=40).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b""))
PATH_PART = st.one_of(
    st.text(max_size=12).map(lambda text: quote(text.encode(errors="surrogatepass"))),
    st.binary(max_size=8).map(quote),
    st.sampled_from(
        [
            "..",
            ".",
            "%2e%2e",
            "%2f",
            "%00",
            "%0d%0aX-Injected:%201",
            "%ff%fe",
            "%ed%a0%80",
            "%",
            "%zz",
            "a" * 81,
            "%E2%80%AE",
            "%F0%9F%8D%B5" * 90,
            "\\",
            "*",
            "?",
            "&amp;",
            "x" * 9000,
            "static",
            "ws",
            "chat",
            "null",
        ]
    ),
)
PATH = st.tuples(
    st.sampled_from(
        [
            "/",
            "/chat/",
            "/chat/",
            "/accounts/",
            "/manage/",
            "/invite/",
            "/ws/chat/",
            "/static/",
            "/admin/",
            "/admin/login/?next=",
            "//",
            "",
            "*",
        ]
    ),
    st.lists(PATH_PART, max_size=3).map("/".join),
    st.sampled_from(["", "/", "/", "?", "?a=%00&b", "#", ";x"]),
).map("".join)
COOKIE_VALUE = st.one_of(
    st.text(
        alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";,"), max_size=40
    ),
    st.sampled_from(
        [
            '"aaaaaaaa\\000"',
            '"\\377\\376aaaaaaaa"',
            "a" * 3000,
            "a:b:c",
            "::",
            '"',
            "\\",
            "1" * 32,
            "a" * 32,
            "%00",
            f"{'a' * 32}:1abcde:{'b' * 43}",
            "gAAAAA",
            "é" * 9,
        ]
    ),
)
COOKIES = st.lists(
    st.tuples(
        st.sampled_from(["guest", "sessionid", "csrftoken", "messages", "django_language", ""]), COOKIE_VALUE
    ),
    max_size=3,
).map(lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs).encode())
HOST = st.sampled_from(
    [
        b"localhost",
        b"127.0.0.1:80",
        b"evil.example",
        b"",
        b"[::1",
        b"localhost:x",
        b"a" * 300,
        b"lo calhost",
        b"\xff",
        b"localhost@evil",
        b"*",
        b"..",
        b"localhost:99999999",
    ]
)
ORIGINS = st.sampled_from(
    [
        ORIGIN.encode(),
        b"null",
        b"",
        b"http://",
        b"https://evil.example",
        b"http://[",
        b"http://localhost:x",
        b"\xff",
        b"http://localhost:99999999",
        b"javascript:1",
        b"//localhost",
    ]
)
JUNK_HEADER = st.tuples(
    st.sampled_from(
        [
            b"Accept-Language",
            b"Accept-Encoding",
            b"If-Modified-Since",
            b"If-None-Match",
            b"Range",
            b"Referer",
            b"X-Forwarded-For",
            b"X-Forwarded-Host",
            b"X-Forwarded-Proto",
            b"Daphne-Root-Path",
            b"Content-Type",
            b"Authorization",
            b"X-CSRFToken",
            b"User-Agent",
            b"Expect",
            b"Accept",
            b"Content-Language",
            b"X",
        ]
    ),
    st.one_of(
        LINE,
        st.sampled_from(
            [
                b"bytes=0-",
                b"bytes=-1",
                b"bytes=9-1",
                b"bytes=" + b"9" * 500,
                b"gzip;q=x",
                b"de;q=" + b"9" * 400,
                b"Mon, 99 Foo 99999999999 99:99:99",
                b"1.2.3.4, " * 500,
                b"\xff\xfe",
                b"a" * 5000,
                b"de-DE-" * 200,
            ]
        ),
    ),
)
HEADERS = st.lists(
    st.one_of(
        JUNK_HEADER,
        st.tuples(st.just(b"Cookie"), COOKIES),
        st.tuples(st.just(b"Host"), HOST),
        st.tuples(st.just(b"Origin"), ORIGINS),
    ),
    max_size=5,
)
FORM: Final = "application/x-www-form-urlencoded"
BODY_TYPE = st.sampled_from(
    [
        FORM,
        FORM,
        f"{FORM}; charset=utf-7",
        f"{FORM}; charset=nonsense",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/json",
        'text/plain; charset=x"y',
        "",
    ]
)
FIELDS_OF_PAGES = st.lists(
    st.tuples(st.sampled_from(sorted(strange_pages.field_names())), st.sampled_from(strange_pages.VALUES)),
    max_size=4,
).map(lambda fields: "&".join(f"{name}={value}" for name, value in fields))
METHOD = st.sampled_from(["GET"] * 8 + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "X" * 30])


UPGRADE = st.fixed_dictionaries(
    {
        b"Upgrade": st.sampled_from([b"websocket", b"websocket", b"WebSocket", b"h2c", b"", b"\xff"]),
        b"Connection": st.sampled_from([b"Upgrade", b"Upgrade", b"keep-alive, Upgrade", b"close", b""]),
        b"Sec-WebSocket-Key": st.one_of(st.just(KEY), st.just(KEY), LINE),
        b"Sec-WebSocket-Version": st.sampled_from([b"13", b"13", b"13", b"8", b"0", b"x", b"9" * 50, b""]),
    },
    optional={
        b"Sec-WebSocket-Protocol": st.one_of(
            LINE, st.sampled_from([b"chat.v1", b"chat.v1, chat.v1", b",", b"x" * 4000, b"chat.v2, chat.v1"])
        ),
        b"Sec-WebSocket-Extensions": st.one_of(
            LINE, st.sampled_from([b"permessage-deflate; server_max_window_bits=99", b";;;", b"x" * 4000])
        ),
        b"Origin": ORIGINS,
        b"Cookie": COOKIES,
        b"Daphne-Root-Path": LINE,
    },
)
