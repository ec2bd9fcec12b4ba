"""What a file is, decided from its bytes alone: its name and what its sender says count for nothing."""

import os
import struct
from typing import IO, Final, NamedTuple

from ..models import FileKind

HEAD: Final = 16 * 1024  # bytes that are looked at
MOVIE_MAX: Final = 1024 * 1024  # bytes of the part of an MP4 that describes its tracks
BOXES_MAX: Final = 100
PLAYED_BRANDS: Final = (b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash", b"3gp", b"mmp4", b"qt  ")


class Content(NamedTuple):
    kind: FileKind
    type: str  # MIME


UNKNOWN: Final = Content(FileKind.OTHER, "application/octet-stream")
STARTS: Final = (
    (b"\xff\xd8\xff", Content(FileKind.IMAGE, "image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", Content(FileKind.IMAGE, "image/png")),
    (b"GIF87a", Content(FileKind.IMAGE, "image/gif")),
    (b"GIF89a", Content(FileKind.IMAGE, "image/gif")),
    (b"ID3", Content(FileKind.AUDIO, "audio/mpeg")),
    (b"fLaC", Content(FileKind.AUDIO, "audio/flac")),
)
RIFF: Final = {
    b"WEBP": Content(FileKind.IMAGE, "image/webp"),
    b"WAVE": Content(FileKind.AUDIO, "audio/wav"),
}


def content_of(file: IO[bytes]) -> Content:
    """Images, and what browsers play. All else, SVG and HTML among it, is unknown: it can only be saved."""
    file.seek(0)
    head = file.read(HEAD)
    for start, content in STARTS:
        if head.startswith(start):
            return content
    if head.startswith(b"RIFF"):
        return RIFF.get(head[8:12], UNKNOWN)
    if head.startswith(b"OggS"):
        return _played("ogg", is_video=b"theora" in head[:1024])
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return _played("webm", is_video=any(codec in head for codec in (b"V_VP8", b"V_VP9", b"V_AV1")))
    if head[4:8] == b"ftyp":
        return _mp4(file, head[8:12])
    if _is_mp3_frame(head[:4]):
        return Content(FileKind.AUDIO, "audio/mpeg")
    return UNKNOWN


def _played(container: str, is_video: bool) -> Content:
    kind = FileKind.VIDEO if is_video else FileKind.AUDIO
    return Content(kind, f"{kind.value}/{container}")


def _is_mp3_frame(header: bytes) -> bool:
    """The first frame of an MP3 without a tag: layer III, with a rate of bits and of samples that exist."""
    if len(header) < 4 or header[0] != 0xFF or header[1] not in (0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3):
        return False
    return header[2] >> 4 not in (0, 15) and header[2] >> 2 & 3 != 3


def _mp4(file: IO[bytes], brand: bytes) -> Content:
    """HEIC and AVIF are built alike, and are no video."""
    if brand.startswith((b"M4A", b"M4B")):
        return _played("mp4", is_video=False)
    if not brand.startswith(PLAYED_BRANDS):
        return UNKNOWN
    return _played("mp4", is_video=b"vide" in _movie(file))


def _movie(file: IO[bytes]) -> bytes:
    """The `moov` box, which may stand before or after the pictures (ISO/IEC 14496-12)."""
    at, end = 0, file.seek(0, os.SEEK_END)
    for _ in range(BOXES_MAX):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            break
        size, name = struct.unpack(">I4s", header[:8])
        if name == b"moov":
            return file.read(min(size, MOVIE_MAX))
        if size == 1 and len(header) == 16:
            [size] = struct.unpack(">Q", header[8:])
        if size < 8 or at + size >= end:
            break
        at += size
    return b""
