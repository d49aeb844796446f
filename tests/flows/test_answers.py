from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from flows.answers import command, is_closing, read_reply, signals
from flows.confusion import ALARMS, read_cases, table, tally
from flows.lexicon import Lexicon
from flows.net import find, pauses_in
from flows.text import words
from flows.walk import walker
from tests import wordlists

CORPUS = Path(__file__).parent / "corpus"


@cache
def lexicon(language: str = "sv") -> Lexicon:
    return wordlists.lexicon(language)


def read(text: str, question: str | None = "confirm") -> str:
    return read_reply(text, question, lexicon()).meaning


@pytest.mark.parametrize("name", [path.stem for path in sorted(CORPUS.glob("*.tsv"))])
def test_labelled_replies_are_read_right(name: str) -> None:
    cases = list(read_cases((CORPUS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()))
    result = tally(cases, lexicon())
    shown = "\n".join(f"{one.case} -> {one.meaning}: {one.why}" for one in result.misread)
    alarms = [one for one in cases if one.right[0] in ALARMS]
    assert result.turned == 0, shown
    assert result.missed <= len(alarms) // 200, shown
    assert result.false_alarms == 0, shown
    assert result.wrong <= 0.05 * result.total, shown
    assert result.asked_back <= 0.10 * result.total, shown


def test_the_corpus_is_large_and_has_no_doubles() -> None:
    cases = [
        case for path in CORPUS.glob("*.tsv") for case in read_cases(path.read_text(encoding="utf-8").splitlines())
    ]
    assert len(cases) >= 2500
    assert len(cases) - len({(case.text, case.question) for case in cases}) < len(cases) / 20


def test_the_table_counts_what_was_misread() -> None:
    result = tally(read_cases(["# a comment", "ja\tconfirm\tyes", "ja\tconfirm\tno", "bla\t-\tyes"]), lexicon())
    assert (result.total, result.wrong, result.asked_back, result.turned) == (3, 1, 1, 1)
    assert "3 replies: 1 read wrong, 1 asked back, 1 yes and no turned round" in table(result)


@pytest.mark.parametrize(
    ("text", "meaning", "also"),
    [
        ("sluta skriv, jag vill dö", "distress", "stop"),
        ("jag vill dö, min pappa slår mig", "distress", "violence"),
        ("han slår mig, sluta skriv hit", "violence", "stop"),
        ("ja, var ses vi?", "help", "yes"),
        ("nej, kan någon ringa mig?", "human", "no"),
        ("ja", "yes", None),
    ],
)
def test_two_things_at_once_are_both_told(text: str, meaning: str, also: str | None) -> None:
    reply = read_reply(text, "confirm", lexicon())
    assert (reply.meaning, reply.also) == (meaning, also)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vem är du", "who"),
        ("vad är detta", "what"),
        ("hjälp", "what"),
        ("var ses vi", "where"),
        ("när är det", "when"),
        ("hur funkar det", "how"),
    ],
)
def test_a_question_to_us_says_what_is_asked(text: str, value: str) -> None:
    reply = read_reply(text, "confirm", lexicon())
    assert (reply.meaning, reply.value) == ("help", value)


def test_a_yes_with_a_time_says_so() -> None:
    assert read_reply("ja torsdag funkar", "confirm", lexicon()).value == "time"
    assert read_reply("ja", "confirm", lexicon()).value is None


@pytest.mark.parametrize(
    "text", ["inte nej", "ja och nej", "nej jag kommer", "ja men", "nja", "ja fast nej", "❤", "1 och 3"]
)
def test_a_doubtful_yes_is_asked_back(text: str) -> None:
    assert read(text) == "unclear"


@pytest.mark.parametrize("text", ["ja men inte kl 8", "ja men inte halv två", "ja fast hellre på fredag"])
def test_a_yes_with_a_catch_moves(text: str) -> None:
    assert read(text) == "rebook"


def test_unable_alone_gets_the_two_way_question() -> None:
    reply = read_reply("orkar inte", "confirm", lexicon())
    assert (reply.meaning, reply.value) == ("hard", "hard")
    assert read("orkar inte idag") == "not_now"
    assert read("orkar inte leva längre") == "distress"


def test_numbers_choose_only_when_offered() -> None:
    assert [read(text) for text in ("1", "2.", "3", "4", "två", "2 tack")] == [
        "yes",
        "no",
        "rebook",
        "unclear",
        "no",
        "no",
    ]
    assert [read(text, "yesno") for text in ("1", "2", "3")] == ["unclear"] * 3


@pytest.mark.parametrize("question", ["free", "choice", "name", "year", "phone", "rating"])
def test_content_is_no_command_but_alarms_are_heard(question: str) -> None:
    for text in ("jag vill sluta röka", "sluta vara rädd", "få hjälp med jobb", "inte jobb", "Kim", "2003", "4 o 6"):
        assert read(text, question) == "unclear", text
    assert read("nej", question) == "no"
    assert read("STOPP", question) == "stop"
    assert read("jag vill dö", question) == "distress"
    assert read("min pappa slår mig", question) == "violence"
    assert read("jag vill prata med en människa", question) == "human"


@pytest.mark.parametrize("question", [None, "yesno", "confirm", "free"])
@pytest.mark.parametrize("text", ["", " ", "...", "\x00", "\ud800", "\u202e", "\u200b", "()", "\n\n"])
def test_nothing_readable_is_unclear(text: str, question: str | None) -> None:
    assert read(text, question) == "unclear"


def test_distress_in_the_middle_of_a_long_text_is_seen() -> None:
    filler = "jag gick till affären och köpte mjölk. " * 2000
    assert read(filler + "jag vill dö. " + filler, "free") == "distress"
    assert read(filler + "min pappa slår mig. " + filler, "free") == "violence"
    assert read(filler + filler, "free") == "unclear"


def test_twilio_words_stop_as_they_do_at_twilio() -> None:
    for text in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"):
        assert read(text) == "stop", text
    for text in ("START", "UNSTOP"):
        assert read(text) == "start", text
    assert read("YES") == "yes"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tillbaka", "back"),
        ("Hoppa över!", "skip"),
        ("avbryt", "cancel"),
        ("börja om", "restart"),
        ("inte nu", "later"),
        ("KLAR", "finish"),
        ("ändra", "change"),
        ("mina uppgifter", "my_data"),
        ("radera mig", "my_data"),
        ("EN", "language:en"),
        ("English please", "language:en"),
        ("svenska", "language:sv"),
        ("fler", "more"),
        ("jag vill hoppa över staketet", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_commands_are_said_exactly(text: str, name: str | None) -> None:
    assert command(text, lexicon()) == name


def test_closing_words_open_nothing() -> None:
    for text in ("tack", "Tack!", "ok", "👍🏽", "ok tack 🙏", "tack så mycket", "hejdå", "ha det bra"):
        assert is_closing(text, lexicon()), text
    for text in ("", "nej", "tack men nej", "ok var ses vi", "tack " * 100 + "stopp"):
        assert not is_closing(text, lexicon()), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hej min lillebror sitter bara hemma", {"someone_else"}),
        ("jag skriver för min son", {"someone_else"}),
        ("min kompis behöver hjälp", {"someone_else"}),
        ("jag är mamma till en kille som inte går ut", {"someone_else"}),
        ("orolig för min dotter", {"someone_else"}),
        ("my brother needs help", {"someone_else"}),
        ("mitt barnbarn har inget jobb och mår inte bra", {"someone_else"}),
        ("hej vi är oroliga för vår son", {"someone_else"}),
        ("hur anmäler man någon annan?", {"someone_else"}),
        ("kan man skriva för sin bror?", {"someone_else"}),
        ("hej, jag jobbar på arbetsförmedlingen och har en kille på 22", {"someone_else", "partner"}),
        ("Jag är kurator på gymnasiet. Vi har en elev som hoppat av", {"someone_else", "partner"}),
        ("min handläggare på af sa att jag ska skriva", set()),
        ("mamma sa att jag ska skriva", set()),
        ("min kompis går hos er och sa att ni är bra", set()),
        ("jag har en son på 3 år, kan han följa med", set()),
        ("jag bor med min bror", set()),
        ("min bror tipsade mig", set()),
        ("jag har skyddad identitet", {"protected"}),
        ("skyddade personuppgifter", {"protected"}),
        ("är sekretessmarkerad", {"protected"}),
        ("jag har hemlig adress", {"protected"}),
        ("ja", set()),
    ],
)
def test_signals_tell_whom_it_is_about(text: str, expected: set[str]) -> None:
    assert signals(text, lexicon()) == expected


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("yes", "yes"),
        ("no thanks", "no"),
        ("can we move it to Friday", "rebook"),
        ("not today", "not_now"),
        ("stop texting me", "stop"),
        ("who is this?", "help"),
        ("call me please", "human"),
        ("i want to die", "distress"),
        ("my dad hits me", "violence"),
        ("ja", "yes"),
        ("stopp", "stop"),
        ("jag vill dö", "distress"),
        ("yes but not at 8", "rebook"),
        ("yes and no", "unclear"),
        ("laughed to death", "unclear"),
        ("no i cant", "no"),
    ],
)
def test_english_lists_read_english_and_swedish(text: str, meaning: str) -> None:
    assert read_reply(text, "confirm", lexicon("en")).meaning == meaning


def test_a_laugh_after_a_comma_still_laughs() -> None:
    assert read("jag dör, haha") == "unclear"
    assert read("jag dör") == "distress"
    assert read("jag dör. mår skit, haha") == "distress"
    assert read("vill dö haha") == "distress"


def test_a_name_is_no_alarm_and_a_word_is() -> None:
    assert read("Do", "name") == "unclear"
    assert read("jag vill do", "name") == "distress"
    assert read("jomenvisst") == "yes"


def test_a_walker_finds_what_the_net_finds() -> None:
    for path in CORPUS.glob("*.tsv"):
        texts = [case.text for case in read_cases(path.read_text(encoding="utf-8").splitlines())]
        joined = [". ".join(texts[place : place + 4]) for place in range(0, len(texts), 4)]
        for text in (*texts[::5], *joined[::5]):
            plain, pauses = pauses_in(words(text))
            for net in (lexicon().says, lexicon().innocent):
                slow = {(hit.mark.place, hit.mark.kind, hit.start, hit.end) for hit in find(net, plain, pauses)}
                fast = {(hit.mark.place, hit.mark.kind, hit.start, hit.end) for hit in walker(net).find(plain, pauses)}
                assert slow == fast, text


@pytest.mark.parametrize(
    ("text", "question", "meaning"),
    [
        ("jag sa stopp i våras, sätt igång igen", None, "start"),
        ("jag sa stopp i våras och säger det igen", None, "stop"),
        ("kan inte säga nej till bullar", "confirm", "yes"),
        ("det är inget problem för mig", "confirm", "yes"),
        ("nä int kommer ja dit int", "confirm", "no"),
        ("skulle gärna men kan inte", "confirm", "no"),
        ("är förkyld men jag kommer ändå", "confirm", "yes"),
        ("är förkyld, jag kommer ändå inte", "confirm", "no"),
        ("har ingen skjuts då, på fredag?", "confirm", "rebook"),
        ("kan vi ta det imorgon istället", "yesno", "not_now"),
        ("fråga på du, jag bits inte", "yesno", "unclear"),
        ("ok tack för svaret", None, "unclear"),
        ("j a aa", "confirm", "yes"),
    ],
)
def test_a_refusal_beside_a_refusal_is_weighed(text: str, question: str | None, meaning: str) -> None:
    assert read_reply(text, question, lexicon()).meaning == meaning


@pytest.mark.parametrize(
    "text",
    [
        "mamma dödar mig om jag missar det så ja",
        "pappa blir tokig om jag inte går så jag kommer",
        "jag hittade inte lappen, jag kommer",
        "kan inte va kvar hela tiden men kommer",
    ],
)
def test_a_yes_that_follows_is_a_yes(text: str) -> None:
    assert read(text) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "vet inte om jag kan så jag kommer inte",
        "det går inte om jag jobbar så jag kommer",
        "det känns inte, jag kommer inte",
    ],
)
def test_a_refusal_before_or_after_is_no_such_yes(text: str) -> None:
    assert read(text) != "yes"


@pytest.mark.parametrize("text", ["ska hänga me polarna ikväll", "syrran hotar med att äta upp min glass haha"])
def test_harmless_words_of_alarms_are_no_alarm(text: str) -> None:
    assert read_reply(text, None, lexicon()).meaning == "unclear"


def test_an_alarm_of_the_lists_that_the_net_doubts_is_for_somebody_to_look_at() -> None:
    reply = read_reply("Stopp är samma ord på ukrainska, roligt", None, lexicon())
    assert (reply.meaning, reply.look) == ("unclear", "stop")


@pytest.mark.parametrize(
    "text", ["jag är på", "lite trött men är på", "vi slog läger vid sjön, ses!", "slog knät men ses"]
)
def test_what_ends_its_clause_agrees(text: str) -> None:
    assert read(text) == "yes"


@pytest.mark.parametrize(
    "text", ["är på festival", "är på toan", "hon är på akuten", "när ska vi ses", "jag passar på den"]
)
def test_what_goes_on_after_it_does_not_agree(text: str) -> None:
    assert read(text) != "yes"


@pytest.mark.parametrize(
    "text", ["sjölvmord", "sjävlmord", "sjelvmordstankar", "sjävlmordstankarna är tillbaka", "självmrodstankar"]
)
def test_the_gravest_word_is_heard_however_it_is_spelt(text: str) -> None:
    assert read(text, "free") == "distress"


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        ("armen känns misshandlad efter sprutan", "armen är bruten, han misshandlar mig"),
        ("min son slår mig med en kloss", "min sambo slår mig"),
        ("vilket stopp ska jag kliva av på", "stopp"),
        ("avanmäler mig från matgruppen", "avanmäl mig"),
        ("min kusin tog livet av sig för tio år sen", "jag vill ta livet av mig"),
        ("orkar inte med csn en dag till", "orkar inte med livet en dag till"),
        ("det är svårt med skolan, jag vågar inte gå in", "allt är svart, jag vill dö"),
        ("jag förlorade på boxningen och får stryk av min kompis", "jag får stryk av min pappa"),
    ],
)
def test_harmless_by_who_or_what_and_its_alarm(text: str, alarm: str) -> None:
    assert read(text) not in ALARMS
    assert read(alarm) in ALARMS


@pytest.mark.parametrize(
    "text",
    [
        "jag hänger mig på fredag",
        "kommer hänga mig på lördag",
        "hänger mig med ett rep",
        "jag skjuter mig på lördag",
    ],
)
@pytest.mark.parametrize("question", [None, "confirm", "free"])
def test_a_day_does_not_make_it_harmless(text: str, question: str | None) -> None:
    assert read_reply(text, question, lexicon()).meaning == "distress"


@pytest.mark.parametrize("text", ["jag hänger mig gärna på", "hänger mig på er", "hänger mig på gänget som går"])
def test_who_comes_along_is_no_alarm(text: str) -> None:
    assert read_reply(text, "confirm", lexicon()).meaning != "distress"


def test_what_the_net_takes_back_somebody_looks_at() -> None:
    lost = read_reply(
        "hahaha nä nu hänger jag mig, skellefteå förlorade igen. men ja torsdag funkar", "confirm", lexicon()
    )
    assert (lost.meaning in ("yes", "unclear"), lost.look) == (True, "distress")


def test_who_says_last_that_they_will_shoot_themself_is_heard() -> None:
    assert read_reply("vi ses torsdag, sen skjuter jag mig", "confirm", lexicon()).meaning == "distress"
    assert read_reply("sen skjuter jag upp det till nästa vecka", "confirm", lexicon()).meaning == "not_now"
