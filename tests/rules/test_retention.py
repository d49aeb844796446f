from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.retention import HALF_DONE, Mark, Rule, Subject, due, is_decided, too_many

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DECIDED = replace(HALF_DONE, decision="KS 2026/123", decided_on=date(2026, 6, 1), approved_by="Kommunarkivarien")
LOGS = Rule("logs", "log", timedelta(days=7), "KS 2026/124", date(2026, 6, 1), "Kommunarkivarien")
subjects = st.builds(
    Subject,
    st.integers(1, 5),
    st.sampled_from(["half_done_sign_up", "log", "referral"]),
    st.integers(0, 100).map(lambda n: NOW - timedelta(days=n)),
)


def half_done(days: float, participant: int = 7) -> Subject:
    return Subject(participant, "half_done_sign_up", NOW - timedelta(days=days))


def test_half_done_sign_ups_are_marked_after_thirty() -> None:
    assert due([HALF_DONE], [half_done(30), half_done(29.99, 8)], NOW) == [Mark(7, "half_done_sign_up", decided=False)]


def test_without_a_decision_the_mark_waits() -> None:
    assert due([HALF_DONE], [half_done(31)], NOW)[0].status_sv == "väntar på beslut"
    assert due([DECIDED], [half_done(31)], NOW)[0].status_sv == "beslutad"


@pytest.mark.parametrize(
    "rule",
    [
        replace(DECIDED, decision=None),
        replace(DECIDED, decision="  "),
        replace(DECIDED, decided_on=None),
        replace(DECIDED, approved_by=None),
        replace(DECIDED, approved_by=""),
        replace(DECIDED, decided_on=date(2026, 11, 26)),
    ],
)
def test_half_a_decision_is_no_decision(rule: Rule) -> None:
    assert not is_decided(rule, NOW)
    assert is_decided(DECIDED, NOW)
    assert is_decided(replace(DECIDED, decided_on=date(2026, 11, 25)), NOW)  # the very day


def test_rules_touch_their_own_kind_only() -> None:
    facts = [Subject(1, "referral", NOW - timedelta(days=999)), half_done(40, 2), Subject(2, "log", NOW)]
    assert due([LOGS, DECIDED], facts, NOW) == [Mark(2, "half_done_sign_up", decided=True)]


@given(st.lists(subjects, max_size=12))
def test_marks_are_exactly_the_old_ones(facts: list[Subject]) -> None:
    expected = {
        (fact.participant, rule.name)
        for fact in facts
        for rule in (HALF_DONE, LOGS)
        if fact.kind == rule.what and (NOW - fact.since).days >= rule.after.days
    }
    marks = due([HALF_DONE, LOGS], facts, NOW)
    assert [(mark.participant, mark.rule) for mark in marks] == sorted(expected)
    assert all(mark.decided == (mark.rule == "logs") for mark in marks)


@pytest.mark.parametrize(
    ("marked", "total", "refused"),
    [(20, 100, False), (21, 100, True), (0, 0, False), (1, 0, True), (1, 5, False), (1, 4, True)],
)
def test_over_a_fifth_is_too_many(marked: int, total: int, *, refused: bool) -> None:
    assert too_many(marked, total) is refused
