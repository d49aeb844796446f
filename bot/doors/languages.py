"""In which language a page is shown: the person's own; for whoever is not known, what their browser asks for.

Whoever is not known also gets a plain link to the same page in each other language, `?lang=en`. Links and forms of such
a page carry it on, so that nothing has to be kept on the device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from bot.doors.pages import PAGES
from messages.catalog import HOME, Book, Catalog
from messages.filters import up
from messages.page_words import Html

ASKED: Final = "lang"
"""The name of the language in an address and in a form."""

_PART: Final = re.compile(
    r"\s*([a-z]{2,3}|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE
)
_LONGEST_HEADER: Final = 500


@dataclass(frozen=True, slots=True)
class Link:
    """The same page in another language."""

    language: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Language:
    """How a page speaks. `others` are links for whoever is not known."""

    book: Book
    others: tuple[Link, ...] = ()

    @property
    def in_swedish(self) -> Html:
        """Says of words on a page that they are Swedish, whatever its language: a place, a unit's name."""
        return Html("" if self.book.language == HOME else ' lang="sv"')

    def swedish(self, text: str) -> str:
        """Give Swedish words for the middle of a sentence of the page, marked as what they are."""
        return Html(f"<span{self.in_swedish}>{escape(text)}</span>") if self.in_swedish else text

    def show(self, template: str, status: int = 200, **facts: Any) -> Response:
        """Draw a page. A fact that it lacks is an error."""
        return PAGES.show(
            template, status, t=self.book.pages.say, lang=self.book.language, others=self.others,
            in_swedish=self.in_swedish, swedish=self.swedish, **facts,
        )  # fmt: skip


def of_person(catalog: Catalog, language: str) -> Language:
    """The language that a person is written to in."""
    return Language(catalog.page_book(language))


def of_browser(catalog: Catalog, request: Request, wanted: str = "", **carried: str) -> Language:
    """The language of whoever is not known: `wanted` or ?lang=, else what their browser asks for.

    `carried` is what else the links to the same page hold.
    """
    known = catalog.page_languages()
    wanted = wanted or request.query_params.get(ASKED, "")
    code = wanted if wanted in known else preferred(request.headers.get("accept-language", ""), known)
    links = (_link(catalog, each, carried) for each in known if each != code)
    return Language(catalog.page_book(code), tuple(links))


def preferred(header: str, known: Sequence[str]) -> str:
    """The language of `known` that a browser's Accept-Language likes best; the first one when it is all the same."""
    likes: dict[str, float] = {}
    for part in "".join(header[:_LONGEST_HEADER].lower().split()).split(","):
        found = _PART.fullmatch(part)
        if found is not None:
            code, weight = found[1], float(found[2] or 1)
            likes[code] = max(weight, likes.get(code, 0))
    return max(known, key=lambda code: likes.get(code, likes.get("*", 0)))  # the first of equals


def _link(catalog: Catalog, code: str, carried: Mapping[str, str]) -> Link:
    return Link(code, up(catalog.books[code].name), f"?{urlencode({**carried, ASKED: code})}")
