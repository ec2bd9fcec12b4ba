"""`make messages` brings the catalogs of chat/locale up to date; `make check` says what is wrong with them.

The texts of templates and of Python are one domain, `django`. A `.po` file is written by translators, and the
`.mo` beside it is compiled from it. Both are in the repository: a fresh clone needs no tools to be run.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parent.parent
LOCALE: Final = ROOT / "chat/locale"
KEYWORDS: Final = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "mark": None,
    "ngettext_lazy": (1, 2),
}
SHOWN_MAX: Final = 20  # faults of a catalog
PLACEHOLDER: Final = re.compile(r"%(?:\(\w+\))?[sd]|%%|\{\w*\}|</?\w+[^>]*>")
"""What a translation has as often as the text: parameters and tags."""


def main() -> None:
    found, complaints = extracted(), []
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        if sys.argv[1:] == ["--check"]:
            complaints += [f"{po.relative_to(ROOT)}: {text}" for text in islice(faults(po, found), SHOWN_MAX)]
        else:
            update(po, found)
            print(f"{po.relative_to(ROOT)}: {len(list(incomplete(read(po))))} to be translated")
    if complaints:
        sys.exit("\n".join([*complaints, "`make messages` adds what is new, for translation, and compiles."]))


def extracted() -> Catalog:
    """Every text that is marked for translation, with the files that it stands in."""
    catalog = Catalog(charset="utf-8")
    for path in sorted(
        [*ROOT.glob("chat/**/*.py"), *ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    ):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("chat/tests/", "chat/migrations/")):
            for text, comments in _texts(path):
                catalog.add(text, locations=[(name, 0)], auto_comments=comments)
    return catalog


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], list[str]]]:
    source = path.read_text()
    if path.suffix != ".py":
        # What is left of a template is a row of words; Python minds how they are indented.
        source = re.sub(r"(?m)^[ \t]+", "", templatize(source))
    for _line, text, comments, _context in extract(
        "python", io.BytesIO(source.encode()), KEYWORDS, ("Translators:",)
    ):
        yield text, comments


def read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3])


def update(po: Path, found: Catalog) -> None:
    """Add what is new, similar translations marked as fuzzy; leave out what is gone; compile."""
    catalog = read(po)
    found.creation_date = catalog.creation_date  # the file differs when its texts do
    catalog.update(found)
    po.write_bytes(_written(catalog))
    po.with_suffix(".mo").write_bytes(_compiled(read(po)))


def _written(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=110, ignore_obsolete=True, sort_by_file=True, include_lineno=False)
    return file.getvalue()


def _compiled(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def faults(po: Path, found: Catalog) -> Iterator[str]:
    catalog = read(po)
    wanted, has = ({message.id for message in one if message.id} for one in (found, catalog))
    if wanted != has:
        yield f"not up to date: {len(wanted - has)} new texts, {len(has - wanted)} that are gone"
    for message in incomplete(catalog):
        yield f"{'fuzzy' if message.fuzzy else 'missing'}: {message.id!r}"
    for message in catalog:
        if message.id and not _has_equal_placeholders(message, catalog.num_plurals):
            yield f"other placeholders: {message.string!r} for {message.id!r}"
    if po.with_suffix(".mo").read_bytes() != _compiled(catalog):
        yield "the .mo file is compiled from another version"


def incomplete(catalog: Catalog) -> Iterator[Message]:
    for message in catalog:
        if message.id and (message.fuzzy or not all(forms_of(message.string))):
            yield message


def _has_equal_placeholders(message: Message, forms: int) -> bool:
    """The singular's form may leave the number out where it is said of one alone: not in Russian, where that
    form is also for 21."""
    ids = forms_of(message.id)
    singular, plural = _placeholders(ids[0]), _placeholders(ids[-1])
    return all(
        not text or _placeholders(text) in ((singular, plural) if (at, forms) == (0, 2) else (plural,))
        for at, text in enumerate(forms_of(message.string))
    )


def forms_of(texts: Any) -> Sequence[str]:
    """Of a text without a plural the only one."""
    return texts if isinstance(texts, tuple | list) else (texts,)


def _placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


if __name__ == "__main__":
    settings.configure()  # templatize asks for it
    main()
