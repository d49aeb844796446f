"""Loading the word lists. The lists are data: one folder a language, `messages/<language>/words/*.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent
MAIN = ("sv", "en")
"""Languages whose lists are complete. The others add what everybody should be met with: yes, no, stop, help, alarm."""


def languages() -> tuple[str, ...]:
    """Codes of all languages that have word lists, in alphabetical order."""
    return tuple(sorted(folder.parent.name for folder in _ROOT.glob("*/words")))


def load_words(language: str) -> dict[str, Any]:
    """All word lists for one language, merged: its own first, then those of every other language.

    In: a language code such as "sv". Out: data for Lexicon.from_data, with the language's options.toml and slots.toml
    as "options" and "slots" when there are any, what its second net was taught (second/*) as "second", and the
    lists of that language alone as "own": only they mend typos.
    Where two languages claim a word, the first one keeps it: order is meaning here. Raises LookupError for an unknown
    language, and tomllib.TOMLDecodeError with the fault in a file.
    """
    known = languages()
    if language not in known:
        raise LookupError(f"no word lists for language {language!r}; there are {', '.join(known)}")
    own = _folder(language)
    merged: dict[str, Any] = {"language": language, "own": own}
    for code in dict.fromkeys((language, *MAIN, *known)):
        _merge(merged, own if code == language else _folder(code))
    for name in ("options", "slots"):
        path = _ROOT / language / f"{name}.toml"
        if path.exists():
            merged[name] = _read(path)
    for path in sorted((_ROOT / language / "second").glob("*.toml")):
        _merge(merged.setdefault("second", {}), _read(path))
    for path in sorted(
        (_ROOT / language / "second").glob("*.net")
    ):  # as they lie: unpacked where they are first needed
        merged.setdefault("second", {})[path.stem] = path.read_bytes()
    return merged


def _folder(code: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for path in sorted((_ROOT / code / "words").glob("*.toml")):
        _merge(merged, _read(path))
    return merged


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add lists to lists and tables to tables, keeping what is there first."""
    for key, value in more.items():
        if isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            into.setdefault(key, []).extend(value)
        else:
            into.setdefault(key, value)
