from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.answers import Reply, command, is_closing, read_reply, signals
from flows.confusion import Case, read_cases
from flows.lexicon import Lexicon
from tests import wordlists

MEANINGS = {
    "yes",
    "no",
    "rebook",
    "stop",
    "start",
    "help",
    "human",
    "distress",
    "violence",
    "not_now",
    "unclear",
    "hard",
}
QUESTIONS = st.sampled_from([None, "yesno", "confirm", "free", "choice", "name", "year", "phone", "rating"])
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
CORPUS = Path(__file__).parent / "corpus"


@cache
def lexicon() -> Lexicon:
    return wordlists.lexicon()


@cache
def cases() -> list[Case]:
    return [case for path in sorted(CORPUS.glob("*.tsv")) for case in read_cases(path.read_text("utf-8").splitlines())]


def said(reply: Reply) -> tuple[str, str | None]:
    return reply.meaning, reply.also


@given(ANY, QUESTIONS)
def test_any_text_gives_one_meaning(text: str, question: str | None) -> None:
    reply = read_reply(text, question, lexicon())
    assert reply.meaning in MEANINGS
    assert reply.why
    assert reply.also != reply.meaning
    command(text, lexicon())
    is_closing(text, lexicon())
    signals(text, lexicon())


@given(st.binary(max_size=300), QUESTIONS)
def test_any_bytes_give_one_meaning(raw: bytes, question: str | None) -> None:
    for encoding in ("utf-8", "latin-1", "utf-16"):
        assert read_reply(raw.decode(encoding, "replace"), question, lexicon()).meaning in MEANINGS
    assert read_reply(raw.decode("utf-8", "surrogateescape"), question, lexicon()).meaning in MEANINGS


@given(st.data())
@settings(max_examples=400)
def test_dress_changes_no_meaning(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(cases()))
    plain = said(read_reply(case.text, case.question, lexicon()))
    dressed = case.text
    if data.draw(st.booleans()):
        dressed = dressed.upper()
    if data.draw(st.booleans()) and dressed[-1].isalpha() and dressed[-1] not in "iİıßﬀ":
        dressed += dressed[-1] * data.draw(st.integers(1, 4))
    dressed += data.draw(st.sampled_from(["", ".", "!", "!!", "?", " ", "...", " .", "\n"]))
    dressed = data.draw(st.sampled_from(["", " ", "\n", "  "])) + dressed.replace(
        " ", data.draw(st.sampled_from([" ", "  "]))
    )
    assert said(read_reply(dressed, case.question, lexicon())) == plain


@given(st.sampled_from(["stopp", "STOP", "Stopp!", "avregistrera", "unsubscribe"]), st.data())
def test_a_stop_word_among_strange_words_stops(word: str, data: st.DataObject) -> None:
    strange = st.text(st.sampled_from("qxzwkj"), min_size=4, max_size=9)
    before, after = data.draw(st.lists(strange, max_size=4)), data.draw(st.lists(strange, max_size=4))
    text = " ".join([*before, word, *after])
    assert read_reply(text, data.draw(QUESTIONS), lexicon()).meaning == "stop"


@given(
    st.sampled_from(["sluta", "Sluta!", "snälla sluta"]),
    st.lists(st.text(st.sampled_from("qxzwkj"), min_size=4, max_size=9), max_size=4),
)
def test_an_imperative_among_strange_words_stops(word: str, strange: list[str]) -> None:
    for text in (" ".join([word, *strange]), " ".join([*strange, word])):
        assert read_reply(text, "confirm", lexicon()).meaning == "stop"


@given(st.data())
def test_distress_is_heard_in_any_company(data: st.DataObject) -> None:
    alarm = data.draw(
        st.sampled_from(["jag vill dö", "jag har tänkt ta mitt liv", "orkar inte leva längre", "självmord"])
    )
    other = data.draw(st.sampled_from([case.text for case in cases() if case.right[0] in {"yes", "no", "stop"}]))
    for text in (f"{alarm}. {other}", f"{other}. {alarm}"):
        assert read_reply(text, data.draw(QUESTIONS), lexicon()).meaning == "distress"
