"""The check of the catalogs says what is missing, and lets no translation lose a placeholder."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bin.messages import extracted, faults, update

COUNT = ("{count} day", "{count} days")
ONE = ("a day", "{count} days")


def catalog_of(folder: Path, language: str, text: str | tuple[str, ...], translation: object) -> Path:
    po = folder / language / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    catalog = Catalog(locale=language, fuzzy=False)
    catalog.add(text, translation)  # type: ignore[arg-type]
    with po.open("wb") as file:
        write_po(file, catalog)
    update(po, found(text))
    return po


def found(text: str | tuple[str, ...]) -> Catalog:
    catalog = Catalog()
    catalog.add(text)
    return catalog


@pytest.mark.parametrize(
    ("language", "text", "translation", "fault"),
    [
        ("ru", "Hello, %(name)s", "Привет, %(name)s", None),
        ("ru", "Hello, %(name)s", "", "missing"),
        ("ru", "Hello, %(name)s", "Привет, %(nаme)s", "other placeholders"),
        ("ru", "<bdi>{who}</bdi> waves", "{who} машет", "other placeholders"),
        ("ru", COUNT, ("{count} день", "{count} дня", "{count} дней"), None),
        ("ru", COUNT, ("{count} день", "{count} дня", ""), "missing"),
        ("ru", ONE, ("день", "{count} дня", "{count} дней"), "other placeholders"),
        ("de", ONE, ("ein Tag", "{count} Tage"), None),
        ("ja", COUNT, ("{count}日",), None),
        ("ja", ONE, ("日",), "other placeholders"),
    ],
)
def test_what_is_wrong_with_a_translation_is_said(
    tmp_path: Path, language: str, text: str | tuple[str, ...], translation: object, fault: str | None
) -> None:
    said = list(faults(catalog_of(tmp_path, language, text, translation), found(text)))
    assert (said == []) if fault is None else (len(said) == 1 and said[0].startswith(fault)), said


def test_a_catalog_that_is_not_up_to_date_and_one_compiled_from_another_are_found(tmp_path: Path) -> None:
    po = catalog_of(tmp_path, "ru", "Hello", "Привет")
    assert list(faults(po, found("Good evening"))) == ["not up to date: 1 new texts, 1 that are gone"]
    po.write_text(po.read_text().replace("Привет", "Здравствуйте"))
    assert list(faults(po, found("Hello"))) == ["the .mo file is compiled from another version"]


def test_a_reworded_text_keeps_its_translation_as_a_fuzzy_one(tmp_path: Path) -> None:
    po = catalog_of(tmp_path, "ru", "You have left this room.", "Вы покинули комнату.")
    update(po, found("You left this room."))
    assert list(faults(po, found("You left this room."))) == ["fuzzy: 'You left this room.'"]


def test_texts_of_templates_and_of_python_are_collected() -> None:
    ids = {message.id for message in extracted()}
    assert {"Write a message", "There is no such command.", ("%d day", "%d days")} <= ids
    assert ("{count} new message", "{count} new messages") in ids
