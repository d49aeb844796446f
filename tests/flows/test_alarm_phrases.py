"""Phrases of alarms that were missed once, said in other words, and what only looks like them."""

from __future__ import annotations

import pytest

from flows.answers import read_reply
from flows.confusion import ALARMS
from tests.wordlists import lexicon


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("hur dör man utan att det gör ont", "distress"),
        ("vad kan man ta för att dö snabbt", "distress"),
        ("satt med geväret mot huvudet i natt", "distress"),
        ("skärsåren på armen slutar inte blöda", "distress"),
        ("jag skrev stopp förut och ni fortsätter", "stop"),
        ("har ett blått öga och vill inte att ni ser vad han gjort", "violence"),
    ],
)
@pytest.mark.parametrize("question", [None, "confirm"])
def test_it_is_heard(text: str, meaning: str, question: str | None) -> None:
    reply = read_reply(text, question, lexicon())
    assert meaning in (reply.meaning, reply.also), reply


@pytest.mark.parametrize(
    "text",
    [
        "hur dör man i det där spelet haha",
        "fick ett skärsår i tummen av osthyveln, kommer ändå",
        "fick en boll på ögat på träningen så jag har blåtira, kommer ändå",
        "min lillebror som skrev stopp, jag vill vara kvar och få sms",
        "ja skriv, ni får gärna fortsätta",
    ],
)
def test_what_looks_like_it_is_no_alarm(text: str) -> None:
    reply = read_reply(text, "confirm", lexicon())
    assert not {reply.meaning, reply.also} & ALARMS, reply
