"""How settings are read: every value by its kind, every fault noted, none hidden behind another.

A setting is a field of a frozen dataclass, made with `setting(...)`; a table or a list of tables is made with
`table(...)` or `tables(...)`. `read_table` fills such a dataclass from what a TOML file held and from the environment.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ingang.errors import UserError

Table = TypeVar("Table")
Reader = Callable[[object], Any]
REQUIRED: Final = dataclasses.MISSING

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the setting's dotted name, what is wrong with it, where it was written, the way out."""

    name: str
    what: str
    where: str
    way_out: str

    def __str__(self) -> str:
        return f"ingang: {self.name} {self.what} ({self.where}): {self.way_out}"


class SettingsError(UserError):
    """Every fault in the settings, at once."""

    def __init__(self, faults: list[Fault]) -> None:
        first = faults[0]
        super().__init__(f"{first.name} {first.what}", first.where, first.way_out)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """Give one line for each fault."""
        return [str(fault) for fault in self.faults]


class Wrong(ValueError):
    """A value that cannot be used: what is wrong with it, and the way out."""

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(what)
        self.what = what
        self.way_out = way_out


# --- what a dataclass of settings is made of -------------------------------------------------------------------------


def setting(reader: Reader, help_text: str, default: Any = REQUIRED, *, secret: bool = False) -> Any:
    """Make a field for one value. A secret one is left out of the dataclass's repr."""
    return field(default=default, repr=not secret, metadata={"read": reader, "help": help_text, "secret": secret})


def table(kind: type) -> Any:
    """Make a field for a table of its own, with its own defaults."""
    return field(default_factory=kind, metadata={"table": kind})


def tables(kind: type) -> Any:
    """Make a field for a list of tables, none by default."""
    return field(default=(), metadata={"tables": kind})


# --- the kinds of value ----------------------------------------------------------------------------------------------


def text(pattern: str = r".*\S.*", way_out: str = 'write some text between quotes, as "..."') -> Reader:
    """Read a string that matches `pattern` whole."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Wrong(f"is {_shown(value)}, not text", way_out)
        if not re.fullmatch(pattern, value):
            raise Wrong(f"is {_shown(value)}" if value else "is empty", way_out)
        return value

    return read


def secret_text(pattern: str, way_out: str) -> Reader:
    """Read a string as `text` does, and never show it in a fault."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Wrong("is not of the right form (it is not shown here)", way_out)
        return value

    return read


def whole(least: int, most: int) -> Reader:
    """Read a whole number from `least` to `most`, both included; from the environment it is spelled in digits."""
    way_out = f"write a whole number from {least} to {most}"

    def read(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Wrong(f"is {_shown(value)}", way_out)
        return value

    return read


def yes_no(value: object) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    raise Wrong(f"is {_shown(value)}", "write true or false")


def one_of(*choices: str) -> Reader:
    """Read one of `choices`."""

    def read(value: object) -> str:
        if value in choices:
            return str(value)
        raise Wrong(f"is {_shown(value)}", f"write {_listed(choices)}{_did_you_mean(str(value), choices)}")

    return read


def time_of_day(value: object) -> time:
    """Read a time such as "08:00" (the unit's local time)."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and (found := _TIME.fullmatch(value)):
        return time(int(found[1]), int(found[2]))
    raise Wrong(f"is {_shown(value)}, which is no time of day", 'write it as "08:00"')


def weekdays(value: object) -> tuple[int, ...]:
    """Read days such as "mon-fri" or "mon, wed, fri" to their numbers, 0 for Monday."""
    way_out = f'write "mon-fri" or "mon, wed, fri", with the days {", ".join(_DAYS)}'
    if not isinstance(value, str):
        raise Wrong(f"is {_shown(value)}", way_out)
    days: set[int] = set()
    for part in value.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if first not in _DAYS or (last or first) not in _DAYS or (dash and not last):
            raise Wrong(f"is {_shown(value)}, where {part.strip()!r} is no day", way_out)
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        if end < start:
            raise Wrong(f"is {_shown(value)}, where {part.strip()!r} runs backwards", way_out)
        days.update(range(start, end + 1))
    return tuple(sorted(days))


def web_address(value: object) -> str:
    """Read an address such as "https://ingang.example", with no path; a slash at its end is dropped."""
    way_out = 'write it as "https://ingang.example", without a path'
    if not isinstance(value, str):
        raise Wrong(f"is {_shown(value)}", way_out)
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise Wrong(f"is {_shown(value)}", way_out)
    return value.rstrip("/")


def or_none(reader: Reader) -> Reader:
    """Read what `reader` reads, or an empty text for none."""
    return lambda value: "" if value == "" else reader(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _listed(words: tuple[str, ...]) -> str:
    return " or ".join(", ".join(f'"{word}"' for word in words).rsplit(", ", 1))


def _did_you_mean(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


# --- reading a table -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where values came from: the file's name, and each value that a variable of the environment replaced."""

    file: str
    variables: Mapping[str, str] = field(default_factory=dict)  # dotted name -> the variable's name

    def of(self, name: str) -> str:
        """Say where the setting `name` was written."""
        return self.variables.get(name, self.file)


def read_table(kind: type[Table], raw: object, name: str, source: Source, faults: list[Fault]) -> Table | None:
    """Fill the dataclass `kind` from `raw`, or give None; every fault is added to `faults` under its dotted name.

    What is wrong between values is told even where a table beside is not whole; then too there is a fault.
    """
    if not isinstance(raw, Mapping):
        faults.append(Fault(name, "is not a table", source.of(name), f"write it under a line [{name}]"))
        return None
    fields = {one.name: one for one in dataclasses.fields(kind) if one.metadata}  # type: ignore[arg-type]
    for key in raw.keys() - fields.keys():
        dotted = _join(name, key)
        way_out = f"remove it{_did_you_mean(key, tuple(fields))}; docs/settings.md lists what there is"
        faults.append(Fault(dotted, "is no setting", source.of(dotted), way_out))
    values = {
        key: _read_field(one, raw[key], _join(name, key), source, faults) for key, one in fields.items() if key in raw
    }
    needed = {key for key, one in fields.items() if one.default is REQUIRED and one.default_factory is REQUIRED}
    faults.extend(
        Fault(_join(name, key), "is missing", source.file, f"add it. {fields[key].metadata['help']}")
        for key in needed - raw.keys()
    )
    if raw.keys() - fields.keys() or needed - raw.keys() or any(_is_unread(value) for value in values.values()):
        return None
    filled = kind(**values)
    faults.extend(Fault(_join(name, key), what, source.of(_join(name, key)), out) for key, what, out in _own(filled))
    return filled


def _read_field(one: dataclasses.Field[Any], raw: object, name: str, source: Source, faults: list[Fault]) -> Any:
    if inner := one.metadata.get("table"):
        return read_table(inner, raw, name, source, faults)
    if inner := one.metadata.get("tables"):
        if not isinstance(raw, list):
            faults.append(
                Fault(name, "is not a list of tables", source.of(name), f"write each under a line [[{name}]]")
            )
            return None
        return tuple(read_table(inner, item, f"{name}.{at}", source, faults) for at, item in enumerate(raw, start=1))
    try:
        return one.metadata["read"](raw)
    except Wrong as wrong:
        faults.append(Fault(name, wrong.what, source.of(name), wrong.way_out))
        return None


def _is_unread(value: object) -> bool:
    return value is None or (isinstance(value, tuple) and None in value)


def _own(filled: object) -> Iterator[tuple[str, str, str]]:
    """Give what a table says is wrong between its own values: key, what, way out."""
    check = getattr(filled, "faults", None)
    return check() if check else iter(())


def _join(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


# --- the environment --------------------------------------------------------------------------------------------------


def overrides(kind: type, raw: dict[str, Any], environment: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Put each INGANG_<SECTION>__<KEY> into `raw`; give dotted name -> variable.

    INGANG_<SECTION>__<KEY>_FILE names a file that holds the value of a secret.
    """
    found: dict[str, str] = {}
    for variable, given in environment.items():
        section, both, key = variable.removeprefix("INGANG_").lower().partition("__")
        if not variable.startswith("INGANG_") or not both:
            continue
        if section == "units":
            faults.append(Fault(f"units.{key}", "cannot be set here", variable, "units are written in config.toml"))
            continue
        value: str | None = given
        if key.endswith("_file") and _is_secret(kind, section, key.removesuffix("_file")):
            key, plain = key.removesuffix("_file"), variable.removesuffix("_FILE")
            if plain in environment:
                way_out = f"remove one of {plain} and {variable}"
                faults.append(Fault(f"{section}.{key}", "is given twice", variable, way_out))
                continue
            value = _held_in(Path(given), f"{section}.{key}", variable, faults)
        if value is not None:
            found[f"{section}.{key}"] = variable
            if section not in raw:
                found[section] = variable
            inner = raw.setdefault(section, {})
            if isinstance(inner, dict):
                inner[key] = value
    return found


def _is_secret(kind: type, section: str, key: str) -> bool:
    inner = {one.name: one.metadata.get("table") for one in dataclasses.fields(kind)}.get(section)
    return inner is not None and key in {one.name for one in dataclasses.fields(inner) if one.metadata.get("secret")}


def _held_in(path: Path, name: str, variable: str, faults: list[Fault]) -> str | None:
    """Give what stands in a file, without the line's end; None, and a fault, when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        faults.append(Fault(name, f"is in a file that cannot be read: {why}", variable, "name a file that it can read"))
    return None
