"""The journal: everything that has happened in one talk, in the order in which it happened.

An entry is plain JSON with a key `k` (the step's name and its occurrence: `slot`, `slot#2`) and a type `t`:

    say      we said it                          answer   the value `v`, read from `raw` with word list `words`
    ask      we asked it                         unclear  `raw` was not read
    do       done: command `as`, result `v`      heard    `raw` belongs to this question, to be read when it is reached
    undo     a read or hold was dropped          aside    `raw` belongs to no question; staff have it
    reopen   the answer was taken back              restart  everything above no longer holds

Nothing is ever removed; what holds now is found by reading from the start, later entries over earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]


class Journal:
    """What has happened in one talk, and what of it holds now."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = []
        self._forget()
        for entry in entries:
            self.add(entry)

    def _forget(self) -> None:
        self._said: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._answers: dict[str, Entry] = {}
        self._done: dict[str, Entry] = {}
        self._heard: dict[str, str] = {}
        self._unclear: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._puzzled: set[str] = set()
        self.last_asked: str | None = None
        self.to_check = ""

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def since(self, place: int) -> list[Entry]:
        """The entries from that place on."""
        return self._entries[place:]

    def add(self, entry: Entry) -> None:
        """Write one entry."""
        self._entries.append(entry)
        key = entry["k"]
        match entry["t"]:
            case "say":
                self._said.add(key)
            case "ask":
                self.last_asked = key
                self._kinds[key] = entry["as"]
                self._unclear.pop(key, None)
                self._puzzled.discard(key)
                self.to_check = entry.get("raw", "")
            case "answer":
                self._answers[key] = entry
                self._kinds[key] = entry["as"]
                self._heard.pop(key, None)
            case "reopen":
                self._answers.pop(key, None)
                self._heard.pop(key, None)
                self.last_asked = None  # whatever is reached next is put again
            case "do":
                self._done[key] = entry
                self._kinds[key] = entry["as"]
            case "undo":
                self._done.pop(key, None)
            case "heard":
                self._heard[key] = entry["raw"]
            case "unclear":
                self._unclear[key] = self._unclear.get(key, 0) + 1
            case "told":
                self._told[key] = self._told.get(key, 0) + 1
            case "puzzled":
                self._puzzled.add(key)
            case "restart":
                self._forget()

    def said(self, key: str) -> bool:
        """Whether this has been said."""
        return key in self._said

    def answer(self, key: str) -> Entry | None:
        """The answer that holds, or None."""
        return self._answers.get(key)

    def done(self, key: str) -> Entry | None:
        """The command as it was done, unless it was undone."""
        return self._done.get(key)

    def heard(self, key: str) -> str | None:
        """Words that wait for their question to be reached."""
        return self._heard.get(key)

    @property
    def times_asked(self) -> int:
        """How many questions have been put in all. It stands in the buttons, so that an old one is known as old."""
        return sum(entry["t"] == "ask" for entry in self._entries)

    def has(self, key: str) -> bool:
        """Whether anything was ever written under this key."""
        return any(entry["k"] == key for entry in self._entries)

    def times_unclear(self, key: str) -> int:
        """How often an answer was not read since the question was asked."""
        return self._unclear.get(key, 0)

    def times_told(self, key: str) -> int:
        """How often they told of it and answered nothing."""
        return self._told.get(key, 0)

    def was_puzzling(self, key: str) -> bool:
        """Whether they asked what the question meant since it was asked, and it was put once more."""
        return key in self._puzzled

    def kind(self, key: str) -> str | None:
        """The kind of step that this key was when it was first met, or None."""
        if key in self._said:
            return "Say"
        return self._kinds.get(key)

    def answers_in_order(self) -> list[Entry]:
        """The answers that hold, oldest first by when each was last given."""
        holding = {id(entry) for entry in self._answers.values()}
        return [entry for entry in self._entries if id(entry) in holding]

    def done_after(self, entry: Entry) -> list[Entry]:
        """The commands done after this entry and not undone, newest first."""
        position = next(i for i, each in enumerate(self._entries) if each is entry)
        holding = {id(each) for each in self._done.values()}
        return [each for each in reversed(self._entries[position + 1 :]) if id(each) in holding]

    def all_done(self) -> list[Entry]:
        """Every command done and not undone, newest first."""
        holding = {id(each) for each in self._done.values()}
        return [each for each in reversed(self._entries) if id(each) in holding]
