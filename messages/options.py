"""What can be chosen and what can be changed: the labels that people read.

Data in messages/<language>/options.toml and slots.toml; the words that choose an option stand beside its label there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LINE = "\ue000"
"""Stands for a line break until the text is tidied: private use, so that no one's words hold it."""

WRITTEN = frozenset({"unit", "time", "meeting"})
"""Sets whose labels are written from facts."""

FILLED = frozenset({"not_today"})
"""Sets whose labels name somebody."""

BY_WORD = frozenset({("time", "more")})
"""Options that a button shows and a text asks for by a word (FLER): they stand last."""

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

    def label(self, option_set: str, key: str, own: Mapping[str, str]) -> str:
        """What people read for one option. Raises UnknownOptionError.

        `own` are labels written from facts, for the sets in WRITTEN: a unit's is its municipality, a time's its clock.
        """
        if option_set in WRITTEN and key in own:
            return own[key]
        try:
            label = self._labels[option_set][key]
        except KeyError:
            raise UnknownOptionError(f"[{option_set}.{key}] is not in messages/{self._language}/options.toml") from None
        return label.format_map(own) if option_set in FILLED else label

    def about(self, slot: str) -> str:
        """How the question of a slot is named ("frågan om ..."). Raises UnknownOptionError."""
        try:
            return self._about[slot]
        except KeyError:
            raise UnknownOptionError(f"[{slot}] is not in messages/{self._language}/slots.toml") from None

    def shown(self, option_set: str, keys: Sequence[str], own: Mapping[str, str]) -> tuple[str, tuple[Button, ...]]:
        """The options as a numbered list, a line each, and as buttons. What is asked for by a word has no number."""
        if option_set in WRITTEN | FILLED:
            return self._show(option_set, keys, own)
        wanted = option_set, tuple(keys)
        known = self._shown.get(wanted)
        if known is None:
            known = self._shown[wanted] = self._show(option_set, keys, own)
        return known

    def _show(self, option_set: str, keys: Sequence[str], own: Mapping[str, str]) -> tuple[str, tuple[Button, ...]]:
        labels = [self.label(option_set, key, own) for key in keys]
        numbered = LINE.join(
            f"{number} {label}"
            for number, (key, label) in enumerate(zip(keys, labels, strict=True), start=1)
            if (option_set, key) not in BY_WORD
        )
        buttons = (Button(label[:1].upper() + label[1:], key) for label, key in zip(labels, keys, strict=True))
        return numbered, tuple(buttons)
