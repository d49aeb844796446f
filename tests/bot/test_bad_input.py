"""Any words at any question: kept or visibly cut, never evaluated, never sent back but as a name, never an error."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.actions import talks
from bot.actions.scene import Scene
from bot.channels.base import TEXT, Inbound, keepable
from flows.registry import FLOWS
from messages.sms import fold
from storage import ratings, timeline
from storage.db import Store
from storage.tables import conversations
from tests.flows import transcript_staff
from tests.town import Phone, Town

FULL = os.environ.get("INGANG_FAULTS") == "full"
MARK = "qzx"
NASTY = {
    "nothing": "", "spaces": " \t\n\r ", "a dot": ".", "zero": "0", "minus": "-1", "huge number": "9" * 400,
    "jinja": "{{7*7}} qzx", "jinja raise": "{% raise %} qzx", "jinja config": "{{ config.__class__ }}qzx",
    "comment": "{# qzx #}", "format": "%s%n%x {0.__class__} qzx", "fstring": "{name!r} qzx",
    "sql": "'; DROP TABLE outbox; -- qzx", "html": "<script>alert('qzx')</script>",
    "img": "<img src=x onerror=alert(1)> qzx", "path": "../../etc/passwd qzx", "crlf": "qzx\r\nSet-Cookie: a=b",
    "nul": "q\x00zx\x00", "only nul": "\x00\x00", "surrogate": "\ud800qzx\udfff",
    "bidi": "\u202eqzx\u202c\u2066\u2069", "zero width": "q\u200bz\u200dx\ufeff",
    "zalgo": "q" + "\u0301\u0316" * 300 + "zx", "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 qzx",
    "flags": "\U0001f1f8\U0001f1ea" * 50, "arabic": "مرحبا كيف حالك qzx", "chinese": "你好 qzx",
    "full width": "ｑｚｘ ４９", "private use": "\ue000qzx\ue001\ue000", "combining first": "\u0301qzx",
    "a million": "qzx " * 250_000, "one word of a million": "x" * 1_000_000, "deep": "(" * 5_000,
    "numbers": "1 2 3 4 5 6 7 8 9 10 " * 50, "newlines": "\n" * 3_000 + "qzx",
    "json": '{"k": "qzx", "t": "answer"}', "yes and no": "ja nej ja nej qzx", "many dates": "1990-01-01 " * 300,
    "regex": "(a+)+$" * 100 + "qzx", "backslashes": "\\" * 999, "start": "/start " + "a" * 64,
    "start odd": "/start ../qzx", "start sql": "/start alvsbyn_'; --",
    "bad utf-8": b"\xff\xfeq\xc3".decode(errors="surrogateescape"),
}  # fmt: skip
GOOD = {
    "may_ask": "ja", "name": "kim", "birth_year": "2003", "municipality": "1", "help": "1", "meet": "1", "reach": "2",
    "phone": "070-174 06 05", "easier": "tolk", "read_back": "ja", "knows": "ja", "worry": "hen går aldrig ut",
    "part": "2", "time": "1", "own_time": "nej", "right": "ja", "length": "40", "plan_b": "1", "reminder": "nej",
    "new_time": "inte nu", "fits": "ja", "instead": "4", "add": "tolk", "hard_how": "1",
    "write_here": "ja", "code": "hoppa över", "may_rate": "ja", "rating": "8", "right_number": "ja", "change": "nej",
    "want_to_know": "ja", "answer": "3", "meets_you": "ja",
}  # fmt: skip
BEGINS = {
    "self_referral": ("hej",),
    "for_someone_else": ("jag är orolig för min lillebror",),
    "already_signed_up": ("hej", "ja", "kim", "03", "1", "klar", "hej"),
    "walk_and_talk": ("hej", "ja", "kim", "03", "1", "klar", "promenad"),
    "appointment": ("hej", "ja", "kim", "03", "1", "klar", "promenad", "2", "2", "40", "1", "nej", "byt"),
    "hard_how": ("hej", "ja", "orkar inte"),
    "after_violence": ("hej", "min pojkvän slår mig"),
    "session_feedback": ("hej", "ja", "kim", "03", "1", "klar"),
    "what_changed": ("hej", "ja", "kim", "03", "1", "klar"),
    "activity": ("hej", "ja", "kim", "03", "1", "klar"),
}
"""How each talk is begun. Every flow stands here, and is tried."""

BEGUN_BY_US = ("session_feedback", "what_changed")


def _question(phone: Phone) -> str | None:
    talk = phone.standing().talk
    return talk.question.partition("#")[0] if talk is not None and talk.question else None


def _writes(phone: Phone, text: str) -> list[str]:
    said = phone.writes(text)
    assert phone.report.state == "handled", (text[:80], phone.report)
    return said


def _kept(phone: Phone) -> list[str]:
    with phone.town.store.read() as tx:
        return [
            line.text or "" for line in timeline.of_contact(tx, phone.standing().contact_id) if line.who == "person"
        ]


def _goes_through(town: Town, flow: str, nasty: str, address: str, channel: str = "sim_sms") -> Phone:
    """Write the nasty words at each question of a talk before the proper answer."""
    phone = town.phone(channel, address)
    for text in BEGINS[flow]:
        _writes(phone, text)
    if flow in BEGUN_BY_US:
        _is_asked(phone, flow)
    elif flow == "activity":
        transcript_staff.act(phone, "invites 2026-12-08 14:00")
        _writes(phone, "hm")  # no answer: the question is put once more, and that begins the talk
        assert _question(phone) == "answer"
    seen = set()
    for _ in range(14):
        question = _question(phone)
        if question is None or question in seen:
            break
        seen.add(question)
        said = " ".join(_writes(phone, nasty))
        for name in _names_of(phone):
            said = said.replace(name, "")
        assert "49" not in said
        assert MARK not in said.casefold()
        if _question(phone) == question:
            _writes(phone, GOOD[question])
    return phone


def _is_asked(phone: Phone, flow: str) -> None:
    """We begin a talk of that flow."""
    town, who = phone.town, phone.standing()
    with town.store.begin() as tx:
        until, unit = town.now + timedelta(days=1), who.unit_id or 0
        wanted = ratings.Wanted(who.participant_id, unit, None, "after", "egna_efter", "1", "own", until)
        rating = ratings.ask(tx, town.now, wanted)
        items = [{"key": key, "question": "Var det bra?", "low": "nej", "high": "ja"} for key in ("relation", "goals")]
        scene = Scene(tx, town.house, who, town.now, f"asked:{rating}", begun_as="meeting")
        talks.begin(scene, flow, rating=rating, items=items, item=rating)
        scene.flush()
    town.send()
    phone.new()


def _names_of(phone: Phone) -> list[str]:
    """What they have let us call them, in any of their talks, as it is written and as an SMS writes it."""
    who, names = phone.standing(), set[str]()
    with phone.town.store.read() as tx:
        for row in tx.execute(select(conversations).where(conversations.c.contact_id == who.contact_id)):
            for entry in json.loads(who.key.open("conversations", "journal_enc", row.id, row.journal_enc)):
                if (entry["k"], entry["t"]) == ("name", "answer") and isinstance(entry["v"], str):
                    names |= {entry["v"], fold(entry["v"])}
    return sorted(names, key=len, reverse=True)


def test_every_flow_is_tried() -> None:
    assert set(BEGINS) == set(FLOWS)


@pytest.mark.every_word
@pytest.mark.parametrize("flow", sorted(BEGINS))
def test_nasty_words_at_every_question_of_a_talk(sqlite_store: Store, flow: str) -> None:
    """Each of them in one talk or another; `make faults`: each of them in every one."""
    town, place = Town(sqlite_store), sorted(BEGINS).index(flow)
    town.house = replace(town.house, sms_per_day=100_000)  # all of it is written in one day
    town.restart()
    wanted = list(NASTY.values()) if FULL else list(NASTY.values())[place :: len(BEGINS)]
    for number, nasty in enumerate(wanted):
        phone = _goes_through(town, flow, nasty, f"+4670{number:07d}")
        assert keepable(nasty) in _kept(phone)
        assert not [item for item in town.inbox() if item.note and len(item.note) > 20_000]


@pytest.mark.parametrize("name", ["nul", "surrogate", "a million", "jinja", "private use", "emoji"])
def test_nasty_words_on_either_database(store: Store, name: str) -> None:
    phone = _goes_through(Town(store), "self_referral", NASTY[name], "+46701740605", "sim_telegram")
    assert keepable(NASTY[name]) in _kept(phone)


def test_a_name_is_shown_as_a_name_and_no_more(sqlite_store: Store) -> None:
    town = Town(sqlite_store)
    for number, name in enumerate(
        ["{{7*7}}", "<b>Kim</b>", "Kim\ue000Alex", "Kim\nAlex", "{% raise %}", "%s", "{name}"]
    ):
        phone = town.phone(address=f"+4670{number:07d}")
        for text in ("hej", "ja", name):
            said = " ".join(_writes(phone, text))
        assert "49" not in said
        assert "<b>" not in said
        assert "\n" not in said
        assert "\ue000" not in said


@pytest.fixture(scope="module")
def one_town(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory, key_ring: Any) -> Iterator[Town]:
    file = tmp_path_factory.mktemp("bad-input") / "town.db"
    shutil.copyfile(sqlite_template, file)
    opened = Store.open(f"sqlite:///{file}", key_ring)
    yield Town(opened)
    opened.close()


odd = st.text(max_size=60) | st.text(st.characters(categories=("Cs", "Cf", "Co", "Mn", "Zs", "Cc")), max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(odd | st.sampled_from(["ja", "kim", "03", "1", "hej", "klar"]), min_size=1, max_size=6))
def test_any_words_in_any_order_are_handled(one_town: Town, texts: list[str]) -> None:
    phone = one_town.phone(address=f"+4670{next(one_town.numbers):07d}")
    for text in texts:
        _writes(phone, text)
    assert _kept(phone) == [keepable(text) for text in texts]


@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=200), how=st.sampled_from(["utf-8", "latin-1", "utf-16-le", "cp1252"]))
def test_bytes_read_in_any_way_can_be_kept(raw: bytes, how: str) -> None:
    text = raw.decode(how, errors="surrogateescape" if how == "utf-8" else "replace")
    kept = Inbound("sim_sms", "+46701740605", "SM1", text, TEXT).text
    assert "\x00" not in kept
    kept.encode("utf-8")
