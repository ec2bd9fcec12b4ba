"""What a browser would send of a page's form."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    """The fields of one form, as they stand; buttons are the caller's."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.found: dict[str, str] = {}
        self._is_inside = False
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = attributes.get("id", "") == self.form_id
        elif self._is_inside and tag in ("input", "textarea", "select", "option"):
            self._field(tag, attributes)

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        kind = attributes.get("type", "text")
        if tag == "textarea":
            self._textarea, self.found[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in attributes or self._select not in self.found:
                self.found[self._select] = value
        elif kind in ("checkbox", "radio"):
            if "checked" in attributes:
                self.found[name] = value or "on"
        elif name and kind not in ("submit", "button", "file"):
            self.found[name] = value

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.found[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.found[self._textarea] = self.found[self._textarea].removeprefix("\n")
            self._textarea = ""
        elif tag == "form":
            self._is_inside = False


def fields_of(page: str, form_id: str = "") -> dict[str, str]:
    """The fields of the form with this id (of those without one, if none is said), with their values."""
    parser = _Fields(form_id)
    parser.feed(page)
    return parser.found
