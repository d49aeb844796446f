"""Yes, no, another time or not now, from the cues in a short answer. A wrong yes is worse than a question back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flows.net import Node, longest

_MOST_UNKNOWN = 2
"""So many words that the bot does not know may stand beside a clear yes. More, and a person should look."""

_ADVERSE = ("no", "decline", "not", "not_then", "contradiction", "move", "later", "likely")
_ADVERSE_HERE = ("no", "decline", "not_then", "move", "later", "likely")
_REFUSES = frozenset({"no", "decline", "move", "later", "but", "time", "number", "ask", "hard", "low"})
_OPEN = ("maybe", "ask", "move", "later")
_AFTER_STILL = frozenset({"yes", "agree", "able", "time", "number"})
_SAID = frozenset({"yes", "agree", "able", "no", "decline"})
_LAST = "agree_last"
"""What agrees only where it ends its clause: "vi slog läger, ses!", but "är på festival" says nothing."""

_MAY_PRECEDE = frozenset({"yes", "no", "agree", "but", "so", "soft", "still"})
_NUMBERED = frozenset({"number", "yes", "no", "agree"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A meaning, its value ("time" when a yes names a time that the caller must compare), and why."""

    meaning: str
    why: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Cues:
    """What was seen in an answer: the kinds in order, the first words of each kind, and the count of unknown words.

    `trail` is the order as it was found, with "x" for unknown words and "," for pauses; `so` is where in it stands what
    follows the last "så", and 0 where none stands.
    """

    order: tuple[str, ...]
    phrases: dict[str, str]
    unknown: int
    trail: tuple[str, ...] = ()
    so: int = 0

    def has(self, *kinds: str) -> bool:
        """Whether any of these kinds was seen."""
        return not self.phrases.keys().isdisjoint(kinds)

    def offers_time(self) -> bool:
        """Whether a no is followed by what one can do and when ("hinner inte kl 13, går kl 15")."""
        places = [place for place, kind in enumerate(self.order) if kind in {"no", "decline", "hard"}]
        rest = {*self.order[places[-1] + 1 :]} if places else set()
        before = {*self.order[: places[0]]} if places else set()
        at = {"time", "number"}
        return bool(at & rest) and bool({"agree", "able"} & rest or at & before)

    def ends_with_time(self) -> bool:
        """Whether the last clause is only a time, and one before refuses ("har ingen skjuts, på fredag?")."""
        if "," not in self.trail or not self.has("no", "decline", "later"):
            return False
        last = self.trail[len(self.trail) - self.trail[::-1].index(",") :]
        return bool({"time", "move"} & set(last)) and not set(last) - {"time", "number", "maybe", "move"}

    def because(self, *kinds: str) -> str:
        """The words behind these kinds, for people to read."""
        return " and ".join(f'"{self.phrases[kind]}" ({kind})' for kind in kinds if kind in self.phrases)


def find_cues(words: list[str], pauses: frozenset[int], net: Node) -> Cues:
    """Mark a folded text with cues, longest phrase first, from left to right."""
    order: list[str] = []
    trail: list[str] = []
    phrases: dict[str, str] = {}
    unknown = so = 0
    apart: set[int] = set()
    before = ""
    for at, found, phrase in _walk(words, pauses, net):
        kind = found if found != _LAST else "agree" if _ends_clause(at, phrase, pauses, before) else "soft"
        before = kind
        if at in pauses and trail and trail[-1] != ",":
            trail.append(",")
        if not kind:
            unknown += 1
            if trail[-1:] != ["x"]:
                trail.append("x")
        elif kind == "so":
            so = len(trail)
        elif kind != "soft":
            if trail[-1:] and trail[-1] in {"x", ","}:
                apart.add(len(order))
            order.append(kind)
            trail.append(kind)
            phrases.setdefault(kind, phrase)
    if "able" in order:
        order = _able(order, unknown)
        phrases.setdefault("agree", phrases["able"])
    return Cues(*_negated(order, phrases, apart), unknown, tuple(trail), so)


def _ends_clause(at: int, phrase: str, pauses: frozenset[int], before: str) -> bool:
    """Whether nothing follows a phrase in its clause, and nothing that it could belong to stands before it."""
    return at + phrase.count(" ") + 1 in pauses and (at in pauses or before in _MAY_PRECEDE)


def _able(order: list[str], unknown: int) -> list[str]:
    """A bare "jag kan" agrees when beside it stands at most a yes or a no, or a yes and a time. Else it is mute."""
    alone = not unknown and not set(order) - {"able", "yes", "no", "agree"}
    alone = alone or (not unknown and "yes" in order and not set(order) - {"able", "yes", "agree", "time"})
    return ["agree" if kind == "able" and alone else kind for kind in order]


def _walk(words: list[str], pauses: frozenset[int], net: Node) -> Iterator[tuple[int, str, str]]:
    """The place, the kind and the words of each cue, in order; an empty kind for a word that is no cue."""
    at, end = 0, len(words)
    while at < end:
        size, mark = longest(net, words, at, pauses, _SAID)
        phrase = " ".join(words[at : at + size])
        if mark is None and words[at][0].isdigit():
            yield at, ("time" if any(char in words[at] for char in "./") else "number"), phrase
        else:
            yield at, (mark.kind if mark else ""), phrase
        at += size


def _negated(order: list[str], phrases: dict[str, str], apart: set[int]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Give every "not" its place: beside a time it asks for another, beside a yes or no it makes a contradiction.

    `apart` holds the places of cues that a pause or a word that is not known parts from the one before.
    """
    out = list(order)
    for place, kind in enumerate(order):
        if kind != "not":
            continue
        after = order[place + 1] if place + 1 < len(order) else ""
        before = order[place - 1] if place else ""
        if after in {"time", "number"} or (before in {"time", "number"} and not after):
            out[place] = "not_then"
        elif before == "agree" and after not in _SAID and place not in apart:
            out[place - 1], out[place] = "decline", "decline"  # "det passar mig inte"
        elif after in _SAID or before in {"yes", "agree"}:
            out[place] = "contradiction"
        if out[place] == "decline":
            phrases.setdefault("decline", f"{phrases['agree']} {phrases['not']}")
        elif out[place] != "not":
            phrases.setdefault(out[place], phrases["not"])
    return tuple(out), {kind: phrases[kind] for kind in out}


def weigh(cues: Cues, question: str | None) -> Verdict:
    """Decide what an answer means from its cues."""
    cues = _not_today(cues, question)
    for rule in _rules():
        if verdict := rule(cues, question):
            return _another_time(verdict, cues, question)
    return Verdict("unclear", "no word that answers a question")


def _another_time(verdict: Verdict, cues: Cues, question: str | None) -> Verdict:
    """Where no meeting was asked about, another time for the question itself is later."""
    if question != "yesno" or verdict.meaning != "rebook" or not cues.has("move") or cues.has("yes", "agree"):
        return verdict
    return Verdict("not_now", verdict.why)


def _rules() -> tuple[Callable[[Cues, str | None], Verdict | None], ...]:
    """The rules, in the order that they are asked."""
    return (
        _after_all,
        _anyway,
        _so_yes,
        _but_no,
        _contradicted,
        _hard,
        _unsure_later,
        _moved,
        _maybe,
        _later,
        _both,
        _agreed,
        _declined,
        _only_time,
    )


def _not_today(cues: Cues, question: str | None) -> Cues:
    """Unable today is a no to a meeting, and to any other question: later."""
    if not cues.has("not_today"):
        return cues
    kind = "decline" if question == "confirm" else "later"
    order = tuple(kind if one == "not_today" else one for one in cues.order)
    trail = tuple(kind if one == "not_today" else one for one in cues.trail)
    return Cues(order, {kind: cues.phrases["not_today"], **cues.phrases}, cues.unknown, trail, cues.so)


def _after_all(cues: Cues, question: str | None) -> Verdict | None:
    """A yes at the end, with nothing that takes it back: after a "men", or in a clause of its own after chatter."""
    if question is None or cues.has(*_ADVERSE_HERE) or not _not_of_it(cues):
        return None
    if "but" in cues.trail:
        at = len(cues.trail) - cues.trail[::-1].index("but")
        before, last = cues.trail[: at - 1], cues.trail[at:]
    elif "," in cues.trail and not cues.has("maybe", "ask", "hard", "low"):
        at = len(cues.trail) - cues.trail[::-1].index(",")
        before, last = ("",), cues.trail[at:]
    else:
        return None
    said = {"yes", "agree", "still", "able", ","} | ({"time"} if {*before} <= {"x", ","} else set())
    if not {"yes", "agree", "still"} & set(last) or set(last) - said:
        return None
    return Verdict("yes", f"in the end {cues.because('yes', 'agree', 'still')}", "time" if cues.has("time") else None)


def _not_of_it(cues: Cues) -> bool:
    """Whether every "inte" denies something else, in a clause before the yes: "såg inte ert sms, jag kommer"."""
    if "not" not in cues.trail:
        return True
    *before, last = " ".join(cues.trail).split(" , ")
    denied = [{*clause.split()} for clause in before if "not" in clause.split()]
    is_other = all("x" in clause and not clause & _SAID for clause in denied)
    return is_other and "not" not in last.split() and "agree" in last.split()


def _anyway(cues: Cues, question: str | None) -> Verdict | None:
    """A yes in spite of something ("har ont i halsen men jag kommer ändå"), with nothing after it that refuses."""
    if "still" not in cues.phrases or question is None or cues.has("no", "not", "not_then", "contradiction", *_OPEN):
        return None
    after = cues.order[cues.order.index("still") + 1 :]
    if set(after) - _AFTER_STILL:
        return None
    return Verdict("yes", cues.because("still"), "time" if cues.has("time") else None)


def _so_yes(cues: Cues, question: str | None) -> Verdict | None:
    """A yes that follows from what would happen else: "mamma blir arg om jag missar det så jag kommer"."""
    if question is None or not cues.so or not cues.phrases.get("maybe", "").startswith("om"):
        return None
    before, after = cues.trail[: cues.so], {*cues.trail[cues.so :]}
    if "maybe" not in before or not {"yes", "agree"} & after or after - {"yes", "agree", "able"}:
        return None
    said = before[: before.index("maybe")]  # what stands after the "om" is what will not be
    if _REFUSES & {*said} or (_REFUSES - {"no", "decline"}) & {*before}:
        return None
    return Verdict("yes", f"in the end {cues.because('yes', 'agree')}")


def _but_no(cues: Cues, question: str | None) -> Verdict | None:
    """A no at the end, after a "men": "skulle gärna men kan inte"."""
    if "but" not in cues.phrases or question is None or cues.has("still", "contradiction", "not_then", "time", *_OPEN):
        return None
    at = len(cues.trail) - cues.trail[::-1].index("but")
    is_yes = {*cues.trail[: at - 1]} <= {"yes", ",", "but", "able", "x"} and cues.has("yes")
    is_no = "decline" in cues.trail[at:] and {*cues.trail[at:]} <= {"no", "decline", ","}
    return Verdict("no", f"in the end {cues.because('decline')}") if is_yes and is_no else None


def _contradicted(cues: Cues, question: str | None) -> Verdict | None:
    if question == "confirm" and cues.has("number") and cues.has("yes", "no") and set(cues.order) <= _NUMBERED:
        return Verdict("unclear", f"a word and a number: {cues.because('yes', 'no', 'number')}")
    if cues.has("contradiction"):
        return Verdict("unclear", f"a yes or no beside {cues.because('contradiction')}")
    return None


def _hard(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("hard", "low"):
        return None
    if cues.has("move"):
        return Verdict("rebook", cues.because("hard", "low", "move"))
    if cues.has("hard") and cues.has("agree") and cues.offers_time():
        return Verdict("rebook", f"not that, but a time: {cues.because('hard', 'agree', 'time')}")
    if cues.has("yes", "agree"):
        return Verdict("unclear", f"both {cues.because('yes', 'agree', 'hard', 'low')}")
    if cues.has("later") or (cues.has("hard") and cues.has("time")):
        return Verdict("not_now", cues.because("hard", "low", "later", "time"))
    if cues.has("no", "decline"):
        return Verdict("no", cues.because("no", "decline", "hard", "low"))
    return Verdict("hard", f"{cues.because('hard', 'low')}: today, or something more? The two-way question is asked")


def _unsure_later(cues: Cues, question: str | None) -> Verdict | None:
    """Maybe or a question, beside another time or another moment and no yes: that is the answer."""
    if not cues.has("maybe") or cues.has("yes", "agree"):
        return None
    if question == "confirm" and cues.ends_with_time():
        return Verdict("rebook", f"not that, but perhaps a time: {cues.because('no', 'decline', 'time')}")
    if cues.has("move", "not_then"):
        return Verdict("rebook", cues.because("maybe", "move", "not_then"))
    return Verdict("not_now", cues.because("maybe", "later")) if cues.has("later") else None


def _maybe(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("maybe"):
        asks = cues.has("ask") and not cues.has("no", "decline")
        if asks and question and cues.trail[:2] == ("yes", ",") and not cues.has(*_ADVERSE, "time", "number", "agree"):
            return Verdict("yes", f"{cues.because('yes')}, and a question")  # "okej! kan jag ta med hunden?"
        return Verdict("unclear", f"a question to us: {cues.because('ask')}") if asks else None
    return Verdict("unclear", f"unsure: {cues.because('maybe')}")


def _moved(cues: Cues, question: str | None) -> Verdict | None:
    if cues.has("move"):
        return Verdict("rebook", cues.because("move"))
    if cues.has("not_then") and question == "confirm" and cues.order.count("number") > 1:
        return Verdict("unclear", f"two numbers and a not: {cues.because('number', 'not_then')}")
    if cues.has("not_then"):
        return Verdict("rebook", f"not that time: {cues.because('not_then')}")
    if cues.has("ask") and cues.has("time", "later", "number"):
        return Verdict("rebook", f"a question and a time: {cues.because('ask', 'time', 'later', 'number')}")
    if question == "confirm" and cues.ends_with_time() and not cues.has("yes", "agree"):
        return Verdict("rebook", f"not that, but a time: {cues.because('no', 'decline', 'later', 'time')}")
    if cues.offers_time():
        return Verdict("rebook", f"not that, but a time: {cues.because('no', 'decline', 'agree', 'able', 'time')}")
    if cues.has("but") and cues.has("time") and not cues.has("not"):
        return Verdict("rebook", f"a catch and a time: {cues.because('but', 'time')}")
    return None


def _later(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("later"):
        return None
    if not cues.has("yes", "agree"):
        return Verdict("not_now", cues.because("later"))
    if cues.has("but") or cues.has("time"):
        return Verdict("rebook", f"another moment: {cues.because('later', 'but', 'time')}")
    return Verdict("unclear", f"both {cues.because('yes', 'agree', 'later')}")


def _both(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("yes", "agree"):
        return None
    if cues.has("no", "decline"):
        return Verdict("unclear", f"both {cues.because('yes', 'agree', 'no', 'decline')}")
    if cues.has("not"):
        return Verdict("unclear", f"a yes beside {cues.because('not')}")
    if cues.has("likely"):
        return Verdict("unclear", f"not quite sure: {cues.because('yes', 'agree', 'likely')}")
    if cues.has("but") and (cues.unknown or cues.order[-1] == "but"):
        return Verdict("unclear", f"a yes with a catch: {cues.because('but')}")
    return None


def _agreed(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("yes", "agree"):
        return None
    if cues.unknown and question is None and not cues.has("yes"):
        return Verdict("unclear", f"nothing was asked, and not all of it is known: {cues.because('agree')}")
    if cues.unknown > _MOST_UNKNOWN:
        return Verdict("unclear", f"{cues.because('yes', 'agree')} among {cues.unknown} words that are not known")
    return Verdict("yes", cues.because("yes", "agree"), "time" if cues.has("time") else None)


def _declined(cues: Cues, question: str | None) -> Verdict | None:
    if not cues.has("no", "decline"):
        return None
    if cues.has("time") and not cues.has("decline") and not cues.unknown:
        return Verdict("rebook", f"a no and a time: {cues.because('no', 'time')}")
    if cues.unknown > (_MOST_UNKNOWN if cues.has("no") else 0) and question is None:
        return Verdict("unclear", f"nothing was asked, and not all of it is known: {cues.because('no', 'decline')}")
    if cues.order[-1] == "but" or (cues.has("able") and cues.has("but")):
        return Verdict("unclear", f"a no with a catch: {cues.because('no', 'decline', 'but')}")
    return Verdict("no", cues.because("no", "decline"))


def _only_time(cues: Cues, question: str | None) -> Verdict | None:
    if cues.has("time") and question == "confirm" and not cues.unknown and not cues.has("not"):
        return Verdict("rebook", f"a time and nothing else: {cues.because('time')}")
    return None
