"""What the texts must say and never say, beside the rules that all share; and that code asks for texts that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flows.asks import Picked
from flows.person import Person
from flows.registry import FLOWS
from flows.steps import DONE, SKIPPED, Ask, Do, Say, Step
from messages.catalog import MUST_BE_OWN, Catalog, Style
from messages.checks import STYLES, samples
from messages.helplines import fitting
from messages.samples import ABOUT_GROUPS, NOW, QUESTIONS, STARTED_BY_US, UNITS, worlds
from tests.flows import meeting_talks

CATALOG = Catalog.load()
LANGUAGES = CATALOG.languages()
SV_LINES = CATALOG.books["sv"].help_lines
ROOT = Path(__file__).resolve().parents[2]

PERSONS = (
    Person(this_year=2026, channel="sms", unit="alvsbyn"),
    Person(this_year=2026, channel="telegram", units=tuple(UNITS), returning=True),
    Person(this_year=2026, channel="web", units=tuple(UNITS), reachable=False, promise="2026-11-25"),
    Person(this_year=2026, channel="sms", units=tuple(UNITS), closed=("pitea",)),
    Person(this_year=2026, channel="sms", units=tuple(UNITS), unit="pitea", closed=("pitea",)),
    Person(this_year=2026, channel="sms", unit="alvsbyn", extra={"role": "before"}),
)
ORDINARY: dict[str, Any] = {
    "may_ask": True,
    "knows": True,
    "name": "Kim",
    "birth_year": 2003,
    "municipality": Picked(("pitea",)),
    "help": Picked(("work",)),
    "meet": Picked(("walk",)),
    "reach": Picked(("call",)),
    "phone": "+46701740605",
    "easier": "tolk",
    "worry": "allt",
    "add": "mer",
    "read_back": True,
    "hard_how": Picked(("not_today",)),
    "write_here": True,
    "code": "486213",
    "may_rate": "yes",
    "may_rate_before": "yes",
    "no_other": True,
    "rating": {"value": 7.0, "sure": True},
    "right_number": {"value": 7.0, "sure": True},
    "change": "mer",
    "anything": "mer",
    "want_to_know": True,
}
ASKED: dict[str, Any] = {
    "rating": 1,
    "item": 1,
    "items": [{"key": key, "question": "Var det bra?", "low": "inte alls", "high": "helt"} for key in "abcd"],
    "reader": "Anna",
    "read_by": "2026-11-25",
    "others": True,
}
TURNS: tuple[dict[str, Any], ...] = (
    {},
    {"may_ask": False, "knows": False, "add": ""},
    {"birth_year": 2015},
    {"birth_year": 1980},
    {"birth_year": 2009, "easier": ""},
    {"birth_year": SKIPPED, "municipality": Picked(("elsewhere",))},
    {"help": DONE},
    {"meet": Picked((), "sjö"), "reach": Picked(("sms",))},
    {"reach": Picked(("sms",)), "code": SKIPPED},
    *({"reach": Picked(("sms",)), "came": came} for came in ("wrong", "new", "late", "over")),
    {"reach": Picked(("sms",)), "sent": False},
    {"hard_how": Picked(("hard",)), "write_here": False},
    {"may_rate": "no", "may_rate_before": SKIPPED, "want_to_know": False},
    {"may_rate": "other", "change": "", "anything": SKIPPED, "told": False},
    {"may_rate": "other", "found": False},
    {"rating": {"value": 5.0, "sure": False}},
    *({"open": False, "why": why} for why in ("answered", "expired")),
)
RESULT: dict[str, Any] = {"promise": None, "name": "Kim", "where": "", "municipality": "Piteå", "readers": []}
RESULT |= {"sent": True, "why": "", "came": "joined"}
RESULT |= {"open": True, "found": True, "told": True, "reader": "Erik", "read_by": None}


def steps(flow: str, person: Person, answers: dict[str, Any]) -> Iterator[Step]:
    talk = FLOWS[flow](replace(person, extra={**ASKED, **person.extra}))
    back: Any = None
    try:
        while True:
            step = talk.send(back)
            yield step
            back = answers.get(step.slot) if isinstance(step, Ask) else None
            if isinstance(step, Do):
                back = {key: answers.get(key, RESULT[key]) for key in _result(step)}
    except StopIteration:
        return


def _result(step: Do) -> tuple[str, ...]:
    results = {
        "RegisterReferral": ("promise", "name"), "AddToReferral": ("promise",), "TurnAway": ("where",),
        "SendCode": ("sent", "why"), "ProveNumber": ("came",),
        **dict.fromkeys(("LookAtRating", "KeepItem", "FinishRating"), ("open", "why")),
        "ChooseReader": ("found", "reader", "read_by"), "KeepWords": ("reader", "read_by"),
        "TellWhatChanged": ("told",),
    }  # fmt: skip
    return results.get(type(step.command).__name__, ())


@cache
def all_steps() -> tuple[tuple[str, Step], ...]:
    """Every step of every flow: two seconds' work, which collecting the tests does not need."""
    return tuple(_all_steps())


def _all_steps() -> Iterator[tuple[str, Step]]:
    yield from meeting_talks.every_step()
    for flow in FLOWS.keys() - {"appointment", "walk_and_talk", "activity"}:
        for person in PERSONS:
            for turn in TURNS:
                yield from ((flow, step) for step in steps(flow, person, ORDINARY | turn))


def message_of(flow: str, step: Say | Ask) -> str:
    """The text that a step asks for; a name with a slash is another folder's."""
    name = step.message if isinstance(step, Say) else step.message or step.slot
    return name if "/" in name else f"{flow}/{name}"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_flow_renders(language: str, style: Style) -> None:
    standing = next(worlds("talk/help", frozenset(), SV_LINES))
    for field in (
        "promise",
        "answer_by",
        "staff_name",
        "because",
        "offered",
        "stands",
        "times",
        "asks",
        "where",
        "form",
        "more",
        "reach",
        "slot",
        "kind",
        "birth_year",
        "reader",
        "read_by",
        "others",
        "answer_link",
        "many",
        "n",
        "question",
        "low",
        "high",
        "value",
        "wrote",
        "met",
    ):
        del standing[field]
    for flow, step in all_steps():
        if isinstance(step, Do):
            continue
        facts = standing | dict(step.facts)
        if isinstance(step, Ask):
            option_set = step.reads.option_set or step.reads.question
            facts |= {"options": step.reads.options(), "option_set": option_set}
        for again in ("", ".again") if isinstance(step, Ask) else ("",):
            name = message_of(flow, step) + again
            assert CATALOG.render(name, language=language, style=style, facts=facts, now=NOW).text


def test_samples_know_the_flows_questions() -> None:
    for flow, step in all_steps():
        if isinstance(step, Ask):
            option_set, options = QUESTIONS[message_of(flow, step).partition("/")[2]]
            assert option_set in (step.reads.option_set or step.reads.question, "yesno")
            assert set(step.reads.options()) <= {*options, "alvsbyn"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_can_be_named_back(language: str) -> None:
    for _, step in all_steps():
        if isinstance(step, Ask) and step.slot != "read_back":
            assert CATALOG.books[language].options.about(step.slot)


def test_no_text_is_left_unused_in_flows() -> None:
    asked = {message_of(flow, step) for flow, step in all_steps() if isinstance(step, Ask)}
    used = asked | {message_of(flow, step) for flow, step in all_steps() if isinstance(step, Say)}
    used |= {f"{flow}/{step.explains}" for flow, step in all_steps() if isinstance(step, Ask) and step.explains}
    used |= {f"{name}.again" for name in asked} | {f"appointment/{name}" for name in STARTED_BY_US}
    used |= {f"activity/{name}" for name in ABOUT_GROUPS}
    assert {name for name in CATALOG.names() if name.partition("/")[0] in {*FLOWS, "times"}} <= used


def test_code_asks_for_texts_that_exist() -> None:
    named = re.compile(rf'"((?:{"|".join(FLOWS)}|talk|first_care|joining)/[a-z_.]+)"')
    known = set(CATALOG.names())
    for package in ("flows", "bot", "scheduler", "staff", "ingang"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in named.findall(path.read_text(encoding="utf-8")):
                assert any(each.startswith(name) for each in known), f"{path.name} asks for {name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_here_is_complete(language: str) -> None:
    assert {"sv", "en"} <= set(LANGUAGES)
    assert set(CATALOG.books[language].files) == set(CATALOG.names())


# --- first care -----------------------------------------------------------------------------------------------------


def every_text(name: str, language: str = "sv") -> set[str]:
    message = CATALOG.find(name, language)
    return {sample.text for style in STYLES for sample in samples(CATALOG, message, style)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in MUST_BE_OWN if "distress" in name])
def test_distress_asks_nothing_and_names_no_one(name: str, language: str) -> None:
    assert not CATALOG.find(name, language).fields & {"name", "promise", "answer_by", "unit_phone", "info_link"}
    assert not any("?" in text for text in every_text(name, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("road", "numbers", "others"),
    [("minor", {"116 111"}, {"90101"}), ("adult", {"90101"}, {"116 111"}), ("unknown", {"90101", "116 111"}, set())],
)
def test_distress_gives_lines_by_age(language: str, road: Any, numbers: set[str], others: set[str]) -> None:
    lines = CATALOG.books[language].help_lines
    for name in ("first_care/distress", "first_care/distress_again"):
        given = next(worlds(name, CATALOG.find(name).fields, lines)) | {"help_lines": fitting(lines, road)}
        text = CATALOG.render(name, language=language, style="sms", facts=given, now=NOW).text
        assert "112" in text
        assert all(number in text for number in numbers)
        assert not any(number in text for number in others)


def test_distress_is_worded_as_agreed() -> None:
    name = "first_care/distress"
    given = next(worlds(name, CATALOG.find(name).fields, SV_LINES)) | {"help_lines": fitting(SV_LINES, "adult")}
    assert CATALOG.render(name, style="sms", facts=given, now=NOW).text.replace("\n", " ") == (
        "Tack för att du skrev. Jag är en bot och kan inte ge den hjälp du behöver nu. Ring 112 om du är i fara. "
        "Du kan prata med någon nu: ring 90101 eller chatta på mind.se. De har öppet dygnet runt. "
        "Du behöver inte säga vad du heter."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_alarm_is_claimed_off_hours(language: str) -> None:
    claim = "larmat" if language == "sv" else "alerted"
    message = CATALOG.find("first_care/distress_who", language)
    for sample in samples(CATALOG, message, "sms"):
        assert (claim in sample.text) == sample.facts["staffed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_violence_names_no_line_and_no_matter(language: str) -> None:
    for text in every_text("first_care/violence", language):
        assert set(re.findall(r"\d{3,}", text)) - {"2027"} == {"112"}
        assert not re.search(r"kvinnofrid|våld|slår|violence|polis|police", text.casefold())


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_alarm_says_nothing_of_the_matter(language: str) -> None:
    assert not CATALOG.find("first_care/staff_alarm", language).fields


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_come_from_the_checked_list(language: str) -> None:
    known = {line.number for line in SV_LINES if line.on}
    short = re.compile(r"(?<!\d)(?:112|1177|116 ?\d{3}|90\d{3}|020[- ]\d[\d ]+)(?!\d)")
    names = CATALOG.names()
    unknown = {name: set(short.findall(" ".join(every_text(name, language)))) - known for name in names}
    assert {name: numbers for name, numbers in unknown.items() if numbers} == {}


# --- what a text promises -------------------------------------------------------------------------------------------

PROMISING = [name for name in CATALOG.names() if CATALOG.find(name).fields & {"promise", "answer_by"}]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PROMISING)
def test_no_date_is_said_without_a_promise(name: str, language: str) -> None:
    by = "senast" if language == "sv" else " by "
    for sample in samples(CATALOG, CATALOG.find(name, language), "sms"):
        date = sample.facts["promise" if "promise" in CATALOG.find(name).fields else "answer_by"]
        assert (by in sample.text) == (date is not None and date[:10] > "2026-11-20")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in CATALOG.names() if "next_staffed" in CATALOG.find(name).fields])
def test_off_hours_say_when_it_is_read(name: str, language: str) -> None:
    for sample in samples(CATALOG, CATALOG.find(name, language), "sms"):
        if not sample.facts["staffed"] and sample.facts["next_staffed"] == "2026-11-23T07:00:00+00:00":
            assert ("måndag kl. 8" if language == "sv" else "Monday at 8:00") in sample.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_welcome_says_who_and_that_it_is_a_bot(language: str) -> None:
    for name in ("self_referral/welcome", "self_referral/welcome_back", "for_someone_else/knows"):
        for text in every_text(name, language):
            assert "Ingång" in text
            assert re.search(r"\bbot\b", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_welcome_back_shows_no_history(language: str) -> None:
    assert not CATALOG.find("self_referral/welcome_back", language).fields & {"name", "promise"}
    for text in every_text("self_referral/welcome_back", language):
        assert not re.search(r"igen|sedan|senast|förra|again|last|while", text)


def test_second_tries_are_kind_and_short() -> None:
    for name in CATALOG.names():
        if name.endswith(".again"):
            for text in every_text(name):
                assert text.startswith(("Jag är inte säker på", "Tack för att du berättar."))
                assert "förstod" not in text
