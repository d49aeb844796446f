"""What can be chosen and what can be changed: the labels that people read.

Data in messages/<language>/options.toml and slots.toml; the words that choose an option stand beside its label there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LINE = "\ue000"
"""Stands for a line break until the text is tidied: private use, so that no one's words hold it."""

Table = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Button:
    """A choice that can be pressed: what it says, and the option key that pressing it gives."""

    label: str
    value: str


class UnknownOptionError(KeyError):
    """No label for an option; the text names the set, the key and the file."""

    def __str__(self) -> str:
        return str(self.args[0])


class Options:
    """The labels of one language. `options`: set -> key -> label and words; `slots`: slot -> label, about and words."""

    def __init__(self, language: str, options: Mapping[str, Table], slots: Table) -> None:
        self._language = language
        self._labels = {name: {key: str(row["label"]) for key, row in keys.items()} for name, keys in options.items()}
        self._labels["slot"] = {slot: str(row["label"]) for slot, row in slots.items()}
        self._about = {slot: str(row["about"]) for slot, row in slots.items()}
        self._shown: dict[tuple[str, tuple[str, ...]], tuple[str, tuple[Button, ...]]] = {}

    def label(self, option_set: str, key: str, units: Mapping[str, str]) -> str:
        """What people read for one option; a unit's is its municipality. Raises UnknownOptionError."""
        if option_set == "unit" and key in units:
            return units[key]
        try:
            return self._labels[option_set][key]
        except KeyError:
            raise UnknownOptionError(f"[{option_set}.{key}] is not in messages/{self._language}/options.toml") from None

    def about(self, slot: str) -> str:
        """How the question of a slot is named ("frågan om ..."). Raises UnknownOptionError."""
        try:
            return self._about[slot]
        except KeyError:
            raise UnknownOptionError(f"[{slot}] is not in messages/{self._language}/slots.toml") from None

    def shown(self, option_set: str, keys: Sequence[str], units: Mapping[str, str]) -> tuple[str, tuple[Button, ...]]:
        """The options as a numbered list, a line each, and as buttons."""
        if option_set == "unit":
            return self._show(option_set, keys, units)
        wanted = option_set, tuple(keys)
        known = self._shown.get(wanted)
        if known is None:
            known = self._shown[wanted] = self._show(option_set, keys, units)
        return known

    def _show(self, option_set: str, keys: Sequence[str], units: Mapping[str, str]) -> tuple[str, tuple[Button, ...]]:
        labels = [self.label(option_set, key, units) for key in keys]
        numbered = LINE.join(f"{number} {label}" for number, label in enumerate(labels, start=1))
        buttons = (Button(label[:1].upper() + label[1:], key) for label, key in zip(labels, keys, strict=True))
        return numbered, tuple(buttons)
