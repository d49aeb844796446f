"""What may come back in a talk about a group activity, for the walk through all roads (see meeting_talks.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.group_words import ABOUT

COOKING: Mapping[str, Any] = {
    "id": 5, "version": 2, "starts": "2026-12-08T13:00:00+00:00", "title": "lagar vi mat hos oss", "how": None,
    "where": None, "address": "Storgatan 27", "places": 7, "comes": False, "met_by": None, "agreed": False,
    "staff_name": "Erik", "meets": "Anna", "line": True,
}  # fmt: skip
CAME = ("in", "full", "went", "kept", "changed", "cancelled", "begun", "gone")
ANSWERS: Mapping[str, tuple[Any, ...]] = {
    "which": ({"pick": 0}, {"pick": 1}, {"picks": [0, 1]}),
    "answer": tuple({"wish": wish, "said": "", "minutes": None} for wish in ("yes", "hard", "maybe", "no", "late")),
    "meets_you": (True, False),
}
RESULTS: Mapping[str, tuple[Any, ...]] = {
    "AnswerInvitation": (
        *({"came": came, "activity": None if came == "gone" else COOKING} for came in CAME),
        {"came": "in", "activity": {**COOKING, "meets": None}},
    ),
    "LookAtActivity": ({"activity": COOKING}, {"activity": {**COOKING, "comes": True}}, {"activity": None}),
    "MeetOutside": ({},),
    "TellAboutActivity": (
        {"staffed": True, "answer_by": None, "name": "Erik"},
        {"staffed": False, "answer_by": None, "name": None},
    ),
    "RateActivity": ({},),
}
WISHES = ("yes", "hard", "maybe", "no", "not_now", "sick", "late", "lost", "when", "unclear", "free", *ABOUT)
_ASKING = [
    {"kind": "group", "id": 5, "version": 2, "starts": COOKING["starts"], "with": None},
    {"kind": "meeting", "id": 1, "version": 1, "starts": "2026-12-03T12:30:00+00:00", "with": "Anna"},
]
ROOTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    *(("activity", {"wish": wish, "said": "hej", "invitation": 5, "version": 1}) for wish in WISHES),
    ("activity", {"wish": "yes", "said": "ja", "among": _ASKING}),
    ("activity", {"wish": "mark", "invitation": 5, "value": 4}),
)
