"""What must be heard whatever the question was: distress, violence, stop and start, a wish for a human, questions."""

from dataclasses import dataclass

from flows.lexicon import Lexicon
from flows.net import Hit, find

RANK = ("distress", "violence", "stop", "start", "human", "help")
"""Most urgent first. A text that says two of them is read as the first, and the second is told beside."""

LAST = "last"
BLANK = "_"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard: its kind, its value (for help: who, what, where, when, how) and the words that decided."""

    kind: str
    value: str | None
    phrase: str


def listen(words: list[str], pauses: frozenset[int], lexicon: Lexicon, content: bool) -> list[Heard]:
    """Everything in RANK that a text says, most urgent first, each kind once.

    In: the folded words and the places of pauses (see flows/net.py). `content` is true when the question asked for free
    words: then kinds marked loose, which would take "sluta röka" for a stop, are left out.
    """
    heard: dict[str, Heard] = {}
    for hit in _hits(words, pauses, lexicon):
        kind, _, when = hit.mark.kind.partition("_")
        if kind in RANK and kind not in heard and when != LAST and not (when and content):
            heard[kind] = Heard(kind, hit.mark.value, " ".join(words[hit.start : hit.end]))
    return sorted(heard.values(), key=lambda one: RANK.index(one.kind))


def last_resort(words: list[str], pauses: frozenset[int], lexicon: Lexicon) -> Heard | None:
    """A stop word that counts only because nothing else was understood: when unsure about STOPP, stop."""
    for hit in _hits(words, pauses, lexicon):
        if hit.mark.kind == f"stop_{LAST}":
            return Heard("stop", None, " ".join(words[hit.start : hit.end]))
    return None


def said(words: list[str], pauses: frozenset[int], lexicon: Lexicon, kinds: frozenset[str]) -> frozenset[str]:
    """Which of `kinds` a text says; for what changes the road of a talk rather than stops it."""
    return frozenset(hit.mark.kind for hit in _hits(words, pauses, lexicon) if hit.mark.kind in kinds)


def _hits(words: list[str], pauses: frozenset[int], lexicon: Lexicon) -> list[Hit]:
    """What the patterns find, after harmless phrases of the same kind ("skrattade ihjäl mig") have been blanked."""
    hits = list(find(lexicon.says, words, pauses))
    if not hits:
        return hits
    blanked: dict[str, list[str]] = {}
    for harmless in find(lexicon.innocent, words, pauses):
        text = blanked.setdefault(harmless.mark.kind, list(words))
        text[harmless.start : harmless.end] = [BLANK] * (harmless.end - harmless.start)
    for kind in {hit.mark.kind for hit in hits}:
        if (text := blanked.get(kind.partition("_")[0])) or (text := blanked.get(kind)):
            rest = [hit for hit in find(lexicon.says, text, pauses) if hit.mark.kind == kind]
            hits = [hit for hit in hits if hit.mark.kind != kind] + rest
    return hits
