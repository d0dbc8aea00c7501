"""Write typed text into the fields of a page's form, on the server."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

#: Types of `<input>` into which a person types and chooses no text, so that they are not filled.
_KEPT = ("hidden", "file", "password", "submit", "button", "reset", "image")


class Refilled(HTMLParser):
    """Copies a page and fills the first form that posts to `action`. `address` is the page's own path, to which a form without an
    action posts. `typed` are names and values, in the order of the form."""

    def __init__(self, action: str, address: str, typed: Sequence[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self._action = action
        self._address = address
        self._values: dict[str, list[str]] = {}
        for name, value in typed:
            self._values.setdefault(name, []).append(value)
        self._copied: list[str] = []
        #: The position in the output at which the page's own content begins.
        self._start = 0
        self.found = False
        self._inside = False
        self._selected: list[str] | None = None
        self._skipped = False

    def page(self, notice: str) -> str:
        """Return the page with a message at the beginning of its content."""
        return "".join([*self._copied[: self._start], notice, *self._copied[self._start :]])

    def left(self) -> list[str]:
        """Return the typed values for which the form has no field."""
        return [value for values in self._values.values() for value in values]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        text = self.get_starttag_text() or ""
        if tag == "form" and not self.found and (given.get("method") or "").lower() == "post":
            target = urlsplit(urljoin(self._address, given.get("action") or self._address)).path
            self.found = self._inside = target == self._action
        elif self._inside:
            text = self._filled(tag, given, text)
        self._copied.append(text)
        if tag == "main":
            self._start = len(self._copied)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._selected = None
        if tag == "textarea":
            self._skipped = False
        self._copied.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._put(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self._put(f"<!--{data}-->")

    def _put(self, text: str) -> None:
        if not self._skipped:
            self._copied.append(text)

    def _filled(self, tag: str, given: dict[str, str | None], text: str) -> str:
        name = given.get("name") or ""
        if tag == "option" and self._selected is not None:
            is_selected = given.get("value") in self._selected
            return _tag(tag, given, {"selected": "" if is_selected else None})
        if name not in self._values and given.get("type") not in ("checkbox", "radio"):
            return text
        if tag == "select":
            self._selected = self._values.pop(name)
        elif tag == "textarea":
            self._skipped = True
            return text + "\n" + escape(self._next(name))
        elif tag == "input" and given.get("type") in ("checkbox", "radio"):
            is_selected = (given.get("value") or "on") in self._values.get(name, ())
            if is_selected:
                self._values[name].remove(given.get("value") or "on")
            return _tag(tag, given, {"checked": "" if is_selected else None})
        elif tag == "input" and given.get("type") not in _KEPT:
            return _tag(tag, given, {"value": self._next(name)})
        elif tag in ("input", "button"):
            self._values.pop(name)
        return text

    def _next(self, name: str) -> str:
        """Return the next typed value for the field of this name; several fields may have the same name."""
        values = self._values[name]
        value = values.pop(0)
        if not values:
            del self._values[name]
        return value


def _tag(tag: str, given: dict[str, str | None], changed: dict[str, str | None]) -> str:
    """Return a start tag with some attributes changed; None removes an attribute, an empty text leaves it without a value."""
    attributes = {name: value for name, value in given.items() if name not in changed}
    attributes |= {name: value for name, value in changed.items() if value is not None}
    written = "".join(f' {name}="{escape(value or "")}"' if value else f" {name}" for name, value in attributes.items())
    return f"<{tag}{written}>"
