"""The engine, through its one door: `advance`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from flows.asks import BirthYear, Choose, Context, Name, Words, YesNo
from flows.asks_back import ReadBack
from flows.asks_others import MayAskWriter
from flows.engine import Event, Heard, Repeat, Start, Wake, advance
from flows.journal import Journal
from flows.replay import Asked, Said, Turn
from flows.steps import DONE, NO_REPLY, SKIPPED, Ask, Do, Flow, Nature, Say, Talk
from tests import wordlists

LEXICON = wordlists.lexicon()
CONTEXT = Context(LEXICON, 2026)


@dataclass(frozen=True)
class Look:
    nature: ClassVar[Nature] = "read"


@dataclass(frozen=True)
class Take:
    nature: ClassVar[Nature] = "hold"


@dataclass(frozen=True)
class Send:
    nature: ClassVar[Nature] = "final"


class Notebook:
    """Hands that write down what they were asked to do."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.undone: list[str] = []

    def perform(self, command: Any) -> Any:
        self.done.append(type(command).__name__)
        return {"number": len(self.done)}

    def undo(self, name: str, result: Any) -> None:
        self.undone.append(name)


class Played:
    """One talk, kept between events as the store keeps it: as JSON."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.hands, self.kept = flow, Notebook(), "[]"
        self.turn = self.event(Start())

    def event(self, event: Event) -> Turn:
        journal = Journal(json.loads(self.kept))
        turn = advance(self.flow, None, journal, event, CONTEXT, self.hands)
        self.kept = json.dumps(list(journal))
        self.turn = turn
        return turn

    def says(self, text: str, **how: Any) -> list[str]:
        """What comes back when the person writes this: names of messages."""
        return names(self.event(Heard(text, **how)))


def names(turn: Turn) -> list[str]:
    return [f"{each.message}.again" if isinstance(each, Asked) and each.again else each.message for each in turn.news]


def short_talk(person: Any) -> Talk:
    yield Say("hello")
    if not (yield Ask("may_ask", YesNo())):
        yield Say("bye")
        return "declined"
    name = yield Ask("name", Name())
    year = yield Ask("birth_year", BirthYear(), skippable=True)
    words = yield Ask("easier", Words(nothing_counts=True), finishable=True)
    if words is not DONE:
        yield Ask(
            "read_back",
            ReadBack(("name", "birth_year")),
            facts={"name": name, "year": None if year is SKIPPED else year},
        )
    sent = yield Do(Send())
    yield Say("thanks", number=sent["number"])
    return "sent"


def test_a_talk_says_only_what_is_new() -> None:
    talk = Played(short_talk)
    assert names(talk.turn) == ["hello", "may_ask"]
    assert talk.says("aa") == ["name"]
    assert talk.says("kim") == ["birth_year"]
    assert talk.says("03") == ["easier"]
    assert talk.says("nej") == ["read_back"]
    assert talk.says("ja") == ["thanks"]
    assert (talk.turn.state, talk.turn.outcome, talk.hands.done) == ("finished", "sent", ["Send"])


def test_a_no_is_an_answer() -> None:
    talk = Played(short_talk)
    assert talk.says("nej tack") == ["bye"]
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "declined")


def test_an_unclear_answer_gets_one_more_try_then_a_human() -> None:
    talk = Played(short_talk)
    assert talk.says("hmm vad tror du själv") == ["may_ask.again"]
    assert (talk.turn.hand_over, talk.turn.aside) == (False, None)
    assert talk.says("äsch du") == []
    assert (talk.turn.hand_over, talk.turn.aside) == (True, "äsch du")
    assert talk.says("öh") == ["talk/kept_too"], "silence would be cold"
    assert (talk.turn.hand_over, talk.turn.aside) == (False, "öh"), "staff have it already"
    assert talk.says("hmm") == [], "never the same thing twice"
    assert talk.says("ja") == ["name"], "a clear answer still counts"


@pytest.mark.parametrize("words", ["va?", "???", "fattar inte", "Vad menar du"])
def test_a_question_that_was_not_clear_is_put_once_more(words: str) -> None:
    talk = Played(short_talk)
    assert talk.says(words) == ["may_ask"]
    assert talk.says("va?") == ["may_ask.again"], "and then in other words"
    assert talk.says("ja") == ["name"]
    assert talk.says(words) == ["name"], "each question by itself"


@pytest.mark.parametrize("words", ["måste jag svara på allt", "är det här verkligen på riktigt?"])
def test_a_question_to_us_is_no_failed_answer(words: str) -> None:
    talk = Played(short_talk)
    for _ in range(3):
        assert talk.says(words) == [], "the caller answers it"
        assert talk.turn.wonders is not None
        assert (talk.turn.hand_over, talk.turn.aside, talk.turn.question) == (False, None, "may_ask")
    assert talk.says("ja") == ["name"]
    assert talk.turn.wonders is None


def test_back_asks_the_last_question_again_and_says_nothing_twice() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    talk.says("kim")
    assert talk.says("tillbaka") == ["name"]
    assert talk.says("alex") == ["birth_year"]


def test_back_stops_at_the_first_question_and_behind_a_final_command() -> None:
    talk = Played(short_talk)
    assert talk.says("tillbaka") == ["talk/first_question"]

    def after(person: Any) -> Talk:
        yield Ask("name", Name())
        yield Do(Send())
        yield Ask("easier", Words())
        return "x"

    sent = Played(after)
    sent.says("kim")
    assert sent.says("tillbaka") == ["talk/already_sent"]
    assert sent.says("börja om") == ["talk/already_sent"]
    assert sent.hands.done == ["Send"]


def test_going_back_drops_a_read_and_undoes_a_hold() -> None:
    def held(person: Any) -> Talk:
        yield Ask("name", Name())
        yield Do(Look())
        yield Do(Take())
        yield Ask("easier", Words())
        return "x"

    talk = Played(held)
    talk.says("kim")
    assert talk.hands.done == ["Look", "Take"]
    talk.says("tillbaka")
    assert talk.hands.undone == ["Take"]
    talk.says("alex")
    assert talk.hands.done == ["Look", "Take", "Look", "Take"]


def test_a_line_of_the_read_back_can_be_changed() -> None:
    talk = Played(short_talk)
    for text in ("ja", "kim", "03"):
        talk.says(text)
    assert talk.says("nej") == ["read_back"]
    assert talk.says("namnet") == ["name"]
    assert talk.says("alex") == ["read_back"]
    read_back = talk.turn.news[0]
    assert isinstance(read_back, Asked)
    assert read_back.facts == {"name": "Alex", "year": 2003}


def test_a_change_may_carry_the_new_words() -> None:
    talk = Played(short_talk)
    for text in ("ja", "kim", "03", "nej"):
        talk.says(text)
    assert talk.says("ändra år till 2004") == ["read_back"]
    read_back = talk.turn.news[0]
    assert isinstance(read_back, Asked)
    assert read_back.facts["year"] == 2004


def test_a_skip_counts_where_it_is_allowed() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    assert talk.says("hoppa över") == ["talk/cannot_skip"]
    talk.says("kim")
    assert talk.says("hoppa över") == ["easier"]


def test_klar_ends_the_questions_where_the_flow_lets_it() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    assert talk.says("klar") == ["talk/cannot_finish"]
    talk.says("kim")
    talk.says("03")
    assert talk.says("klar") == ["thanks"]
    assert talk.turn.outcome == "sent"


def test_not_now_rests_and_goes_on_later() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    assert talk.says("inte nu") == ["talk/resting"]
    assert talk.turn.state == "resting"
    assert talk.says("ja") == ["name"]
    assert str(talk.turn.state) == "open"


def test_leaving_ends_the_talk() -> None:
    talk = Played(short_talk)
    assert talk.says("avbryt") == ["talk/left"]
    assert talk.turn.state == "cancelled"


def test_starting_over_asks_everything_again() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    talk.says("kim")
    assert talk.says("börja om") == ["hello", "may_ask"]


def test_a_silent_talk_is_nudged_once() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    assert names(talk.event(Wake("nudge"))) == ["talk/nudge"]
    assert names(talk.event(Wake("nudge"))) == []


@pytest.mark.parametrize(
    ("answer", "news", "state"),
    [
        ("ja", ["name"], "open"),
        ("kim", ["birth_year"], "open"),
        ("inte nu", ["talk/resting"], "resting"),
        ("nej", ["talk/left"], "cancelled"),
    ],
)
def test_a_nudge_is_answered(answer: str, news: list[str], state: str) -> None:
    talk = Played(short_talk)
    talk.says("ja")
    talk.event(Wake("nudge"))
    assert talk.says(answer) == news
    assert talk.turn.state == state


def test_silence_is_an_answer_where_the_question_has_patience() -> None:
    def patient(person: Any) -> Talk:
        answer = yield Ask("may_ask", YesNo())
        return "silent" if answer is NO_REPLY else "spoken"

    talk = Played(patient)
    talk.event(Wake("no_reply"))
    assert talk.turn.outcome == "silent"


def test_words_before_the_question_never_answer_it() -> None:
    def two(person: Any) -> Talk:
        yield Ask("easier", Words())
        yield Ask("may_ask", YesNo())
        return "x"

    talk = Played(two)
    talk.says("tolk")
    assert talk.says("och senare på dagen", seen="no") == []
    assert talk.turn.question == "may_ask"
    assert talk.turn.aside is None, "free words take a line more"
    assert Journal(json.loads(talk.kept)).answer("easier")["v"] == "tolk\noch senare på dagen"  # type: ignore[index]
    early = Played(short_talk)
    early.says("ja")
    assert early.says("ja", seen="no") == []
    assert early.turn.aside == "ja"


def test_an_answer_to_a_question_in_doubt_is_read_back() -> None:
    talk = Played(short_talk)
    talk.says("ja")
    assert talk.says("kim", seen="unsure") == ["talk/check"]
    assert talk.says("ja") == ["birth_year"]
    again = Played(short_talk)
    again.says("ja")
    again.says("kim", seen="unsure")
    assert again.says("nej") == ["name"]


def test_a_button_is_its_option() -> None:
    talk = Played(short_talk)
    assert talk.says("x", pressed="forged") == ["may_ask.again"], "a forged button is no answer, least of all a no"
    assert talk.says("Ja", pressed="yes") == ["name"]

    def choice(person: Any) -> Talk:
        picked = yield Ask("meet", Choose("meet", ("walk", "phone")))
        return str(picked.key)

    chosen = Played(choice)
    chosen.says("phone", pressed="phone")
    assert chosen.turn.outcome == "phone"


def test_repeat_puts_the_open_question_once_more() -> None:
    talk = Played(short_talk)
    assert names(talk.event(Repeat())) == ["may_ask"]


# --- a flow that is edited while people are in it -----------------------------------------------------------------


def test_a_question_added_before_is_asked_and_the_answer_given_is_kept() -> None:
    talk = Played(short_talk)
    talk.says("ja")

    def edited(person: Any) -> Talk:
        yield Say("hello")
        yield Ask("may_ask", YesNo())
        yield Ask("easier", Words())
        name = yield Ask("name", Name())
        return str(name)

    talk.flow = edited
    assert talk.says("kim") == ["easier"], "the words answer the question that was put"
    talk.says("tolk")
    assert talk.turn.outcome == "Kim", "and the name is not asked again"


def test_an_open_question_that_was_removed_leaves_the_words_to_staff() -> None:
    talk = Played(short_talk)
    talk.says("ja")

    def edited(person: Any) -> Talk:
        yield Ask("may_ask", YesNo())
        yield Ask("birth_year", BirthYear())
        return "x"

    talk.flow = edited
    assert talk.says("kim") == ["birth_year"]
    assert talk.turn.aside == "kim"


def test_a_question_of_another_kind_parks_the_talk() -> None:
    talk = Played(short_talk)
    talk.says("ja")

    def edited(person: Any) -> Talk:
        yield Ask("may_ask", Words())
        return "x"

    talk.flow = edited
    assert talk.says("kim") == []
    assert talk.turn.state == "parked"
    assert "may_ask" in talk.turn.why
    assert talk.turn.aside == "kim"


def test_a_question_that_took_over_from_another_kind_goes_on_with_its_answers() -> None:
    talk = Played(short_talk)
    talk.says("ja")

    def edited(person: Any) -> Talk:
        may = yield Ask("may_ask", MayAskWriter())
        yield Ask("name", Name())
        return "yes" if may is True else "no"

    talk.flow = edited
    talk.says("kim")
    assert (talk.turn.state, talk.turn.outcome) == ("finished", "yes")


def test_a_flow_that_never_stops_is_parked() -> None:
    def endless(person: Any) -> Talk:
        while True:
            yield Say("hello")

    turn = Played(endless).turn
    assert turn.state == "parked"
    assert turn.news == []


def test_a_loop_asks_the_same_slot_anew() -> None:
    def loop(person: Any) -> Talk:
        for _ in range(3):
            if (yield Ask("more", YesNo())):
                return "found"
        return "none"

    talk = Played(loop)
    assert talk.says("nej") == ["more"]
    assert talk.turn.question == "more#2"
    talk.says("ja")
    assert talk.turn.outcome == "found"


def test_the_same_words_give_the_same_turn() -> None:
    one, two = Played(short_talk), Played(short_talk)
    for text in ("ja", "kim", "vet inte", "03", "nej", "ja"):
        assert one.says(text) == two.says(text)
    assert one.kept == two.kept


def test_news_are_said_or_asked() -> None:
    talk = Played(short_talk)
    assert [type(each) for each in talk.turn.news] == [Said, Asked]
