"""Colours of a site: how well one is read upon another, and an accent that is read upon both grounds.

After https://www.w3.org/TR/css-color-4/#color-conversion-code and https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

import re
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Final, NamedTuple

AA: Final = 4.5
LIGHTEST: Final = 0.945  # the lightness of `--raised` in base.css by day,
DARKEST: Final = 0.285  # and by night: the worst grounds


class Oklch(NamedTuple):
    lightness: float
    chroma: float
    hue: float  # degrees

    @property
    def linear(self) -> tuple[float, float, float]:
        """Red, green and blue light from 0 to 1, beyond them where no screen shows the colour."""
        a, b = self.chroma * cos(radians(self.hue)), self.chroma * sin(radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )

    @property
    def is_shown(self) -> bool:
        return all(-0.001 <= light <= 1.001 for light in self.linear)

    @property
    def luminance(self) -> float:
        red, green, blue = (min(1.0, max(0.0, light)) for light in self.linear)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def __str__(self) -> str:
        return f"oklch({self.lightness:.3f} {self.chroma:.3f} {self.hue:.1f})"


def contrast(one: Oklch, other: Oklch) -> float:
    """From 1 to 21."""
    high, low = sorted((one.luminance, other.luminance), reverse=True)
    return (high + 0.05) / (low + 0.05)


def from_hex(text: str) -> Oklch:
    """`#0f766e`. ValueError if it is no such colour."""
    if not re.fullmatch("#[0-9A-Fa-f]{6}", text):
        raise ValueError(f"{text!r} is no colour.")
    channels = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    return Oklch(lightness, hypot(a, b), degrees(atan2(b, a)) % 360)


def accents(text: str) -> tuple[str, str]:
    """CSS colours of the hue of `#rrggbb`, for light and dark pages: as near to it as can be read there."""
    wished = from_hex(text)
    by_day, by_night = Oklch(LIGHTEST, 0, 0), Oklch(DARKEST, 0, 0)
    light = _shown(wished, min(wished.lightness, 0.52), -0.01, by_day)
    dark = _shown(wished, max(wished.lightness, 0.72), 0.01, by_night)
    return str(light), str(dark)


def _shown(wished: Oklch, lightness: float, step: float, ground: Oklch) -> Oklch:
    chroma = wished.chroma
    while True:
        colour = Oklch(lightness, chroma, wished.hue)
        if not colour.is_shown:
            chroma -= 0.005
        elif contrast(colour, ground) < AA + 0.3:  # and upon the accent's own tint
            lightness += step
        else:
            return colour
