"""Images are decoded with limits and encoded anew: nothing of the original is left but what is seen."""

import io
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageCms, ImageSequence
from PIL.PngImagePlugin import PngInfo

from chat.files.images import encode_anew
from chat.files.refused import FileRefused

from ..harness.uploads import image

SECRET = b"51.4779, -0.0015"


class Stored(NamedTuple):
    content: bytes
    thumbnail: bytes
    type: str
    size: tuple[int, int]
    preview: str

    @property
    def picture(self) -> Image.Image:
        return Image.open(io.BytesIO(self.content))


def stored(content: bytes) -> Stored:
    with tempfile.TemporaryFile() as source:
        source.write(content)
        with encode_anew(source) as found:
            found.file.seek(0)
            found.thumbnail.seek(0)
            size = found.width, found.height
            return Stored(found.file.read(), found.thumbnail.read(), found.type, size, found.preview)


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def with_metadata(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    exif[0x0112] = 6  # held on its side
    exif.get_ifd(0x8825)[1] = SECRET.decode()  # GPS
    options: dict[str, Any] = {"exif": exif} if form != "GIF" else {"comment": SECRET}
    if form == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Comment", SECRET.decode())
    if form in ("JPEG", "WEBP"):
        options["xmp"] = SECRET
    return image(form, (60, 40), **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_is_not_seen_of_an_image_is_gone_and_it_is_upright(form: str) -> None:
    content = with_metadata(form)
    assert SECRET in content
    found = stored(content + SECRET)
    assert SECRET not in found.content + found.thumbnail
    assert b"Exif" not in found.content
    assert found.type == f"image/{form.lower()}"
    assert found.size == found.picture.size == ((60, 40) if form == "GIF" else (40, 60))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_hides_behind_an_image_is_gone(form: str) -> None:
    tails = b"PK\x03\x04 a zip", b"<script>alert(1)</script>", b"\xff\xd8\xff another"
    found = stored(image(form) + b"".join(tails))
    assert [tail for tail in tails if tail in found.content] == []


def test_a_script_in_a_comment_of_an_image_is_gone() -> None:
    script = b"/*<script>alert(document.domain)</script>*/"
    content = image("GIF", comment=script)
    assert script in content
    assert script not in stored(content).content


def test_colours_are_brought_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = stored(saved(Image.new("RGB", (30, 30), (200, 30, 30)), "JPEG", icc_profile=lab))
    assert "icc_profile" not in found.picture.info
    assert found.picture.getpixel((15, 15)) == pytest.approx((200, 30, 30), abs=6)


def test_a_profile_that_is_broken_costs_only_its_colours() -> None:
    assert stored(image("JPEG", icc_profile=b"broken")).size == (60, 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_pixels_is_taken(mode: str) -> None:
    base = Image.linear_gradient("L").resize((60, 40))
    picture = base.convert("RGBA").convert("P") if mode == "PA" else base.convert(mode)
    found = stored(saved(picture, "JPEG" if mode == "CMYK" else "PNG"))
    assert found.size == (60, 40)


def test_sixteen_bits_a_pixel_keep_their_shades() -> None:
    found = stored(saved(Image.new("I;16", (20, 20), 0x8000), "PNG"))
    assert found.picture.convert("L").getpixel((10, 10)) == pytest.approx(128, abs=2)


def test_what_is_transparent_stays_so() -> None:
    for form in ("PNG", "WEBP", "GIF"):
        picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
        picture.paste((255, 0, 0, 255), (10, 10, 30, 30))
        found = stored(saved(picture, form)).picture.convert("RGBA")
        assert found.getpixel((0, 0))[3] == 0, form  # type: ignore[index]
        assert found.getpixel((20, 20))[3] == 255, form  # type: ignore[index]


def test_a_large_image_is_made_smaller_and_has_a_thumbnail_and_a_preview() -> None:
    found = stored(image("JPEG", (6000, 300)))
    assert found.size == (4096, 205)
    assert Image.open(io.BytesIO(found.thumbnail)).size == (640, 32)
    assert 0 < len(found.preview) <= 500


# --- Animations ---


def animation(form: str, count: int, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    mode = "P" if form == "GIF" else "RGB"  # as it is stored: nothing has to be converted
    frames = [Image.new(mode, size, (i * 70 % 256, i * 110 % 256, i // 256)) for i in range(count)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=80, loop=0, **options)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_stays_one(form: str) -> None:
    found = stored(animation(form, 20)).picture
    assert found.n_frames == 20  # type: ignore[attr-defined]
    assert found.info["loop"] == 0


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_an_animation_is_upright(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    found = stored(animation(form, 3, (40, 30), exif=exif))
    assert found.picture.n_frames == 3  # type: ignore[attr-defined]
    assert found.size == (30, 40)
    assert b"Exif" not in found.content


def test_a_gif_keeps_its_pixels_and_its_pace() -> None:
    frames = [Image.new("P", (40, 40), i) for i in range(5)]
    for frame in frames:
        frame.putpalette([value for i in range(256) for value in (i * 50 % 256, i, 255 - i)])
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80, 90])
    before, after = Image.open(io.BytesIO(content)), stored(content).picture
    for old, new in zip(ImageSequence.Iterator(before), ImageSequence.Iterator(after), strict=True):
        assert old.convert("RGB").tobytes() == new.convert("RGB").tobytes()
        assert old.info["duration"] == new.info["duration"]


@pytest.mark.parametrize(("count", "size"), [(501, (4, 4)), (40, (1500, 1200)), (2, (4100, 10))])
def test_of_an_animation_over_the_limits_the_first_frame_is_kept(count: int, size: tuple[int, int]) -> None:
    assert getattr(stored(animation("GIF", count, size)).picture, "n_frames", 1) == 1


# --- Attacks ---


def png_of(width: int, height: int, data: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@contextmanager
def refused_with(code: str) -> Iterator[None]:
    with pytest.raises(FileRefused, match=code) as caught:
        yield
    assert caught.value.status == 422


def test_an_image_of_too_many_pixels_is_refused_by_its_header() -> None:
    with refused_with("too_many_pixels"):
        stored(png_of(30_000, 30_000, zlib.compress(b"")))


def test_data_that_unpack_to_far_more_than_the_image_has_are_no_memory() -> None:
    bomb = zlib.compressobj(9)
    data = b"".join([*(bomb.compress(bytes(2**20)) for _ in range(200)), bomb.flush()])
    try:
        assert stored(png_of(10, 10, data)).size == (10, 10)
    except FileRefused as refused:
        assert refused.key == "not_an_image"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_image_that_ends_too_early_is_refused(form: str) -> None:
    content = animation(form, 2, (300, 300)) if form == "GIF" else image(form, (300, 300))
    for end in (12, len(content) // 2):
        with refused_with("not_an_image"):
            stored(content[:end])


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "PDF", "EPS"])
def test_no_other_format_is_decoded(form: str) -> None:
    with refused_with("not_an_image"):
        stored(image(form, (64, 64)))


def test_an_image_without_size_is_refused() -> None:
    with refused_with("not_an_image"):
        stored(png_of(0, 0, zlib.compress(b"")))
