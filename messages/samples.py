"""Made-up facts that every text is tried with: an ordinary day, nothing known, and the longest names.

A text is rendered with every combination of the values that its fields can have, so that no branch is left unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from messages.helplines import HelpLine, fitting

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
"""A Saturday noon in Sweden: "i morgon" is a Sunday, and next year is near."""

LONG_NAME = "Maximilian-Alexander Björklund"  # 30 signs, as are the next two
LONG_MUNICIPALITY = "Västra Skinnskatteberg-Bjurhol"
LONG_PERSON = "Anna-Christina"
LONG_LINK = "https://ingang.exempelkommunen.example/d/om-det-du-skriver"
LONG_PHONE = "0911-123 45 67"

UNITS = {"alvsbyn": "Älvsbyn", "pitea": "Piteå", "skelleftea": "Skellefteå", "arvidsjaur": "Arvidsjaur"}
LONG_UNITS = {"alvsbyn": LONG_MUNICIPALITY, "ovik": "Örnsköldsvik", "vasby": "Upplands Väsby", "pitea": "Piteå"}
MANY_UNITS = {"alvsbyn": "Älvsbyn", **{f"unit{n}": f"Kommunstad-{n}" for n in range(2, 30)}}

YES_NO = ("yes", "no")
QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "may_ask": ("yesno", YES_NO),
    "knows": ("yesno", YES_NO),
    "name": ("name", ()),
    "birth_year": ("year", ()),
    "municipality": ("unit", (*UNITS, "elsewhere")),
    "help": ("help", ("work", "studies", "wellbeing", "people", "papers", "unsure")),
    "meet": ("meet", ("walk", "ours", "home", "phone", "video", "unsure")),
    "reach": ("reach", ("here", "sms", "call", "no_call")),
    "phone": ("phone", ()),
    "easier": ("free", ()),
    "code": ("code", ()),
    "code_wrong": ("code", ()),
    "code_new": ("code", ()),
    "code_late": ("code", ()),
    "worry": ("free", ()),
    "add": ("free", ()),
    "hard_how": ("hard", ("not_today", "hard")),
    "violence": ("yesno", YES_NO),
    "read_back": (
        "yesno",
        ("yes", *("name", "birth_year", "municipality", "help", "meet", "reach", "phone", "easier")),
    ),
}
"""The flows' questions, by message: option set and options as the flows put them (a test compares)."""

OWN_QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "talk/nudge": ("yesno", YES_NO),
    "talk/check": ("yesno", YES_NO),
    "talk/resting": ("yesno", YES_NO),
}
"""The machine's own questions."""

NO_SLOTS = ("read_back", "violence", "code_wrong", "code_new", "code_late")
SLOTS = (*(slot for slot in QUESTIONS if slot not in NO_SLOTS), "write_here")
"""What the answers are called where they are named back to the person."""

MOMENTS = ("2026-11-23T11:00:00+00:00", None, "2027-01-06T14:30:00+00:00", "2026-11-20T11:00:00+00:00")
VALUES: Mapping[str, tuple[Any, ...]] = {
    "bot": ("Ingång",),
    "unit": ("alvsbyn",),
    "municipality": ("Älvsbyn", None, LONG_MUNICIPALITY),
    "readers": (["Anna", "Erik"], [], ["Anna"], [LONG_PERSON, "Maximilian", "Margareta", "Bo"]),
    "hours": ("vardagar kl. 8-16", "", "måndag, onsdag och fredag kl. 9-15.30"),
    "unit_phone": ("0911-00 00 00", None, LONG_PHONE),
    "info_link": ("ingang.example/d/info", None, LONG_LINK),
    "name": ("Kim", None, LONG_NAME),
    "staffed": (True, False),
    "staffed_until": ("2026-11-21T15:00:00+00:00", None),
    "next_staffed": ("2026-11-23T07:00:00+00:00", None, "2027-01-06T07:30:00+00:00"),
    "promise": ("2026-11-25", None, "2027-01-06", "2026-11-20"),
    "answer_by": MOMENTS,
    "where": ("", None, "ungdomsmottagningen i Piteå, 0911-23 45 67"),
    "birth_year": (2003, None),
    "form": ("walk", None, "ours", "home", "phone", "video", "unsure"),
    "more": (True, False),
    "reach": ("here", "sms", "call", "no_call"),
    "kind": ("voice", "picture", "sticker", "place", "contact", "file", "edited", "reaction", "other"),
    "has_meeting": (False, True),
    "code": ("486213",),
    "way": ("telegram", "sms", "web"),
    "ways": (["telegram"], ["sms"], ["sms", "telegram"]),
    "other_ways": ([], ["telegram"], ["sms"], ["sms", "telegram"]),
    "stays": (True, False),
    "slot": SLOTS,
}
"""What each field can be; the first value is the ordinary one."""

FIELDS = frozenset(VALUES) | {"units", "options", "help_lines", "minor", "first_today"}
"""All fields that a text may have. A new one is added to VALUES, with the values that try it hardest."""


def worlds(
    name: str, fields: frozenset[str], lines: tuple[HelpLine, ...], *, long_lists: bool = True
) -> Iterator[dict[str, Any]]:
    """Facts to try the message `name` with, the ordinary ones first: each combination of what its fields can be."""
    ranges = {field: _range(field, lines) for field in sorted(fields)}
    if fields & {"units", "unit"} or name.endswith(("/municipality", "/municipality.again")):
        ranges["units"] = (UNITS, LONG_UNITS, MANY_UNITS) if long_lists else (UNITS,)
    for combination in product(*ranges.values()):
        facts = _standing(lines) | dict(zip(ranges, combination, strict=True))
        yield facts | _question(name, facts["units"])


def _range(field: str, lines: tuple[HelpLine, ...]) -> tuple[Any, ...]:
    if field == "help_lines":
        return tuple(fitting(lines, road) for road in ("unknown", "adult", "minor"))
    if field in ("units", "options"):
        return (UNITS,) if field == "units" else (QUESTIONS["read_back"][1],)
    return VALUES[field]


def _standing(lines: tuple[HelpLine, ...]) -> dict[str, Any]:
    facts = {field: values[0] for field, values in VALUES.items()}
    return facts | {
        "units": UNITS,
        "minor": "unknown",
        "help_lines": fitting(lines, "unknown"),
        "first_today": False,
    }


def _question(name: str, units: Mapping[str, str]) -> dict[str, Any]:
    slot = name.partition("/")[2].removesuffix(".again")
    option_set, options = OWN_QUESTIONS.get(name) or QUESTIONS.get(slot, ("", ()))
    if option_set == "unit":
        options = (*units, "elsewhere")
    return {"option_set": option_set, "options": options, "several": option_set == "help"}
