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
LONG_TOKEN_LINK = "https://ingang.exempelkommunen.example/d/a1b2c3d4e5f6g7h8i9j0kl"  # noqa: S105 - opens nothing
LONG_ITEM = "Berättade medarbetaren tillräckligt bra om möjligheterna, rättigheterna och skyldigheterna efter träffen?"
LONG_END = "fullständigt otillräckligt jämfört med förväntningarna"

UNITS = {"alvsbyn": "Älvsbyn", "pitea": "Piteå", "skelleftea": "Skellefteå", "arvidsjaur": "Arvidsjaur"}
LONG_UNITS = {"alvsbyn": LONG_MUNICIPALITY, "ovik": "Örnsköldsvik", "vasby": "Upplands Väsby", "pitea": "Piteå"}
MANY_UNITS = {"alvsbyn": "Älvsbyn", **{f"unit{n}": f"Kommunstad-{n}" for n in range(2, 30)}}

YES_NO = ("yes", "no")
YES_LATER = ("yes", "not_now")
CONFIRM = ("yes", "no", "move")
MAY_RATE = ("yes", "no", "other")
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
    "part": ("part", ("morning", "after_lunch", "later", "any")),
    "times": ("time", ("t1", "t2", "t3", "more", "own")),
    "own_time": ("time", ()),
    "right": ("yesno", YES_NO),
    "length": ("length", ("short", "usual", "long")),
    "plan_b": ("plan_b", ("indoors", "phone", "none")),
    "reminder": ("yesno", YES_NO),
    "walk": ("go_on", YES_LATER),
    "offer_from_wish": ("go_on", YES_LATER),
    "which_meeting": ("meeting", ("m1", "m2", "m3")),
    "fits": ("confirm", CONFIRM),
    "new_time": ("go_on", YES_LATER),
    "answer": ("group", ("yes", "maybe", "hard", "no")),
    "meets_you": ("go_on", YES_LATER),
    "which": ("meeting", ("m1", "m2", "m3")),
    "instead": ("not_today", ("shorter", "phone", "another_day", "nothing")),
    "may_rate": ("may_rate", MAY_RATE),
    "may_rate_before": ("may_rate", MAY_RATE),
    "no_other": ("yesno", YES_NO),
    "item": ("rating", (*map(str, range(11)), "skip")),
    "right_number": ("yesno", ("yes",)),
    "change": ("free", ()),
    "anything": ("free", ()),
    "want_to_know": ("yesno", YES_NO),
    "read_back": (
        "yesno",
        ("yes", *("name", "birth_year", "municipality", "help", "meet", "reach", "phone", "easier")),
    ),
}
"""The flows' questions, by message: option set and options as the flows put them (a test compares)."""

REMINDERS = ("three_days", "day_before", "same_day")
OWN_QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "talk/nudge": ("yesno", YES_NO),
    "talk/check": ("yesno", YES_NO),
    "talk/resting": ("yesno", YES_NO),
    **{f"appointment/{name}": ("confirm", CONFIRM) for name in ("confirmation", "changed", *REMINDERS)},
    **{f"appointment/{name}": ("go_on", YES_LATER) for name in ("cancelled_by_us", "missed", "we_failed")},
    **{f"activity/{name}": ("group", ("yes", "maybe", "hard", "no")) for name in ("invitation", "moved")},
    **{f"activity/{name}": ("yesno", YES_NO) for name in ("offer", "day_before")},
    "activity/how_was_it": ("mark", ("h1", "h2", "h3", "h4", "h5")),
}
"""The machine's own questions, and those that a talk begins with."""

STARTED_BY_US = (
    "confirmation",
    "changed",
    "cancelled_by_us",
    *REMINDERS,
    "missed",
    "we_failed",
    "thank_you",
    "calendar",
    "calendar_cancelled",
)
"""Messages about a meeting that no talk says: they go out when their time has come."""

ABOUT_GROUPS = (
    "invitation", "moved", "cancelled", "day_before", "offer", "how_was_it", "here", "here_early", "here_wrong",
)  # fmt: skip
"""Messages about a group activity that no talk says: when their time has come, and at the door."""

NO_SLOTS = ("read_back", "violence", "code_wrong", "code_new", "code_late", "times", "offer_from_wish", "item")
SLOTS = (*(slot for slot in QUESTIONS if slot not in NO_SLOTS), "write_here", "time", "offer", "rating")
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
    "reach": ("here", "sms", "call", "no_call", "page"),
    "kind": ("voice", "picture", "sticker", "place", "contact", "file", "edited", "reaction", "other"),
    "has_meeting": (False, True),
    "code": ("486213",),
    "way": ("telegram", "sms", "web"),
    "ways": (["telegram"], ["sms"], ["sms", "telegram"]),
    "other_ways": ([], ["telegram"], ["sms"], ["sms", "telegram"]),
    "plan_b": ("indoors", "phone", "none", ""),
    "light": (["2026-12-03T08:10:00+00:00", "2026-12-03T12:20:00+00:00"], None),
    "stays": (True, False),
    "slot": SLOTS,
    "asks": (True, False),
    "line": (True, False),
    "changed": (True, False),
    "because": ("no", "cancel", "cancelled", "gone", "sick"),
    "offered": ("first", "more", "move", "wished", "near", "gone"),
    "none_left": (False, True),
    "stands": (None, "2026-12-03T12:30:00+00:00"),
    "staff_name": ("Anna", None, LONG_PERSON),
    "reader": ("Anna", None, LONG_PERSON),
    "read_by": ("2026-11-25", None, "2027-01-06", "2026-11-20"),
    "others": (True, False),
    "answer_link": (None, "ingang.example/d/a1b2c3d4e5f6g7h8i9j0kl", LONG_TOKEN_LINK),
    "curve_link": ("ingang.example/d/a1b2c3d4e5f6g7h8i9j0kl", LONG_TOKEN_LINK),
    "many": (4, 2),
    "n": (1, 4),
    "question": ("Lyssnade Anna på dig?", LONG_ITEM),
    "low": ("inte alls", LONG_END),
    "high": ("helt och hållet", LONG_END),
    "value": (5.0, 7.5),
    "wrote": (True, False),
    "told": (False, True),
    "ahead": (True, False),
    "agreed": (True, False),
    "lead": ("changed", "unclear", "mind", "worry"),
    "address": ("Storgatan 27", None, "Gamla Riksvägen 127, Västra Skinnskatteberg"),
    "met_by": (None, "Erik", LONG_PERSON),
    "places": (7, 12),
    "met": (True, False),
}
"""What each field can be; the first value is the ordinary one."""

LATE = "2027-09-22T12:45:00+00:00"
WALK = {
    "starts": "2026-12-03T12:30:00+00:00",
    "minutes": 40,
    "form": "walk_and_talk",
    "where": "Skutan",
    "find": "Stå vid den blå dörren.",
    "link": "https://kartor.exempel.se/skutan",
    "page": "https://ingang.example/d/a1b2c3d4e5f6",
}
NO_PLACE = {"where": None, "find": None, "link": None, "page": None}
MEETINGS: tuple[Mapping[str, Any], ...] = (
    WALK,
    WALK | NO_PLACE | {"starts": "2026-11-22T08:00:00+00:00"},
    WALK | {"starts": "2026-11-21T13:00:00+00:00"},
    WALK
    | {
        "starts": LATE,
        "where": "Elofstorpsvägens bussterminal, Storgatan 127",
        "find": "Gå in genom porten och ta hissen till tredje våningen.",
        "link": "https://kartor.exempelkommunen.example/?plats=elofstorp",
        "page": "https://ingang.exempelkommunen.example/d/a1b2c3d4e5f6",
    },
    *(WALK | {"form": form} for form in ("visit", "office", "phone", "video")),
    *(WALK | NO_PLACE | {"form": form} for form in ("visit", "office", "phone", "video")),
)
"""Meetings as the texts know them. Their fields go together: they are no product of all that each can be."""

MEETING_FIELDS = frozenset(WALK)
GROUP: Mapping[str, Any] = {
    "starts": "2026-12-08T13:00:00+00:00",
    "ends": "2026-12-08T14:30:00+00:00",
    "title": "lagar vi mat hos oss",
    "where": None,
    "how": "Vi är fem personer. Det går bra att bara sitta med.",
    "until": "2026-12-04T11:00:00+00:00",
}
_LONGEST: Mapping[str, Any] = {
    "starts": LATE,
    "ends": LATE,
    "until": LATE,
    "title": "provar vi keramik tillsammans med Konsthantverkarcentrum i Piteå",
    "where": "Elofstorpsvägens bussterminal, Storgatan 127 i Skellefteå",
    "how": "Det går bra att bara titta på hela tiden.",
}
GROUPS: tuple[Mapping[str, Any], ...] = (
    GROUP,
    {**GROUP, "title": None, "where": None, "how": None, "until": None, "ends": None},
    {**GROUP, "starts": "2026-11-22T13:00:00+00:00", "where": "Skutan", "how": None},
    _LONGEST,
)
"""Group activities as the texts know them; the second as it is told where another reads the phone."""

GROUP_FIELDS = frozenset(GROUP)
ABOUT_MEETINGS = ("appointment", "walk_and_talk", "times")
"""The folders where `form` and `where` are a meeting's."""

_DAYS = tuple(f"2026-12-0{n}T12:30:00+00:00" for n in (1, 2, 3))
TIMES = tuple({"key": f"t{n}", "starts": starts, "with": None} for n, starts in enumerate(_DAYS, start=1))
THEIR_TIMES = tuple({"key": f"m{n}", "starts": starts, "with": "Anna"} for n, starts in enumerate(_DAYS, start=1))
LISTS_OF_TIMES = (("t1", "t2", "t3", "more"), ("t1", "t2", "t3", "own"))
"""Times to choose among, by the keys of their options: free ones, and meetings that somebody has."""

FIELDS = (
    frozenset(VALUES)
    | MEETING_FIELDS
    | GROUP_FIELDS
    | {"units", "option", "options", "help_lines", "minor", "first_today", "times"}
)
"""All fields that a text may have. A new one is added to VALUES, with the values that try it hardest."""


def worlds(
    name: str, fields: frozenset[str], lines: tuple[HelpLine, ...], *, long_lists: bool = True
) -> Iterator[dict[str, Any]]:
    """Facts to try the message `name` with, the ordinary ones first: each combination of what its fields can be."""
    about_meetings, about_groups = name.partition("/")[0] in ABOUT_MEETINGS, name.startswith("activity/")
    plain = (
        fields - MEETING_FIELDS - {"times"} if about_meetings else fields - (GROUP_FIELDS if about_groups else set())
    )
    ranges = {field: _range(field, lines, name) for field in sorted(plain)}
    meetings = MEETINGS if fields & MEETING_FIELDS and about_meetings else ({},)
    meetings = GROUPS if fields & GROUP_FIELDS and about_groups else meetings
    if fields & {"units", "unit"} or name.endswith(("/municipality", "/municipality.again")):
        ranges["units"] = (UNITS, LONG_UNITS, MANY_UNITS) if long_lists else (UNITS,)
    if "times" in fields or _question(name, UNITS)["option_set"] in ("time", "meeting"):
        times = TIMES if name.startswith("times/") else THEIR_TIMES
        ranges["times"] = (times, tuple({**each, "starts": LATE, "with": LONG_PERSON} for each in times))
    for *combination, meeting in product(*ranges.values(), meetings):
        facts = _standing(lines) | dict(zip(ranges, combination, strict=True)) | meeting
        yield (
            _question(name, facts["units"]) | facts if "options" in ranges else facts | _question(name, facts["units"])
        )


def _range(field: str, lines: tuple[HelpLine, ...], name: str) -> tuple[Any, ...]:
    if field == "help_lines":
        return tuple(fitting(lines, road) for road in ("unknown", "adult", "minor"))
    if field == "units":
        return (UNITS,)
    if field == "option":
        return QUESTIONS[name.partition("/what_")[2]][1]
    if field == "options":
        return LISTS_OF_TIMES if name.startswith("times/") else (QUESTIONS["read_back"][1],)
    return VALUES[field]


def _standing(lines: tuple[HelpLine, ...]) -> dict[str, Any]:
    facts = {field: values[0] for field, values in VALUES.items()}
    return facts | {
        "units": UNITS,
        "times": TIMES,
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
