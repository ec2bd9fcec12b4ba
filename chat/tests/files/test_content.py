"""What a file is, from its bytes."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.files.content import content_of


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(brand: bytes, *handlers: bytes, moov_last: bool = False) -> bytes:
    parts = [box(b"moov", b"".join(box(b"hdlr", bytes(8) + handler) for handler in handlers))]
    parts.insert(0 if moov_last else 1, box(b"mdat", b"x" * 50_000))
    return box(b"ftyp", brand + bytes(4)) + b"".join(parts)


def webm(*codecs: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm" + bytes(200) + b"".join(codecs)


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
        (b"GIF89a", "image", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image", "image/webp"),
        (b"ID3\x04", "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio", "audio/mpeg"),
        (b"fLaC", "audio", "audio/flac"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio", "audio/wav"),
        (b"OggS" + bytes(24) + b"OpusHead", "audio", "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x80theora", "video", "video/ogg"),
        (webm(b"A_OPUS"), "audio", "audio/webm"),
        (webm(b"V_VP9", b"A_OPUS"), "video", "video/webm"),
        (mp4(b"M4A ", b"soun"), "audio", "audio/mp4"),
        (mp4(b"isom", b"soun"), "audio", "audio/mp4"),
        (mp4(b"isom", b"soun", b"vide"), "video", "video/mp4"),
        (mp4(b"mp42", b"vide", moov_last=True), "video", "video/mp4"),
        (mp4(b"qt  ", b"vide"), "video", "video/mp4"),
    ],
)
def test_what_browsers_show_is_known(content: bytes, kind: str, expected: str) -> None:
    found = content_of(io.BytesIO(content))
    assert (found.kind.value, found.type) == (kind, expected)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<!doctype html><script>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xfe<\0h\0t\0m\0l\0",  # UTF-16
        b"RIFF\0\0\0\0AVI ",
        b"BM",
        b"II*\0",
        mp4(b"heic", b"pict"),
        mp4(b"avif", b"pict"),
        b"\x1a\x45\xdf\xa3\xa3matroska",
        box(b"ftyp", b"isom")[:7],
    ],
)
def test_all_else_is_a_download(content: bytes) -> None:
    assert content_of(io.BytesIO(content)).type == "application/octet-stream"


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", b"isom") + struct.pack(">I4s", 0, b"moof"),
        box(b"ftyp", b"isom") + struct.pack(">I4s", 1, b"mdat"),
        box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"mdat", 2**63),
        box(b"ftyp", b"isom") + box(b"free") * 100_000,
    ],
)
def test_a_film_that_says_nonsense_of_its_parts_is_read_to_an_end(content: bytes) -> None:
    assert content_of(io.BytesIO(content)).type == "audio/mp4"


STARTS = [b"\x1a\x45\xdf\xa3webm", b"OggS", b"RIFF\0\0\0\0", b"\xff\xfb", b"\0\0\0\x10ftypisom", b""]


@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_no_bytes_raise(start: bytes, rest: bytes) -> None:
    found = content_of(io.BytesIO(start + rest))
    assert found.type.startswith(f"{found.kind.value}/") or found.type == "application/octet-stream"
