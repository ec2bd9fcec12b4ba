"""Pictures and sounds to be sent."""

import io
import struct
import wave
import zlib

from playwright.async_api import FilePayload


def png(width: int = 120, height: int = 80, colour: tuple[int, int, int] = (40, 120, 200)) -> bytes:
    """A picture of one colour."""
    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def wav(seconds: float = 30) -> bytes:
    """Silence."""
    with wave.open(made := io.BytesIO(), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return made.getvalue()


def picture(name: str = "picture.png", *, width: int = 120, height: int = 80) -> FilePayload:
    """As a browser is given it."""
    return {"name": name, "mimeType": "image/png", "buffer": png(width, height)}


def sound(name: str = "sound.wav") -> FilePayload:
    return {"name": name, "mimeType": "audio/wav", "buffer": wav()}


def notes(name: str = "notes.txt", text: str = "some notes") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
