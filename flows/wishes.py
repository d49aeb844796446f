"""Small wishes outside the talks: a greeting, whether "a human" means a phone call, why we ask."""

from __future__ import annotations

from functools import cache
from typing import Final

from flows.lexicon import Lexicon
from flows.text import fold, squeeze

A_QUESTION: Final = 3
"""Words that a question to us has at least in the middle of a talk; "va sa du" wants ours once more. Our choice."""

A_WHOLE_QUESTION: Final = 4
"""Words of one that is more than a bare "vad är det" or a yes with a rising voice ("ja kl 14 va?"). Our choice."""


def greets(text: str, lexicon: Lexicon) -> bool:
    """Whether the text is a greeting and no more, or one word more ("hej igen")."""
    first, _, rest = text.strip().partition(" ")
    return _is_one_of("greetings", text, lexicon) or (
        " " not in rest.strip() and _is_one_of("greetings", first, lexicon)
    )


def says_sorry(text: str, lexicon: Lexicon) -> bool:
    """Whether the text is an apology and nothing else."""
    return _is_one_of("sorry", text, lexicon)


def wants_a_call(text: str, lexicon: Lexicon) -> bool:
    """Whether a wish to talk with someone is a wish to be rung."""
    return _has_one_of("call", text, lexicon)


def calls_another(text: str, lexicon: Lexicon) -> bool:
    """Whether it is a third person who is to be rung: "kan ni ringa han", and no "kan ni ringa mig om honom"."""
    said = [word.strip(" ,.!?") for word in squeeze(fold(text)).split()]
    lists = lexicon.extra.get("wishes", {})
    call, them = ({_plain(word) for word in lists.get(name, ())} for name in ("call", "another"))
    small = {_plain(word) for word in lists.get("call_to", ())}
    for at, word in enumerate(said[:-1]):
        whom = next((each for each in said[at + 1 :] if each not in small), "")
        if word in call and whom in them:
            return True
    return False


def tells_of_the_past(text: str, lexicon: Lexicon) -> bool:
    """Whether it tells how it went, and holds no plain yes or no: "glömde helt", "kom inte upp"."""
    return _has_one_of("past", text, lexicon) and not _has_one_of("yes_no", text, lexicon)


def nobody_was_there(text: str, lexicon: Lexicon) -> bool:
    """Whether it is we who were not there: "jag kom men ingen var där"."""
    return _has_one_of("nobody", text, lexicon)


def asks_why(text: str, lexicon: Lexicon) -> bool:
    """Whether a question to us is why we ask."""
    return _has_one_of("why", text, lexicon)


def without_hold_on(text: str, lexicon: Lexicon) -> str:
    """The text without a "vänta" or "oj" that it begins with."""
    said = text.replace(",", " ").split()
    known = {_plain(words) for words in lexicon.extra.get("wishes", {}).get("hold_on", ())}
    first = next((size for size in (2, 1) if squeeze(fold(" ".join(said[:size]))).strip(" .!") in known), 0)
    return " ".join(said[first:])


def says_nothing(text: str, lexicon: Lexicon) -> bool:
    """Whether the text is that there is nothing, or nothing that they know of: "inget särskilt", "vet inte"."""
    return _is_one_of("nothing", text, lexicon) or cannot_say(text, lexicon)


def cannot_say(text: str, lexicon: Lexicon) -> bool:
    """Whether the text is that they do not know, and no more: "vet inte"."""
    return _is_one_of("cannot_say", text, lexicon)


def says_goodbye(text: str, lexicon: Lexicon) -> bool:
    """Whether the text ends with a goodbye: "ok hej då"."""
    said = f" {squeeze(fold(text)).strip(' ,.!')}"
    return any(said.endswith(f" {_plain(words)}") for words in lexicon.extra.get("wishes", {}).get("goodbye", ()))


def corrects(text: str, lexicon: Lexicon) -> bool:
    """Whether the text begins by saying that something was wrong: "fel år", "oj skrev fel namn"."""
    said = f"{squeeze(fold(text)).strip(' ,.!?')} "
    return any(said.startswith(f"{_plain(words)} ") for words in lexicon.extra.get("wishes", {}).get("wrong", ()))


def asks_when_we_write(text: str, lexicon: Lexicon) -> bool:
    """Whether they ask when we write, ring or answer: "när hör ni av er", and no "när ringer jag"."""
    said, lists = f"{squeeze(fold(text)).strip(' ,.!?')} ", lexicon.extra.get("wishes", {})
    begins = any(said.startswith(f"{_plain(words)} ") for words in lists.get("how_soon", ()))
    theirs = any(f" {_plain(words)} " in said for words in lists.get("i_write", ()))
    return _is_one_of("what_next", text, lexicon) or (begins and not theirs and _has_one_of("we_write", text, lexicon))


def asks_how_long(text: str, lexicon: Lexicon) -> bool:
    """Whether they ask how long it takes, which only who waits asks of our answer."""
    return _is_one_of("how_long", text, lexicon)


def asks_if_voluntary(text: str, lexicon: Lexicon) -> bool:
    """Whether a question to us is if one must: "är det frivilligt"."""
    return _has_one_of("voluntary", text, lexicon)


def asks_who_is_told(text: str, lexicon: Lexicon) -> bool:
    """Whether a question to us is who else gets to know: "får mina föräldrar veta", "kan man vara anonym"."""
    tells = _has_one_of("tells", text, lexicon) and _has_one_of("others", text, lexicon)
    return tells or _has_one_of("private", text, lexicon)


def asks_to_talk(text: str, lexicon: Lexicon) -> bool:
    """Whether a question to us is how much one has to talk: "måste man prata", and no "jag behöver prata med någon"."""
    said = squeeze(fold(text))
    asks = any(said.startswith(f"{_plain(begins)} ") for begins in lexicon.extra.get("wishes", {}).get("must", ()))
    return asks and _has_one_of("talk", text, lexicon) and not _has_one_of("with", text, lexicon)


def asks_what_there_is(text: str, lexicon: Lexicon) -> bool:
    """Whether it asks whether there is something where we meet: "har ni fika?"."""
    said = f"{squeeze(fold(text))} "
    return any(said.startswith(f"{_plain(begins)} ") for begins in lexicon.extra.get("wishes", {}).get("there_is", ()))


def leaves_it_open(text: str, lexicon: Lexicon) -> bool:
    """Whether an "eller" stands in it: "1 eller 2" chooses neither."""
    return _has_one_of("or", text, lexicon)


def kind_of_time(text: str, lexicon: Lexicon) -> str | None:
    """Whether a "group" or a "meeting" is named: "gruppen", "promenaden"; None for neither and for both."""
    named = [kind for kind in ("group", "meeting") if _has_one_of(f"a_{kind}", text, lexicon)]
    return named[0] if len(named) == 1 else None


def names_one_of_ours(text: str, lexicon: Lexicon) -> bool:
    """Whether one of those who work here is named, and somebody wanted by that: "med anna helst", "hellre erik"."""
    said = {word.strip(" ,.!?") for word in squeeze(fold(text)).split()}
    ours = lexicon.typos.ours | {_plain(name) for name in lexicon.extra.get("wishes", {}).get("stand_ins", ())}
    return bool(said & ours) and not _has_one_of("not_them", text, lexicon)


def is_puzzled(text: str, lexicon: Lexicon) -> bool:
    """Whether the text only asks what we meant: "va?", "fattar inte", a question mark and nothing else."""
    return (bool(text.strip()) and not text.strip(" ?.!")) or _is_one_of("puzzled", text, lexicon)


def is_daunted(text: str, lexicon: Lexicon) -> bool:
    """Whether they say that they do not dare, and no more: neither a yes nor a no."""
    return _is_one_of("daunted", text.replace(",", ""), lexicon)


def means_themself(text: str, lexicon: Lexicon) -> bool:
    """Whether they end on that it is about themself: "det är jag", and not "det är jag som är mamman"."""
    said = f" {squeeze(fold(text)).replace(',', '')}"
    return any(said.endswith(f" {_plain(words)}") for words in lexicon.extra.get("wishes", {}).get("themself", ()))


def speaks_of_another(text: str, lexicon: Lexicon) -> bool:
    """Whether a third person is named: he, she, they."""
    return _has_one_of("another", text, lexicon)


def opens_as_question(text: str, lexicon: Lexicon) -> bool:
    """Whether it starts or ends as a question: "va ska jag göra", and not "jag vet inte vad jag ska göra"."""
    return "?" in text or _starts_as_question(text, lexicon)


def is_question(text: str, lexicon: Lexicon) -> bool:
    """Whether it both starts and ends as a question: "får man ändra sig sen?", and not "ute kanske?"."""
    return text.rstrip().endswith("?") and _starts_as_question(text, lexicon)


def _starts_as_question(text: str, lexicon: Lexicon) -> bool:
    return _has_one_of("asks", text.strip().partition(" ")[0], lexicon)


def may_ask_us(text: str, lexicon: Lexicon) -> bool:
    """Whether it may be a question at all; cheap, so that a plain answer is not read twice."""
    return "?" in text or _has_one_of("asks", text, lexicon)


def _is_one_of(wish: str, text: str, lexicon: Lexicon) -> bool:
    said = squeeze(fold(text)).strip(" ,.!?")
    return said in {_plain(word) for word in lexicon.extra.get("wishes", {}).get(wish, ())}


def _has_one_of(wish: str, text: str, lexicon: Lexicon) -> bool:
    words = {word.strip(" ,.!?") for word in squeeze(fold(text)).split()}
    return any(_plain(word) in words for word in lexicon.extra.get("wishes", {}).get(wish, ()))


@cache
def _plain(word: str) -> str:
    return squeeze(fold(word)).strip(" ,.!")
