"""Reading a reply. Pure: a text, the kind of question that is open and the word lists in; one meaning and why out."""

from dataclasses import dataclass, replace

from flows.alarm import FEW, FOREIGN, RANK, Heard, believed, hear, last_resort, listen, sounds
from flows.leaning import DOUBTED, leaning, may_lean, said_last, settled
from flows.lexicon import Lexicon
from flows.net import Hit, pauses_in
from flows.second import KINDS, QUIET, second_net
from flows.text import cut, words
from flows.verdict import Verdict, find_cues, weigh

CONTENT = frozenset({"free", "choice", "time", "name", "year", "phone", "rating", "code"})
"""Questions whose answer is content. There only what is clear ("stopp", "vill dö") is a command, never a phrase."""

_CONFIRM = {"1": "yes", "2": "no", "3": "rebook"}
_POLITE = 4
_DASHES = frozenset("-–—")
"""What people put where they would leave a line of a form empty."""

_SIGNALS = frozenset({"someone_else", "partner", "protected"})
_NEEDS_ROOM = frozenset({"human", "help"})


@dataclass(frozen=True, slots=True)
class Reply:
    """How a text was read.

    meaning: yes, no, rebook, stop, start, help, human, distress, violence, not_now, unclear (a person should look), or
    hard ("orkar inte": the two-way question is asked). value: for help who, what, where, when or how; for a yes "time"
    when it names a time, which the caller must compare with the meeting. why: the words that decided (they
    may be the person's own: not for logs).
    also: a second meaning in the same text. look: the alarm that it might be, where that is too unsure to alarm
    anybody, or "human" for an answer that holds a wish for one: the text is read as it is, and a person of ours should
    see it.
    """

    meaning: str
    value: str | int | None
    why: str
    also: str | None
    look: str | None = None


def read_reply(text: str, question: str | None, lexicon: Lexicon) -> Reply:
    """Read one text as the answer to a question.

    In: any text; the open question's kind (None, "yesno", "confirm", "free", "choice", "time", "name", "year",
    "phone", "rating", "code"); the word lists. "confirm" is "will you come then? 1 yes, 2 no, 3 another time". Never
    raises.
    """
    plain, pauses = pauses_in(words(cut(text, lexicon.beacons)))
    if lexicon.typos.may_be_another_word(plain):  # "sara" may be "såra", also where a Sara works
        bare = read_reply(text, question, lexicon.with_our(()))
        if {bare.meaning, bare.also} & set(KINDS):
            return bare
    content = question in CONTENT
    if found := _whole(plain, question, lexicon):
        return found
    mend = lexicon.typos.mend
    mended = [mend(word) for word in plain]
    if mended != plain and (found := _whole(mended, question, lexicon)):
        return found
    if len(plain) == 1 and (stop := lexicon.typos.mend_alone(plain[0], lexicon.stop_words)) != plain[0]:
        return Reply("stop", None, f'the whole text is nearly "{stop}"', None)
    sound = QUIET if _is_read_surely(plain, mended, lexicon) else second_net(lexicon.extra).points(mended, pauses)
    said = hear(mended, pauses, lexicon)
    hits = believed(said, sound, mended, pauses, lexicon)
    heard, look = sounds(listen(hits, mended, content), sound, mended, pauses, question, lexicon)
    if content:
        reply = _content([hit for hit in heard if hit.kind != "help"])
    else:
        reply = _answer(mended, pauses, question, heard, hits, lexicon)
    if look is None and len(hits) < len(said):
        look = next((one.kind for one in listen(said, mended, content) if one.kind in KINDS), None)
    if look is None or reply.look or {reply.meaning, reply.also} & set(KINDS):
        return reply
    return replace(reply, look=look, why=f"{reply.why}; might be {look}: a person should look")


def _is_read_surely(plain: list[str], mended: list[str], lexicon: Lexicon) -> bool:
    """Whether a text is a command, a choice or a closing word: the second net has nothing to say about those."""
    if " ".join(plain) in lexicon.exact or lexicon.closing.issuperset(plain):
        return True
    if mended != plain and " ".join(mended) in lexicon.exact:
        return True
    return len(plain) <= _POLITE and _names_a_line(plain, lexicon)


def _content(heard: list[Heard]) -> Reply:
    """The answer to a question for content: that content, unless it says something that is heard whatever was asked."""
    return _heard(heard, None) if heard else Reply("unclear", None, "an answer in free words, kept as it is", None)


def _answer(
    plain: list[str],
    pauses: frozenset[int],
    question: str | None,
    heard: list[Heard],
    hits: list[Hit],
    lexicon: Lexicon,
) -> Reply:
    """An alarm, a wish, or what the cues say."""
    if heard and heard[0].kind not in _NEEDS_ROOM:
        return _banter(plain, pauses, question, heard, lexicon) or _heard(heard, None)
    cues = find_cues(plain, pauses, lexicon.cues)
    verdict = weigh(cues, question)
    # A command or a choice leans nowhere, nor does another language.
    leans = (heard or may_lean(verdict, cues)) and not _is_read_surely(plain, plain, lexicon)
    leans = leans and second_net(lexicon.extra).strange_share(plain) <= FOREIGN
    points = leaning(lexicon.extra).points(plain, pauses, cues, question) if leans else {}
    heard = [one for one in heard if points.get(one.kind, 0.0) >= DOUBTED]
    if verdict.meaning == "unclear" and not heard and (last := last_resort(hits, plain)):
        return _heard([last], None)
    if heard:
        return _heard(heard, verdict)
    if points:
        verdict = settled(verdict, points, cues, said_last(cues))
    if question is None and verdict.meaning == "yes" and lexicon.closing.issuperset(plain):
        return Reply("unclear", None, "nothing was asked, and it only closes", None)
    return Reply(verdict.meaning, _value(verdict), verdict.why, None)


def _banter(
    plain: list[str], pauses: frozenset[int], question: str | None, heard: list[Heard], lexicon: Lexicon
) -> Reply | None:
    """A "sluta" that is only said in passing, before an answer that agrees ("nej sluta, redan? kul, jag kommer")."""
    phrase = heard[0].phrase
    if len(heard) > 1 or heard[0].kind != "stop" or not heard[0].is_said or phrase.count(" ") >= FEW:
        return None
    cues = find_cues(plain, pauses, lexicon.cues)
    if not cues.trail or cues.trail[-1] != "agree" or cues.has("decline"):
        return None
    verdict = weigh(cues, question)
    meaning = verdict.meaning if verdict.meaning == "yes" else "unclear"
    why = f'{verdict.why}; beside "{phrase}", which might be stop: a person should look'
    return Reply(meaning, None, why, None, "stop")


def _value(verdict: Verdict) -> str | None:
    return "hard" if verdict.meaning == "hard" else verdict.value


def _heard(heard: list[Heard], verdict: Verdict | None) -> Reply:
    first = heard[0]
    also = heard[1].kind if len(heard) > 1 else None
    if also is None and verdict is not None and verdict.meaning not in {"unclear", "hard"}:
        also = verdict.meaning
    verb = "says" if first.is_said else "sounds like it:"
    return Reply(first.kind, first.value, f'{verb} "{first.phrase}" ({first.kind})', also)


def _whole(plain: list[str], question: str | None, lexicon: Lexicon) -> Reply | None:
    """A text that is a known reply from end to end."""
    if not plain:
        return Reply("unclear", None, "nothing that can be read", None)
    text = " ".join(plain)
    if question in CONTENT:
        found = lexicon.whole.get(text)
        sure = found is not None and (found[0] in RANK or text in lexicon.plain_answers)
        return Reply(found[0], found[1], f'the whole text is "{text}"', None) if found and sure else None
    if question == "confirm" and (number := _number(text, plain, lexicon)) in _CONFIRM:
        return Reply(_CONFIRM[number], None, f"choice {number}", None)
    if found := lexicon.whole.get(text):
        return Reply(found[0], "hard" if found[0] == "hard" else found[1], f'the whole text is "{text}"', None)
    return None


def _number(text: str, plain: list[str], lexicon: Lexicon) -> str | None:
    """The choice that a text makes by number, also with a word of thanks ("2 tack")."""
    if text in lexicon.digits or len(plain) > _POLITE:
        return lexicon.digits.get(text)
    return lexicon.digits.get(" ".join(word for word in plain if word not in lexicon.polite))


def command(text: str, lexicon: Lexicon) -> str | None:
    """A command about the talk itself, said exactly.

    Out: back, skip, cancel, enough, restart, later, finish, change, my_data, more, join, new_code or language:<code>;
    None for anything else.
    """
    if text.strip() in _DASHES:
        return "skip"
    said_words = [word for word in words(text[:200]) if word != ","]
    exact = lexicon.commands.get(" ".join(said_words))
    return exact or ("change" if _names_a_line(said_words, lexicon) else None)


def _names_a_line(said_words: list[str], lexicon: Lexicon) -> bool:
    """Whether it is a word for changing followed by the name of an answer ("ändra namn till Alex")."""
    if len(said_words) < 2 or lexicon.commands.get(said_words[0]) != "change":
        return False
    rest = f" {' '.join(said_words[1:])} "
    return any(
        f" {name} " in rest
        for names in lexicon.slots.values()
        for name in (" ".join(words(each)) for each in names)
        if name
    )


def is_closing(text: str, lexicon: Lexicon) -> bool:
    """Whether a text only closes a talk ("tack", "ok", a thumb) and so opens nothing."""
    found = [word for word in words(text[:200]) if word != ","]
    return bool(found) and all(word in lexicon.closing for word in found) and len(text) <= 200


def signals(text: str, lexicon: Lexicon) -> frozenset[str]:
    """What changes the road of a talk: "someone_else" (about another), "partner" (in their work), "protected"."""
    plain, pauses = pauses_in(words(cut(text, lexicon.beacons)))
    mended = [lexicon.typos.mend(word) for word in plain]
    return frozenset(hit.mark.kind for hit in hear(mended, pauses, lexicon)) & _SIGNALS
