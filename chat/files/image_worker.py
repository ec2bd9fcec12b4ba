"""Decodes an image and encodes it anew: a program of its own, with limits of memory and time, since what
decodes a stranger's bytes may be made to fail. It knows neither the site's code nor its settings.

    python -I image_worker.py PICTURE THUMBNAIL <image

The image is read from a file at stdin; PICTURE and THUMBNAIL are descriptors of files to write. Prints a JSON
object with `type`, `width`, `height`, `preview`, or with `error`: a key of `protocol.errors`. Whatever else
happens means that the image is damaged.
"""

import base64
import io
import json
import os
import resource
import sys
from typing import Any, BinaryIO, Final

from PIL import ExifTags, GifImagePlugin, Image, ImageCms, ImageOps, ImageSequence

MEMORY_MAX: Final = 1024 * 1024 * 1024  # bytes of address space
CPU_MAX: Final = 10  # seconds
OUTPUT_MAX: Final = 128 * 1024 * 1024  # bytes of a file that it writes
PIXELS_MAX: Final = 64_000_000  # that are decoded, of all frames together
FRAMES_MAX: Final = 500
SIDE_MAX: Final = 4096  # pixels
THUMBNAIL_SIDE: Final = 640  # pixels
PREVIEW_SIDE: Final = 16  # pixels
PREVIEW_MAX: Final = 350  # bytes; as a data URI at most 500 characters
PICTURE_MAX: Final = 10 * 1024 * 1024  # bytes; what is larger is encoded with losses
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 87, "progressive": True},
    "PNG": {},
    "GIF": {},
    "WEBP": {"quality": 85},
}
THUMBNAIL: Final[dict[str, Any]] = {"format": "WEBP", "quality": 75}


class Refused(Exception):
    """Its argument is a key of `protocol.errors`."""


def main() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_CPU, CPU_MAX),
        (resource.RLIMIT_FSIZE, OUTPUT_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    os.nice(10)
    picture, thumbnail = (os.fdopen(int(descriptor), "wb") for descriptor in sys.argv[1:3])
    try:
        with picture, thumbnail:
            answer = encode_anew(sys.stdin.buffer, picture, thumbnail)
    except Refused as refused:
        answer = {"error": str(refused)}
    except OSError as error:
        if error.errno is None:  # of the image, not of the disk
            raise
        answer = {"error": "disk_full"}
    sys.stdout.write(json.dumps(answer))


def encode_anew(source: BinaryIO, picture: BinaryIO, thumbnail: BinaryIO) -> dict[str, object]:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is the stricter one
    # A frame keeps its palette: choosing colours anew takes twice as long, and shows.
    GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
    image: Image.Image = Image.open(source, formats=FORMATS)
    form = "JPEG" if image.format == "MPO" else str(image.format)  # MPO: several JPEGs, of which one counts
    if image.width * image.height > PIXELS_MAX:
        raise Refused("too_many_pixels")
    encoded = _animation(image, form) if _is_animated(image) else b""
    image.seek(0)
    still = _upright(image)
    if not 0 < len(encoded) <= PICTURE_MAX:
        encoded = _encoded(still, form)
    if len(encoded) > PICTURE_MAX:
        form, encoded = "WEBP", _encoded(still, "WEBP")
    picture.write(encoded)
    still.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    still.save(thumbnail, **THUMBNAIL)
    width, height = Image.open(io.BytesIO(encoded)).size
    return {"type": f"image/{form.lower()}", "width": width, "height": height, "preview": _preview(still)}


def _is_animated(image: Image.Image) -> bool:
    """Whether it is an animation that is kept as one. Of any other the first frame is kept."""
    frames = getattr(image, "n_frames", 1)
    is_small = max(image.size) <= SIDE_MAX and frames * image.width * image.height <= PIXELS_MAX
    return image.format != "MPO" and 1 < frames <= FRAMES_MAX and is_small


def _animation(image: Image.Image, form: str) -> bytes:
    frames, durations = [], []
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    for frame in ImageSequence.Iterator(image):
        frame.load()
        durations.append(frame.info.get("duration", 100))
        frames.append(_without_metadata(_turned(frame.copy(), orientation)))
    options = {"duration": durations, "loop": image.info.get("loop", 1), **OPTIONS[form]}
    if form != "WEBP":
        options["disposal"] = 2
    return _saved(frames[0], form, save_all=True, append_images=frames[1:], **options)


def _turned(frame: Image.Image, orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    frame.info = {**frame.info, "exif": exif.tobytes()}
    return ImageOps.exif_transpose(frame)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its camera was held, in sRGB, no side over SIDE_MAX, in a mode that all formats take."""
    profile = image.info.get("icc_profile")
    image.draft(None, (SIDE_MAX, SIDE_MAX))  # a JPEG is decoded at a fraction of its size
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode not in ("RGB", "RGBA", "L"):
        if profile and image.mode == "CMYK":
            image = _in_srgb(image, profile)
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if profile:
        image = _in_srgb(image, profile)
    image.thumbnail((SIDE_MAX, SIDE_MAX))
    return _without_metadata(image)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """As it is where the profile does not fit: colours are worth no refusal."""
    try:
        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(
            image, source, target, outputMode="RGB" if image.mode == "CMYK" else None
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _without_metadata(image: Image.Image) -> Image.Image:
    """Formats write what they find in `info`: comments, profiles, EXIF."""
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    return image


def _encoded(image: Image.Image, form: str) -> bytes:
    if form == "JPEG" and image.mode == "RGBA":
        image = image.convert("RGB")
    return _saved(image, form, **OPTIONS[form])


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _preview(image: Image.Image) -> str:
    """A data URI of at most 500 characters."""
    image = image.copy()
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    encoded = _saved(image, "WEBP", quality=40)
    return (
        f"data:image/webp;base64,{base64.b64encode(encoded).decode()}" if len(encoded) <= PREVIEW_MAX else ""
    )


if __name__ == "__main__":
    main()
