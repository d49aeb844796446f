from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.labelled import examples, mark_of
from benchmarks.teach import Table, tasks
from flows import leaning
from flows.answers import read_reply
from flows.confusion import ALARMS, read_cases
from flows.leaning import settled
from flows.lexicon import Lexicon
from flows.net import pauses_in
from flows.second import KINDS, VALUES, SecondNet, clues_of
from flows.text import words
from flows.themes import Themes
from flows.verdict import Cues, Verdict, find_cues
from flows.weights import Weights, packed, unpacked, written
from messages.words import load_words

CORPUS = Path(__file__).parent / "corpus"

ENGLISH = """
yes that works|no sorry i can't|can we do friday instead|where do we meet|who is this|what is this about|sounds good
i will be there|running ten minutes late|thanks|ok|see you then|is it free|do i need to bring anything|my bus is late
i have school then|i am sick today|maybe next week|not right now|call me please|i would like to talk to a person
i need help with my cv|i want to find a job|i like to walk outside|can my friend come|it is too cold for me|i have a dog
what time was it again|tuesday is better|after three is fine|i don't understand the question|in english please
i study swedish in the morning|my name is alex|i am nineteen|i live in boden|i have no car|my phone is new
the movie was great|i am tired after work|my brother drives me|i have a doctor's appointment|we won the match
could you write shorter|nothing special|just coffee|i lost my job in may|two is fine|yes but not too early|no thank you
""".replace("\n", "|")


@cache
def lexicon(language: str = "sv") -> Lexicon:
    return Lexicon.from_data(load_words(language))


def read(text: str, question: str | None = "confirm") -> str:
    return read_reply(text, question, lexicon()).meaning


def test_the_weights_fit_what_they_were_taught_from() -> None:
    data = load_words("sv")
    for name, kinds, values in (("alarms", KINDS, VALUES), ("answers", leaning.KINDS, leaning.VALUES)):
        taught_from = Weights(kinds, values, data["second"][name]).taught_from
        assert taught_from == mark_of(data), "replies, themes or lists were changed: run python benchmarks/teach.py"


def test_the_quick_points_are_the_slow_ones() -> None:
    second = load_words("sv")["second"]
    net, weights, themes = SecondNet(second), Weights(KINDS, VALUES, second["alarms"]), Themes(second)
    for path in sorted(CORPUS.glob("*.tsv"))[::3]:
        for case in list(read_cases(path.read_text(encoding="utf-8").splitlines()))[::5]:
            plain, pauses = pauses_in(words(case.text))
            if plain and len(plain) < 60:
                slow = weights.points(clues_of([themes.spelt(word) for word in plain], pauses))
                assert net.points(plain, pauses) == pytest.approx(slow)


@given(st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=8))
def test_what_is_packed_is_unpacked_again(numbers: list[int]) -> None:
    assert unpacked(packed(numbers), len(numbers)) == numbers


def test_sums_of_packed_numbers_are_sums() -> None:
    rows = [[1, -2, 3], [-40, 5, 0], [7, 7, -7]]
    assert unpacked(sum(packed(row) for row in rows), 3) == [-32, 10, -4]


def test_what_is_written_is_read_as_it_was() -> None:
    words_, pairs = {"dö": (3, 0, -1), "vill": (0, -30_000, 0)}, {"sluta skriva": (0, 0, 12)}
    header = {"kinds": KINDS, "base": {"stop": -0.5}, "need": {"stop": 0.25}, "taught_from": "x"}
    data = written(header, {"word": words_, "beside": pairs})
    weights = Weights(KINDS, {"word": 1.0, "beside": 1.0}, data)
    assert weights.base == (0.0, 0.0, -0.75)
    for sort, table in (("word", words_), ("beside", pairs)):
        assert {clue: tuple(unpacked(said, 3)) for clue, said in weights.tables[sort].items()} == table
    assert data == written(header, {"word": words_, "beside": pairs})
    with pytest.raises(ValueError, match=r"teach\.py"):
        Weights(("yes",), {"word": 1.0}, data)


def test_the_same_replies_teach_the_same() -> None:
    data = load_words("sv")
    plain = lexicon()
    found = examples(plain)[::200]
    for task in tasks(data, plain):
        table = [example for example in found if task.teaches(example)]
        assert Table(task, table).taught().data({}) == Table(task, table).taught().data({})


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("har lagt fram alla piller på bordet och skrivit ett brev till mamma", "distress"),
        ("jag vill bara att allt ska bli svart och tyst för alltid", "distress"),
        ("han vaktar telefonen och jag får inte gå ut utan honom", "violence"),
        ("pappa tog fram bältet igen och lillebror gömde sig", "violence"),
        ("ni kan plocka bort mitt nummer från er lista nu", "stop"),
    ],
)
def test_an_alarm_in_words_of_its_own_is_heard(text: str, meaning: str) -> None:
    assert read(text, "free") == meaning


def test_why_tells_that_it_only_sounds_so() -> None:
    without = Lexicon.from_data({**load_words("sv"), "second": {}})
    text = "han har satt en spårare på bilen och räknar kilometrarna"
    assert read_reply(text, "free", without).meaning == "unclear"
    reply = read_reply(text, "free", lexicon())
    assert reply.meaning == "violence"
    assert reply.why.startswith('sounds like it: "')


@pytest.mark.parametrize(
    "text",
    [
        "min man skjutsar mig och väntar i bilen",
        "isen bär nu så vi fiskar hela helgen",
        "mamma tvingar mig att städa rummet",
        "tog två alvedon mot huvudvärken",
        "såg en film om en mördare igår",
        "han har inte gått ut på ett halvår",
        "min son sitter bara hemma och spelar",
    ],
)
def test_the_same_words_in_everyday_use_are_no_alarm(text: str) -> None:
    assert read(text, "free") == "unclear"


@pytest.mark.parametrize("text", ["Do", "Dödsberg", "Ida Slag", "Mia Stoppenberg", "Kim", "2003", "070-123 45 67"])
@pytest.mark.parametrize("question", ["name", "year", "phone"])
def test_a_name_or_a_number_never_sounds_like_an_alarm(text: str, question: str) -> None:
    assert read(text, question) == "unclear"


def test_ordinary_english_is_no_alarm() -> None:
    texts = [text for text in ENGLISH.split("|") if text]
    assert len(texts) >= 50
    for text in texts:
        for question in ("confirm", "free", None):
            for language in ("sv", "en"):
                reply = read_reply(text, question, lexicon(language))
                assert not {reply.meaning, reply.also} & ALARMS, (text, reply)


def test_every_command_is_left_to_the_talk() -> None:
    without = Lexicon.from_data({**load_words("sv"), "second": {}})
    for said in without.commands:
        before, now = read_reply(said, None, without), read_reply(said, None, lexicon())
        assert {now.meaning, now.also} & ALARMS == {before.meaning, before.also} & ALARMS, said


def test_a_yes_is_never_settled_as_a_no() -> None:
    points = {"yes": -2.0, "no": 2.0, "rebook": -1.0, "unclear": -1.0}
    cues = Cues(("yes",), {"yes": "ja"}, 3, ("yes", "x"))
    assert settled(Verdict("yes", "ja"), points, cues).meaning == "unclear"
    assert settled(Verdict("no", "nej"), {**points, "yes": 2.0, "no": -2.0}, cues).meaning == "unclear"


def test_a_doubted_reading_is_asked_back() -> None:
    points = {"yes": -0.5, "no": -0.9, "rebook": -0.8, "unclear": -0.4}
    cues = Cues(("move",), {"move": "byta"}, 5, ("move", "x"))
    assert settled(Verdict("rebook", "byta"), points, cues).meaning == "unclear"
    assert settled(Verdict("yes", "ja"), points, cues).meaning == "yes"


def test_without_weights_the_lists_stand_alone() -> None:
    without = Lexicon.from_data({**load_words("sv"), "second": {}})
    assert read_reply("jag vill dö", "free", without).meaning == "distress"
    assert read_reply("ja", "confirm", without).meaning == "yes"
    assert read_reply("han har satt en spårare på bilen", "free", without).meaning == "unclear"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("kniven slant, fem stygn i tummen, men visst", "yes"),
        ("min katt jagar möss å lägger dem i skon, så nej", "no"),
        ("det går inte om jag jobbar så jag kommer", ""),
        ("kan inte idag, men på torsdag ja", ""),
        ("ja", ""),
    ],
)
def test_what_comes_last_counts_where_it_stands_alone(text: str, last: str) -> None:
    plain, pauses = pauses_in(words(text))
    assert leaning.said_last(find_cues(plain, pauses, lexicon().cues)) == last


@pytest.mark.parametrize("command", ["koppla", "förmiddag", "hoppa över", "tillbaka"])
def test_a_command_or_a_choice_leans_nowhere(command: str) -> None:
    assert read_reply(command, None, lexicon()).meaning == "unclear"
