"""Every text that people read: found by name, filled in, and made fit for the channel it goes out on.

One Jinja2 file a message, `messages/<language>/<flow>/<name>.j2`. Its first line says which facts it uses:

    {# fields: name, promise #}

A second line may say that its buttons are others than the question's options: `{# buttons: go_on: yes, not_now, no #}`,
or only that they have other labels: `{# buttons: resume #}`. In a text a line break is a space and an empty line is a
new line. Beside its facts a text may use `style`, `choices` (the options as a numbered list), `offers` (other
languages) and `lines` (help lines by name). How a text is written and checked: docs/texts.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, Template

from messages.fields import BREAK
from messages.filters import Words, ahead, time_filters, today, word_filters
from messages.guard import Guard
from messages.helplines import load_help_lines
from messages.options import LINE, Button, Options
from messages.page_words import PageWords, page_words
from messages.sms import fold, measure
from messages.variants import Editable, Locked, Variant, editable, read

__all__ = ["Button", "Catalog", "Message", "MissingFactsError", "Rendered", "Style", "UnknownMessageError"]

Style = Literal["sms", "chat"]

HOME = "sv"
"""The language that is always complete; the others fall back to it, message by message."""

MUST_BE_OWN = (
    "self_referral/welcome",
    "self_referral/welcome_back",
    "for_someone_else/knows",
    "talk/help_who",
    "first_care/distress",
    "first_care/distress_who",
    "first_care/distress_again",
    "first_care/violence",
    "first_care/stop_receipt",
    "first_care/start_receipt",
    "first_care/protected",
)
"""Distress, STOPP, who reads, protected identity: a language without these of its own cannot be switched on."""

BUILT_IN = frozenset({"style", "now", "choices", "offers", "lines"})
"""What any text may use without saying so."""

NO_VARIANTS: Mapping[str, Variant] = MappingProxyType({})
MOST_SEGMENTS = 2
_SURELY_FITS = 290
"""GSM-7 texts up to this length need no count: 306 septets are two parts, and ours hold no sign that costs two."""

_FOLDER = Path(__file__).parent
_REMEMBERED = 64
"""So many ways of writing one text without facts are kept; they differ by its choices alone."""
_HEADER = re.compile(r"\{# fields:([^#]*)#\}\n(?:\{# buttons: *([a-z_]+) *(?::([^#]*))?#\}\n)?")
_GUARDED = ("name", "place", "title", "how")
"""Facts that people have typed: left out of an SMS when they hold what another pair of eyes should not read."""


class UnknownMessageError(KeyError):
    """No such message in any language."""

    def __str__(self) -> str:
        return f"no message is called {self.args[0]!r}"


class MissingFactsError(ValueError):
    """A message was rendered without facts that it declares."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it goes out. `version` tells which words were used; `withheld` names facts that were left out."""

    text: str
    buttons: tuple[Button, ...] = ()
    version: str = ""
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One file, read and compiled. `buttons` is an option set and, when not the question's own, its keys."""

    name: str
    language: str
    fields: frozenset[str]
    buttons: tuple[str, tuple[str, ...]] | None
    source: str
    version: str
    template: Template
    written: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)


class Book:
    """The messages of one language. A file is read and compiled the first time that it is asked for."""

    def __init__(self, language: str, folder: Path, offers: str) -> None:
        self.language = language
        self.files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.glob("*/*.j2")}
        self.options = Options(language, _toml(folder / "options.toml"), _toml(folder / "slots.toml"))
        self.help_lines = load_help_lines(language, folder.parent)

        self._folder = folder
        header = _toml(folder / "language.toml")
        self.name = str(header["name"])
        self.words = Words(**{part: header[part] for part in ("lists", "places", "dates", "hours", "meets")})
        self.environment = _environment(self.words, self.options)
        self.globals = {"offers": offers, "lines": {line.key: line.fact() for line in self.help_lines}}
        self._read: dict[str, Message] = {}

    @cached_property
    def pages(self) -> PageWords:
        """The words of the pages that people open."""
        return page_words(self.language, self._folder.parent)

    def message(self, name: str) -> Message:
        """The message called `name`. Raises UnknownMessageError; ValueError for a file without its first line."""
        known = self._read.get(name)
        if known is None:
            if name not in self.files:
                raise UnknownMessageError(name)
            known = self._read[name] = _read_message(name, self.language, self.files[name], self.environment)
        return known


class Catalog:
    """All books. `Catalog.load()` reads the folder; `render` writes a text."""

    def __init__(self, books: Mapping[str, Book], guard: Guard, why: Mapping[str, str]) -> None:
        self.books = books
        self.guard = guard
        self._why = why
        self._editable: dict[str, Editable | Locked] = {}
        self._variants: dict[tuple[str, str], Variant | None] = {}

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> Catalog:
        """Open every language folder that is complete enough to be switched on (see `MUST_BE_OWN`).

        Raises OSError or tomllib.TOMLDecodeError for data that cannot be read.
        """
        headers = {path.parent.name: _toml(path) for path in sorted(folder.glob("*/language.toml"))}
        on = {code: header for code, header in headers.items() if code == HOME or _may_be_on(folder / code, header)}
        books = {code: Book(code, folder / code, _offers(code, on)) for code in on}
        return cls(books, Guard.load(folder), _toml(folder / HOME / "why.toml"))

    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that are on, Swedish first."""
        return (HOME, *sorted(set(self.books) - {HOME}))

    def page_languages(self) -> tuple[str, ...]:
        """The codes of the languages that pages can be shown in, Swedish first."""
        return tuple(code for code in self.languages() if self.books[code].pages.language == code)

    def page_book(self, language: str) -> Book:
        """The book that a page is written from: that of the language, or Swedish where it lacks words of the pages."""
        return self.books[language if language in self.page_languages() else HOME]

    def names(self) -> tuple[str, ...]:
        """Every message's name, in order."""
        return tuple(sorted(self.books[HOME].files))

    def find(self, name: str, language: str = HOME) -> Message:
        """The message in that language, or in Swedish where it has none. Raises UnknownMessageError."""
        book = self.books.get(language)
        if book is None or name not in book.files:
            book = self.books[HOME]
        return book.message(name)

    def editable(self, name: str) -> Editable | Locked:
        """The message as a unit may word it, or why it may not. Raises UnknownMessageError."""
        known = self._editable.get(name)
        if known is None:
            book = self.books[HOME]
            known = self._editable[name] = editable(name, book.message(name).source, book.environment)
        return known

    def variant(self, name: str, text: str) -> Variant | None:
        """A unit's own text, read; None for one that no longer fits the message, whose own words are then used."""
        wanted = name, text
        if wanted not in self._variants:
            base = self.editable(name) if name in self.books[HOME].files else None
            try:
                self._variants[wanted] = read(base, text) if isinstance(base, Editable) else None
            except ValueError:
                self._variants[wanted] = None
        return self._variants[wanted]

    def why(self, key: str) -> str:
        """Why a message went out, as a Swedish sentence for staff. Raises KeyError for an unknown reason."""
        return self._why[key]

    def render(
        self, name: str, *, language: str = HOME, style: Style, facts: Mapping[str, Any], now: datetime,
        variants: Mapping[str, Variant] = NO_VARIANTS,
    ) -> Rendered:  # fmt: skip
        """Write the message `name` for a channel of that style, in a unit's own words where `variants` has them.

        `facts` are the flow's and the standing ones; `now` (aware, UTC) is what "i morgon" is reckoned from. An SMS is
        folded to GSM-7 and says who we are when `facts["first_today"]`. A name that would reveal something, or push the
        SMS past two parts, is left out. Raises UnknownMessageError, MissingFactsError, and jinja2.UndefinedError for a
        name that the text uses without declaring it.
        """
        message = self.find(name, language)
        if not message.fields <= facts.keys():
            raise MissingFactsError(f"{name} needs {', '.join(sorted(message.fields - facts.keys()))}")
        book = self.books[message.language]
        choices, buttons = _choices(message, book, facts, now)
        given = {**facts, **book.globals, "style": style, "now": now, "choices": choices}
        own = variants.get(name) if message.language == HOME else None
        if style == "chat":
            shown = () if facts.get("several") else buttons
            return Rendered(_write(message, given, own), shown, own.version if own else message.version)
        return self._sms(message, given, own)

    def _sms(self, message: Message, given: dict[str, Any], own: Variant | None) -> Rendered:
        withheld = tuple(
            field for field in _GUARDED if field in message.fields and given[field] and self.guard.refuses(given[field])
        )
        given.update(dict.fromkeys(withheld))
        text = _say_who(_write(message, given, own), given)
        name = given.get("name")
        if name and "name" in message.fields and not _fits(text, name):
            text, withheld = _say_who(_write(message, given | {"name": None}, own), given), (*withheld, "name")
        return Rendered(text, (), own.version if own else message.version, withheld)


def _write(message: Message, given: dict[str, Any], own: Variant | None) -> str:
    """Fill the text in and make it fit its style. One that uses no facts is written once and remembered."""
    style, choices = given["style"], given["choices"]
    if own is not None:
        return _fit(own.write(given), style)
    known = message.written.get((style, choices))
    if known is not None:
        return known
    # As template.render does, without copying the environment's globals into a new dict each time: half the cost.
    context = message.template.new_context(given, shared=True)
    text = _fit("".join(message.template.root_render_func(context)), style)
    if not message.fields and len(message.written) < _REMEMBERED:
        message.written[style, choices] = text
    return text


def _fit(text: str, style: Style) -> str:
    return fold(_tidy(text, "\n")) if style == "sms" else _tidy(text, "\n\n")


def _say_who(text: str, given: Mapping[str, Any]) -> str:
    bot = given.get("bot")
    return f"{bot}: {text}" if given.get("first_today") and bot and bot not in text else text


def _fits(text: str, name: str) -> bool:
    """Whether an SMS is short enough. Only a long text, or a name in another alphabet, has to be measured."""
    if len(text) <= _SURELY_FITS and name.isascii():
        return True
    return measure(text).segments <= MOST_SEGMENTS


def _choices(message: Message, book: Book, facts: Mapping[str, Any], now: datetime) -> tuple[str, tuple[Button, ...]]:
    keys = facts.get("options") or ()
    option_set = facts.get("option_set", "")
    if message.buttons:
        option_set, own = message.buttons
        keys = own or keys
    return book.options.shown(option_set, keys, _own_labels(book, option_set, facts, now)) if keys else ("", ())


def _own_labels(book: Book, option_set: str, facts: Mapping[str, Any], now: datetime) -> Mapping[str, str]:
    """The labels that are written from facts: places, times, and who rings."""
    if option_set in ("time", "meeting"):
        return {each["key"]: book.words.time_with(each, now) for each in facts.get("times", ())}
    if option_set == "not_today":
        return {"staff_name": facts.get("staff_name") or book.words.lists["nobody"]}
    labels: Mapping[str, str] = facts.get("units", {})
    return labels


def _tidy(text: str, gap: str) -> str:
    """One space where a text has several or a line break, `gap` where it has an empty line, nothing at the ends."""
    text = " ".join(text.split())
    if BREAK in text:
        text = gap.join(filter(None, map(str.strip, text.split(BREAK))))
    return text.replace(LINE, "\n")


def _read_message(name: str, language: str, path: Path, environment: Environment) -> Message:
    written = path.read_text(encoding="utf-8")
    header = _HEADER.match(written)
    if header is None:
        raise ValueError(f"{language}/{path.parent.name}/{path.name}: the first line is not {{# fields: ... #}}")
    fields, button_set, keys = header.groups()
    source = re.sub(r"\n[ \t]*\n", f"\n{BREAK}\n", written[header.end() :].strip())
    buttons = (button_set, tuple(_names(keys or ""))) if button_set else None
    version = sha256(written.encode()).hexdigest()[:8]
    template = environment.from_string(source.replace("\n", " "))
    return Message(name, language, frozenset(_names(fields)), buttons, source, version, template)


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _environment(words: Words, options: Options) -> Environment:
    # The texts are plain: no HTML is made here, and the pages that show them escape them themselves.
    environment = Environment(undefined=StrictUndefined, autoescape=False, finalize=_nothing_is_an_error)  # noqa: S701
    environment.filters |= time_filters(words) | word_filters(words, options)
    environment.tests["ahead"] = ahead
    environment.tests["today"] = today
    return environment


def _nothing_is_an_error(value: Any) -> Any:
    if value is None:
        raise MissingFactsError("a text would have said None: it must ask whether the fact is there")
    return value


def _may_be_on(folder: Path, header: Mapping[str, Any]) -> bool:
    return bool(header.get("written_by")) and all((folder / f"{name}.j2").exists() for name in MUST_BE_OWN)


def _offers(language: str, headers: Mapping[str, Mapping[str, Any]]) -> str:
    return " ".join(str(header["offer"]) for code, header in headers.items() if code != language)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
