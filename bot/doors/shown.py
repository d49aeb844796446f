"""How a talk is shown to the one who writes: only what has gone out, and only the open question's buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

from bot.channels.base import BUTTON, TEXT
from messages.catalog import Book
from rules.calendar import STOCKHOLM, to_local
from storage.timeline import Line

BEGAN: Final = "/start"


@dataclass(frozen=True, slots=True)
class Button:
    """What stands on it, and what it sends."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as a phone shows it. `note` is what it was when it was no text; `pressed` that it was a button.

    `moment` is its day and clock in one.
    """

    id: str
    who: Literal["me", "bot", "staff"]
    text: str
    day: str
    clock: str
    moment: str
    state: str
    note: str = ""
    pressed: bool = False
    buttons: tuple[Button, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def shown(lines: Sequence[Line], today: date, book: Book, zone: str = STOCKHOLM) -> list[Shown]:
    """Give what a phone shows of a contact's lines, ours in the words of `book`.

    Buttons stay on the last message, until something is answered.
    """
    labels = {value: label for line in lines for label, value in line.buttons}
    visible = [line for line in lines if line.reached]
    return [
        _shown(line, labels, today, book, zone, with_buttons=line.who != "person" and line is visible[-1])
        for line in visible
    ]


def _shown(line: Line, labels: dict[str, str], today: date, book: Book, zone: str, *, with_buttons: bool) -> Shown:
    wall, words = to_local(line.at, zone), book.pages
    text, note = line.text if line.text is not None else words.plain("chat.deleted"), ""
    if line.who == "person":
        if line.kind == BUTTON:
            text = labels.get(text, words.plain("chat.button"))
        elif line.kind != TEXT:
            kinds = words.under("chat.kind")
            note, text = kinds.get(line.kind, kinds["other"]), ""
        elif text.split(" ")[0] == BEGAN:
            note, text = words.plain("chat.opened"), ""
    day, clock = book.words.day(wall.date(), today), book.words.minute(wall)
    return Shown(
        id=str(line.id),  # 63 bits are more than a script's numbers hold
        who="me" if line.who == "person" else line.who,
        text=text,
        day=day,
        clock=clock,
        moment=book.words.joined(day, clock),
        state=line.state,
        note=note,
        pressed=line.who == "person" and line.kind == BUTTON,
        buttons=tuple(Button(label, value) for label, value in line.buttons) if with_buttons else (),
    )
