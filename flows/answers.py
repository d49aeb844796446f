"""Reading a reply. Pure: a text, the kind of question that is open and the word lists in; one meaning and why out."""

from dataclasses import dataclass

from flows.alarm import CAREFUL, FEW, RANK, Heard, believed, hear, last_resort, listen, sounds
from flows.leaning import DOUBTED, leaning, may_lean, settled
from flows.lexicon import Lexicon
from flows.net import pauses_in
from flows.second import second_net
from flows.text import cut, words
from flows.verdict import Verdict, find_cues, weigh

CONTENT = frozenset({"free", "choice", "name", "year", "phone", "rating", "code"})
"""Questions whose answer is content. There only what is clear ("stopp", "vill dö") is a command, never a phrase."""

_CONFIRM = {"1": "yes", "2": "no", "3": "rebook"}
_POLITE = 4
_SIGNALS = frozenset({"someone_else", "protected"})
_NEEDS_ROOM = frozenset({"human", "help"})


@dataclass(frozen=True, slots=True)
class Reply:
    """How a text was read.

    meaning: yes, no, rebook, stop, start, help, human, distress, violence, not_now, unclear (a person should look), or
    hard ("orkar inte": the two-way question is asked). value: for help who, what, where, when or how; for a yes "time"
    when it names a time, which the caller must compare with the meeting. why: the words that decided (they
    may be the person's own: not for logs).
    also: a second meaning in the same text.
    """

    meaning: str
    value: str | int | None
    why: str
    also: str | None


def read_reply(text: str, question: str | None, lexicon: Lexicon) -> Reply:
    """Read one text as the answer to a question.

    In: any text; the open question's kind (None, "yesno", "confirm", "free", "choice", "name", "year", "phone",
    "rating", "code"); the word lists. "confirm" is "will you come then? 1 yes, 2 no, 3 another time". Never raises.
    """
    plain, pauses = pauses_in(words(cut(text, lexicon.beacons)))
    content = question in CONTENT
    if found := _whole(plain, question, lexicon):
        return found
    mend = lexicon.typos.mend
    mended = [mend(word) for word in plain]
    if mended != plain and (found := _whole(mended, question, lexicon)):
        return found
    if len(plain) == 1 and (stop := lexicon.typos.mend_alone(plain[0], lexicon.stop_words)) != plain[0]:
        return Reply("stop", None, f'the whole text is nearly "{stop}"', None)
    sound = second_net(lexicon.extra).points(mended, pauses)
    hits = believed(hear(mended, pauses, lexicon), sound, mended, pauses, lexicon)
    heard = listen(hits, mended, content)
    if not content or question == "free":
        heard = sounds(heard, sound, mended, pauses, 0.0, lexicon)
    elif len(mended) >= FEW:
        heard = sounds(heard, sound, mended, pauses, CAREFUL, lexicon)
    if content:
        heard = [hit for hit in heard if hit.kind != "help"]
    if heard and heard[0].kind not in _NEEDS_ROOM:
        return _heard(heard, None)
    if content:
        return _heard(heard, None) if heard else Reply("unclear", None, "an answer in free words, kept as it is", None)
    cues = find_cues(mended, pauses, lexicon.cues)
    verdict = weigh(cues, question)
    points = leaning(lexicon.extra).points(mended, pauses, cues, question) if heard or may_lean(verdict, cues) else {}
    heard = [one for one in heard if points.get(one.kind, 0.0) >= DOUBTED]
    if verdict.meaning == "unclear" and not heard and (last := last_resort(hits, mended)):
        return _heard([last], None)
    if heard:
        return _heard(heard, verdict)
    verdict = settled(verdict, points, cues)
    return Reply(verdict.meaning, _value(verdict), verdict.why, None)


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

    Out: back, skip, cancel, restart, later, finish, change, my_data, more, join, new_code or language:<code>; None for
    anything else.
    """
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
    """What changes the road of a talk: "someone_else" (about another person), "protected" (protected identity)."""
    plain, pauses = pauses_in(words(cut(text, lexicon.beacons)))
    mended = [lexicon.typos.mend(word) for word in plain]
    return frozenset(hit.mark.kind for hit in hear(mended, pauses, lexicon)) & _SIGNALS
