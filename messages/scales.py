"""The short scales that people answer: data in messages/sv/scales/<slug>.toml, no code a scale.

A scale is a title for staff, when it is asked (before or after a session, or as a check-in after some months), and its
items, each with a question and both ends named. Another language says a known scale in its own words, item by item, in
messages/<language>/scales/<slug>.toml. ORS and SRS are empty places: their words are licensed, and a unit that holds a
licence writes them in its settings (`fill`).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from rules.ratings import INSTRUMENTS, Instrument

HOME: Final = "sv"
NAME: Final = "{name}"
Role = Literal["before", "after", "check_in"]

LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {"question": 120, "without_name": 120, "low": 60, "high": 60, "opening": 200}
)
"""The most characters of each text: an item with both ends must fit two SMS segments."""

_FOLDER: Final = Path(__file__).parent
_SCALE: Final = frozenset({"title", "role", "instrument", "licensed", "version", "months", "opening", "items"})
_ITEM: Final = frozenset({"key", "dimension", "question", "without_name", "low", "high"})
_WORDS: Final = frozenset({"question", "without_name", "low", "high"})
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class BadScale(ValueError):
    """A scale that cannot be used; the text names the file or place, the setting, and what to write instead."""


@dataclass(frozen=True, slots=True)
class ScaleItem:
    """One item. `question` may hold {name}, the staff member's first name; `low` and `high` name 0 and 10."""

    key: str
    dimension: str
    question: str = ""
    low: str = ""
    high: str = ""
    without_name: str = ""

    def asked(self, name: str | None) -> str:
        """The question as it is put to the person; `name` None or "" when no staff member is known."""
        if NAME not in self.question:
            return self.question
        return self.question.replace(NAME, name) if name else self.without_name


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale. `version` tells its texts apart; `months` are when a check-in is due, counted from the start."""

    slug: str
    title: str
    role: Role
    instrument: Instrument
    licensed: bool
    version: str
    items: tuple[ScaleItem, ...]
    months: tuple[int, ...] = ()
    opening: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it lacks words, as a licensed one does until a unit has put them in."""
        return not all(item.question and item.low and item.high for item in self.items)

    @property
    def keys(self) -> tuple[str, ...]:
        """The items' keys, in the order that they are asked and scored."""
        return tuple(item.key for item in self.items)


@cache
def load_scales(language: str = HOME, folder: Path = _FOLDER) -> Mapping[str, Scale]:
    """All scales by slug, in the words of `language`, Swedish where it has none. Raises BadScale."""
    found = {path.stem: _home(path) for path in sorted((folder / HOME / "scales").glob("*.toml"))}
    if language != HOME:
        for path in sorted((folder / language / "scales").glob("*.toml")):
            found[path.stem] = _translated(found.get(path.stem), path)
    return MappingProxyType(found)


def in_language(scale: Scale, language: str) -> Scale:
    """The same scale in another language where it is written; licensed words stay as the licence holder wrote them."""
    return scale if scale.licensed else load_scales(language).get(scale.slug, scale)


def fill(scale: Scale, texts: Mapping[str, Any], version: str) -> Scale:
    """Put a unit's licensed texts into the empty place.

    `texts` is {"opening": "...", "items": {key: {"question", "low", "high"}}}, the opening not required; `version`
    names them. Raises BadScale for a scale that is not licensed, for an unknown item or text, and for one that is
    missing or too long.
    """
    place = f"{scale.slug}, licensed texts"
    if not scale.licensed:
        raise BadScale(f"{place}: its words are the program's own; only a licensed scale has an empty place")
    _only(texts, frozenset({"opening", "items"}), place)
    items = _words_by_item(texts.get("items", {}), scale.keys, place)
    filled = tuple(_said(item, items.get(item.key, {}), f"{place}, {item.key}") for item in scale.items)
    for item in filled:
        _complete(item, f"{place}, {item.key}")
    return replace(scale, items=filled, opening=_text(texts, "opening", place), version=version)


def version_of(scale: Scale) -> str:
    """A short name of a scale's words: the same words have the same one, whatever else is in the file."""
    words = [scale.opening, *([i.key, i.question, i.without_name, i.low, i.high] for i in scale.items)]
    return sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:8]


def _home(path: Path) -> Scale:
    data, place = _read(path)
    _only(data, _SCALE, place)
    licensed = data.get("licensed", False)
    if not isinstance(licensed, bool):
        raise BadScale(f"{place}: licensed is {licensed!r}; write true or false")
    rows = data.get("items")
    if not isinstance(rows, list) or not rows:
        raise BadScale(f"{place}: it has no items; write [[items]] for each")
    scale = Scale(
        slug=path.stem,
        title=_needed(data, "title", place),
        role=_one_of(data, "role", get_args(Role), place),
        instrument=_one_of(data, "instrument", INSTRUMENTS, place),
        licensed=licensed,
        version="",
        items=tuple(_item(row, f"{place}, item {number}", licensed) for number, row in enumerate(rows, start=1)),
        months=_months(data, place),
        opening=_text(data, "opening", place),
    )
    _fits(scale, place)
    return replace(scale, version=_text(data, "version", place) or version_of(scale))


def _translated(scale: Scale | None, path: Path) -> Scale:
    data, place = _read(path)
    if scale is None or scale.licensed:
        raise BadScale(f"{place}: only a scale of messages/{HOME}/scales that is not licensed can be translated")
    _only(data, frozenset({"opening", "items"}), place)
    words = _words_by_item(data.get("items", {}), scale.keys, place)
    items = tuple(_said(item, words.get(item.key, {}), f"{place}, {item.key}") for item in scale.items)
    for item in items:
        _complete(item, f"{place}, {item.key}")
    made = replace(scale, items=items, opening=_text(data, "opening", place) or scale.opening)
    return replace(made, version=version_of(made))


def _item(row: object, place: str, licensed: bool) -> ScaleItem:
    if not isinstance(row, dict):
        raise BadScale(f"{place}: write it as [[items]] with key, dimension, question, low and high")
    _only(row, _ITEM, place)
    key = _needed(row, "key", place)
    if not _KEY.fullmatch(key):
        raise BadScale(f"{place}: key is {key!r}; write small letters a-z, digits and _")
    item = _said(ScaleItem(key, _needed(row, "dimension", place)), row, place)
    if licensed and any(row.get(word) for word in _WORDS):
        raise BadScale(f"{place}: a licensed scale lies here without its words; a unit puts them in by its settings")
    if not licensed:
        _complete(item, place)
    return item


def _said(item: ScaleItem, words: Mapping[str, Any], place: str) -> ScaleItem:
    """The item with the words given. A question is given with both its ends, so that no item is in two languages."""
    given = {word: _text(words, word, place) for word in _WORDS if word in words}
    if given:
        given = {"question": "", "without_name": "", "low": "", "high": ""} | given
    return replace(item, **given) if given else item


def _complete(item: ScaleItem, place: str) -> None:
    for word in ("question", "low", "high"):
        if not getattr(item, word):
            raise BadScale(f"{place}: {word} is missing; write it")
    fields = set(re.findall(r"\{[^}]*\}?|\}", item.question + item.low + item.high + item.without_name))
    if fields - {NAME} or NAME in item.low + item.high + item.without_name:
        raise BadScale(f"{place}: only {NAME} can stand in braces, and only in the question")
    if NAME in item.question and not item.without_name:
        raise BadScale(f"{place}: the question holds {NAME}; write without_name too, for when there is no name")


def _fits(scale: Scale, place: str) -> None:
    keys = scale.keys
    if len(set(keys)) != len(keys):
        raise BadScale(f"{place}: two items have the same key")
    if scale.licensed != (scale.instrument != "own"):
        raise BadScale(f"{place}: ORS and SRS are licensed and own is not; correct instrument or licensed")
    if scale.instrument != "own" and len(keys) != 4:
        raise BadScale(f"{place}: {scale.instrument} has four items, and here are {len(keys)}")
    if (scale.role == "check_in") != bool(scale.months):
        raise BadScale(f"{place}: months says when a check-in is due; write it for role = check_in, and only there")


def _months(data: Mapping[str, Any], place: str) -> tuple[int, ...]:
    months = data.get("months", [])
    if not isinstance(months, list) or any(
        isinstance(each, bool) or not isinstance(each, int) or not 0 <= each <= 120 for each in months
    ):
        raise BadScale(f"{place}: months is {months!r}; write whole numbers of months, such as [0, 3, 6, 12]")
    if months != sorted(set(months)):
        raise BadScale(f"{place}: months is {months!r}; write each once, in order")
    return tuple(months)


def _words_by_item(rows: object, keys: tuple[str, ...], place: str) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(rows, Mapping):
        raise BadScale(f"{place}: items is no table; write the words under each item's key")
    for key, row in rows.items():
        if key not in keys:
            raise BadScale(f"{place}: there is no item {key!r}; the items are {', '.join(keys)}")
        if not isinstance(row, Mapping):
            raise BadScale(f"{place}, {key}: write question, low and high")
        _only(row, _WORDS, f"{place}, {key}")
    return rows


def _only(data: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    for key in data:
        if key not in known:
            raise BadScale(f"{place}: {key!r} is not known; what can be written is {', '.join(sorted(known))}")


def _needed(data: Mapping[str, Any], key: str, place: str) -> str:
    text = _text(data, key, place)
    if not text:
        raise BadScale(f"{place}: {key} is missing; write it")
    return text


def _text(data: Mapping[str, Any], key: str, place: str) -> str:
    text = data.get(key, "")
    if not isinstance(text, str) or "\n" in text:
        raise BadScale(f"{place}: {key} is {text!r}; write a text on one line")
    if len(text) > LONGEST.get(key, 80):
        raise BadScale(f"{place}: {key} has {len(text)} characters; at most {LONGEST.get(key, 80)}")
    return text.strip()


def _one_of(data: Mapping[str, Any], key: str, choices: tuple[str, ...], place: str) -> Any:
    if data.get(key) not in choices:
        raise BadScale(f"{place}: {key} is {data.get(key)!r}; write one of {', '.join(choices)}")
    return data[key]


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """What a file holds, and how it is named in an error."""
    place = f"messages/{path.parent.parent.name}/scales/{path.name}"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), place
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadScale(f"{place}: it is not TOML: {fault}") from None
