"""What strangers send: requests, handshakes and frames that no browser sends, as hypothesis strategies."""

import base64
import json
import os
from typing import Final
from urllib.parse import quote

from hypothesis import strategies as st

from chaos.hostile import CONTINUATION, PING, TEXT, frame

from . import strange_frames, strange_pages

ORIGIN: Final = "http://localhost"
KEY: Final = base64.b64encode(bytes(16))

# --- HTTP ---

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


# --- Frames ---

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["\ud83e", "a\0b", "x" * 5000, 10**400, -1, 2**63, 2**64, "\u202e", "\u200b", "1"]),
    ),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=6,
)


def _right(value: object) -> st.SearchStrategy[object]:
    """What may stand in a field in which this value may stand."""
    match value:
        case bool():
            return st.booleans()
        case int():
            return st.integers(1, 9)
        case strange_frames.CLIENT_ID:
            return st.uuids().map(str)
        case _:
            return st.one_of(st.just(value), st.text(max_size=30))


OF_COMMANDS = {
    kind: {name: _right(value) for name, value in strange_frames.fields_of(kind).items()}
    for kind in strange_frames.COMMAND_TYPES
}
FIELDS = {name: right for fields in OF_COMMANDS.values() for name, right in fields.items()}
TYPE = st.sampled_from([*OF_COMMANDS, "x", ""])
COMMAND = st.one_of(
    TYPE.flatmap(lambda kind: st.fixed_dictionaries({"type": st.just(kind), **OF_COMMANDS.get(kind, {})})),
    st.fixed_dictionaries(
        {"type": st.one_of(TYPE, TYPE, JSON)},
        optional={
            **{name: st.one_of(right, right, JSON) for name, right in FIELDS.items()},
            "unknown": JSON,
        },
    ),
)
NASTY = st.sampled_from(
    [
        "NaN",
        "-Infinity",
        "9" * 5000,
        "-" + "9" * 5000,
        "[" * 10_000,
        '{"type":' * 10_000,
        '{"a":1e999}',
        "\ufeff{}",
        "",
        " ",
        "{",
        '{"type":"post"',
        '{"type":"post",}',
        '{"type":"post","type":"edit"}',
        "'x'",
        "{}" * 3,
        '"\\ud800"',
        '{"\\ud800":1,"type":"post"}',
        '{"type":"post","message":"\\u0000","client_id":"' + KEY.decode() + '"}',
        '{"type":"resume","after":1e400}',
        '{"type":"resume","after":1.0}',
        '{"type":"history","limit":1e1}',
        '{"type":"post","client_id":"' + "0" * 36 + '","message":"x"}',
        "x" * 65_537,
        "é" * 32_769,
    ]
)
FRAME = st.one_of(
    COMMAND.map(json.dumps),
    JSON.map(json.dumps),
    NASTY,
    st.text(max_size=50),
    COMMAND.map(lambda command: json.dumps(command)[:-2]),
)


RAW_FRAME = st.one_of(
    st.builds(frame, st.just(TEXT), st.binary(max_size=60)),
    st.builds(frame, st.integers(0, 15), st.binary(max_size=130), final=st.booleans()),
    st.binary(max_size=60),
    st.sampled_from(
        [
            frame(TEXT, b'{"type":"post","message":"\xff"}'),
            frame(TEXT, b"\xed\xa0\x80"),
            frame(TEXT, b'{"type":', final=False) + frame(CONTINUATION, b"\xf0\x9f"),
            frame(PING, b"x" * 126),
            frame(8, b"\x03"),
            frame(8, b"\x00\x00"),
            frame(8, (4012).to_bytes(2, "big") + b"\xff\xfe"),
            frame(8, (99999 % 65536).to_bytes(2, "big")),
            b"\x81\x05hello",  # no mask
            b"\xf1\x80\0\0\0\0",  # reserved bits
            b"\x81\xff" + b"\xff" * 8 + bytes(4),  # a length beyond all bounds
            b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4) + b"x",
            frame(2, os.urandom(32)),
        ]
    ),
)
