"""What could not be done, as a page says it: beside which field, in whole sentences, with no command of a terminal."""

from __future__ import annotations

import re
from typing import Final

from staff.people import DeskFault

FIELDS: Final = {
    "--at": "when",
    "--minutes": "minutes",
    "--form": "form",
    "--place": "place",
    "--with": "member",
    "--unit": "unit",
    "--device": "device",
    "DAY": "day",
    "HOURS": "hours",
    "FIRST_NAME": "name",
}
"""Where a fault belongs, as forms name their fields; what is not here stands above the form."""

_TERMINAL: Final = re.compile(r"(?<!\w)--\w|\bingang \w|[A-Z]{4,}:[A-Z]{4,}")


def field_of(fault: DeskFault) -> str:
    """Give the field that a fault is about, "" for the whole form."""
    return FIELDS.get(fault.where, "")


def in_words(fault: DeskFault) -> str:
    """Give a fault in whole sentences; the way out too, unless it is one for a terminal."""
    told = _sentence(fault.what)
    return told if _TERMINAL.search(fault.way_out) else f"{told} {_sentence(fault.way_out)}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""
