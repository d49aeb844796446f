"""Where an answer leans when the rules of flows/verdict.py find it unclear, or read it as it is hardly ever meant.

The same small linear model as the second net, with other clues: the cues in their order, and the words. Taught from the
labelled replies (benchmarks/teach.py). A wrong yes is worse than a question back: see `settled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from flows.themes import spelling
from flows.tokens import remembered
from flows.verdict import Cues, Verdict
from flows.weights import Clues, Weights, pieces, square

KINDS: Final = ("yes", "no", "rebook", "not_now", "help", "human", "start", "unclear")
VALUES: Final = {"cue": 1.0, "asked": 1.0, "word": 1.0, "piece": 0.4, "beside": 1.0, "edge": 1.0}

_ENOUGH: Final = 0.0
_AHEAD: Final = 0.4
"""The points that a meaning must have, and how far the next one must be behind."""

_AHEAD_OF_DOUBT: Final = 1.6
"""So far ahead must a yes be beside an "om", a "kanske" or a number: "ja om det inte regnar" is no plain yes."""

DOUBTED: Final = -0.6
"""Of fewer points than this, a meaning that the rules found is doubted."""

_PIECES: Final = (4, 5)
_ROOM: Final = 4000
_SHORT: Final = 2
_MOST_UNKNOWN: Final = 6
"""Beside more words than this that the bot does not know, a "ja" may be another language's "and"."""

_YES: Final = "ja"
_IF: Final = "om"
_YES_NO: Final = frozenset({"yes", "no"})
_REFUSES: Final = frozenset({"no", "decline", "not", "not_then", "not_today", "hard", "later", "move", "contradiction"})
_TIMES: Final = frozenset({"time", "number"})
_LONG: Final = 50
"""A text of more words than this is no short answer: it leans nowhere."""


def spelt(words: list[str], forms: Mapping[str, str]) -> list[str]:
    """Words as they are spelt in what was taught, but "ja": it is "jag", and a yes."""
    return [word if word == _YES else forms.get(word, word) for word in words]


def clues_of(
    given: list[str], pauses: frozenset[int], cues: Cues, question: str | None, forms: Mapping[str, str]
) -> Clues:
    """All clues of an answer, one by one. For teaching; `Leaning` reads with what it keeps, and to the same points."""
    words = spelt(given, forms)
    return {
        **_together(words, pauses, cues, question),
        "word": words,
        "piece": [piece for word in words for piece in pieces(word, _PIECES)],
    }


def _together(words: list[str], pauses: frozenset[int], cues: Cues, question: str | None) -> Clues:
    """The clues beyond single words: the cues, alone, in twos and threes, and with the question; words side by side."""
    trail = ("<", *cues.trail, ">")
    twos = [f"{one} {two}" for one, two in pairwise(trail)]
    threes = [f"{one} {two} {three}" for one, two, three in zip(trail, trail[1:], trail[2:], strict=False)]
    known = [kind for kind in trail if kind not in {"x", ","}]
    asked = question or "none"
    return {
        "cue": [*trail, *twos, *threes, *(f"{one}..{two}" for one, two in pairwise(known))],
        "asked": [f"{asked}:{cue}" for cue in (*trail, *twos)],
        "beside": [f"{one} {two}" for at, (one, two) in enumerate(pairwise(words), 1) if at not in pauses],
        "edge": [f"<{words[0]}", f"{words[-1]}>", f"{asked}:<{words[0]}"],
    }


class Leaning:
    """What was taught about answers, ready to weigh with. What a word says is kept while there is room."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """In: {"answers": bytes, "spelling": ...}, from a language folder; without, no answer leans anywhere."""
        self._weights = Weights(KINDS, VALUES, data.get("answers", b""))
        self._spelling = spelling(data)
        self._known: dict[str, tuple[int, float]] = {}

    def points(self, words: list[str], pauses: frozenset[int], cues: Cues, question: str | None) -> dict[str, float]:
        """How much an answer leans to each of KINDS; nothing where nothing was taught."""
        if not self._weights or not 0 < len(words) <= _LONG:
            return {}
        words = spelt(words, self._spelling)
        alone = [self._known.get(word) or self._learn(word) for word in words]
        clues = _together(words, pauses, cues, question)
        said = self._weights.said(clues) + sum([one[0] for one in alone])
        squared = square(clues, VALUES) + sum([one[1] for one in alone])
        return dict(zip(KINDS, self._weights.weighed(said, squared), strict=True))

    def _learn(self, word: str) -> tuple[int, float]:
        """What a word says by itself, and what that squares to."""
        if len(self._known) >= _ROOM:
            self._known = {}
        clues = {"word": [word], "piece": list(pieces(word, _PIECES))}
        self._known[word] = found = (self._weights.said(clues), square(clues, VALUES))
        return found


def may_lean(verdict: Verdict, cues: Cues) -> bool:
    """Whether there is anything to settle: a clear answer, every word understood, stays as it is; so does a time."""
    if not cues.unknown and ({*cues.order} <= _TIMES or _is_a_choice_and_a_word(cues)):
        return False
    return verdict.meaning == "unclear" or cues.unknown > 0 or len(cues.order) > _SHORT


def _is_a_choice_and_a_word(cues: Cues) -> bool:
    """Such as "ok. 2 då", where 2 is no: the word may only be polite, and the number may be an hour."""
    return cues.has("number") and {*cues.order} <= {"number", *_YES_NO} and len(cues.order) == _SHORT


def settled(verdict: Verdict, points: Mapping[str, float], cues: Cues, last: str = "") -> Verdict:
    """The rules' verdict, or where the answer leans when they found it unclear or something that it hardly is.

    A yes needs a word that says so and none that refuses, and a no the other way round, or a last clause that says so
    in words that are all known (`last`, see `said_last`). A yes is never turned into a no, nor a no into a yes: it
    becomes a question back.
    """
    if not points or verdict.meaning == "hard":
        return verdict
    doubted = points.get(verdict.meaning, 0.0) < DOUBTED
    if verdict.meaning != "unclear" and not doubted:
        return verdict
    unsure = f"{verdict.why}; as a rule that is not what it means"
    otherwise = verdict if verdict.meaning == "unclear" else Verdict("unclear", unsure)
    best, second = sorted(points, key=lambda kind: -points[kind])[:2]
    is_last = best == last and verdict.meaning not in _YES_NO
    if not (is_last or _may(best, verdict.meaning, cues)):
        return otherwise
    ahead = _AHEAD_OF_DOUBT if best == "yes" and cues.has("maybe", "number") and not is_last else _AHEAD
    if points[best] < _ENOUGH or points[best] - points[second] < ahead:
        return otherwise
    return Verdict(best, f'leans to "{best}" ({verdict.why})', "time" if best == "yes" and cues.has("time") else None)


def said_last(cues: Cues) -> str:
    """Yes or no, where what comes last says so and nothing else: "kniven slant, fem stygn i tummen, men visst".

    What comes last stands after a pause, a "men" or a "så". A time in it says which, unless something was refused.
    """
    trail = cues.trail
    after = {mark: len(trail) - trail[::-1].index(mark) for mark in (",", "but") if mark in trail}
    start = max([cues.so, *after.values()])
    last, refused = {*trail[start:]}, not _REFUSES.isdisjoint(trail[:start])
    if not start or (refused and (start == cues.so or "time" in last)):
        return ""  # "det går inte om jag jobbar så jag kommer"; "kan inte idag, men på torsdag ja"
    said = last - {"time"}
    if said & {"yes", "agree"} and said <= {"yes", "agree", "able"}:
        return "yes"
    return "no" if said and said <= {"no", "decline"} else ""


def _may(best: str, before: str, cues: Cues) -> bool:
    """Whether an answer may be settled so."""
    if best == "yes":
        a_catch = cues.has("but") and cues.has("time", "move", "later")
        is_clear = not a_catch and cues.unknown <= _MOST_UNKNOWN
        refuses = cues.has("no", "decline", "contradiction")
        return before != "no" and cues.has("yes", "agree") and not (refuses or _depends(cues)) and is_clear
    if best == "no":
        agrees = cues.has("yes") or (cues.has("agree") and not cues.has("decline"))
        return before != "yes" and not agrees and bool(cues.order)  # a no of words that are all unknown is a guess
    if best == "rebook" and cues.has("ask") and not cues.has("move", "time", "number", "later", "no", "decline"):
        return False  # "kan vi ta en promenad" moves nothing
    return best != "unclear"


def _depends(cues: Cues) -> bool:
    """Whether all that agrees stands before an "om": "ja om jag får skjuts", and not "om det funkar så kommer jag"."""
    if cues.phrases.get("maybe", "").split(" ")[0] != _IF or "maybe" not in cues.trail:
        return False
    after = cues.trail[cues.trail.index("maybe") + 1 :]
    return "," not in cues.trail and not {"yes", "agree", "able"} & {*after}


@remembered
def leaning(data: Mapping[str, Any]) -> Leaning:
    """What a lexicon's data (Lexicon.extra) knows about leaning, built when first needed."""
    return Leaning(data.get("second", {}))
