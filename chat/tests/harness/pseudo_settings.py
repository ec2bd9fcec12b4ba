"""The settings of a site in two languages that nobody speaks: `de` is 40 % longer than English and accented,
`he` is written from right to left. Their catalogs lie in the folder where the server runs."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bin.messages import PLACEHOLDER, extracted, forms_of
from chat.tests.harness.site_settings import *  # noqa: F403

LANGUAGES = [("en", "English"), ("de", "Ļöñĝ"), ("he", "עברית")]
LETTERS = str.maketrans("aceginorsuyACEGINORSUY", "áçéĝîñöŕšûýÁÇÉĜÎÑÖŔŠÛÝ")
LETTERS_RTL = str.maketrans("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתםןףך")


def pseudo(text: str, language: str) -> str:
    """Words in the language, 40 % longer, with the text's placeholders as they are."""
    pieces = re.split(f"({PLACEHOLDER.pattern})", text)
    letters = LETTERS if language == "de" else LETTERS_RTL
    told = "".join(
        piece if at % 2 else (piece.lower() if language == "he" else piece).translate(letters)
        for at, piece in enumerate(pieces)
    )
    longer = " ".join(["abc" if language == "de" else "אבג"] * max(1, round(len(text) * 0.4 / 4)))
    return f"{told} {longer}"


def _catalogs() -> Path:
    folder = Path("pseudo-catalogs").resolve()
    for language in ("de", "he"):
        catalog = Catalog(locale=language, fuzzy=False)
        for message in extracted():
            if message.id:
                texts = [pseudo(text, language) for text in forms_of(message.id)]
                forms = (texts[0], *[texts[-1]] * (catalog.num_plurals - 1))
                catalog.add(message.id, forms if message.pluralizable else texts[0])
        file = folder / language / "LC_MESSAGES/django.mo"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as mo:
            write_mo(mo, catalog)
    return folder


LOCALE_PATHS = [_catalogs()]
