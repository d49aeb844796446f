"""What must be heard whatever the question was: distress, violence, stop and start, a wish for a human, questions."""

from dataclasses import dataclass

from flows.lexicon import Entry, Lexicon

RANK = ("distress", "violence", "stop", "start", "human", "help")
"""Most urgent first. A text that says two of them is read as the first, and the second is told beside."""

LAST = "last"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard: its kind, its value (for help: who, what, where, when, how) and the words that decided."""

    kind: str
    value: str | None
    phrase: str


def listen(padded: str, words: list[str], lexicon: Lexicon, content: bool) -> list[Heard]:
    """Everything in RANK that a text says, most urgent first, each kind once.

    In: the folded text with a space at both ends, and its words. `content` is true when the question asked for free
    words: then kinds marked loose, which would take "sluta röka" for a stop, are left out.
    """
    heard: dict[str, Heard] = {}
    masked: dict[str, str] = {}
    for entry in lexicon.finder.candidates(words):
        kind, _, when = entry.kind.partition("_")
        if kind in heard or kind not in RANK or (when and content) or when == LAST:
            continue
        if not entry.regex.search(padded):
            continue
        if kind not in masked:
            masked[kind] = _without_innocent(padded, words, kind, lexicon)
        if match := entry.regex.search(masked[kind]):
            heard[kind] = Heard(kind, entry.value, match[0].strip())
    return sorted(heard.values(), key=lambda hit: RANK.index(hit.kind))


def last_resort(padded: str, words: list[str], lexicon: Lexicon) -> Heard | None:
    """A stop word that counts only because nothing else was understood: when unsure about STOPP, stop."""
    entries = [entry for entry in lexicon.finder.candidates(words) if entry.kind == f"stop_{LAST}"]
    text = _without_innocent(padded, words, "stop", lexicon) if entries else padded
    for entry in entries:
        if match := entry.regex.search(text):
            return Heard("stop", None, match[0].strip())
    return None


def said(padded: str, words: list[str], lexicon: Lexicon, kinds: frozenset[str]) -> frozenset[str]:
    """Which of `kinds` a text says; for what changes the road of a talk rather than stops it."""
    hits: list[Entry] = [entry for entry in lexicon.finder.candidates(words) if entry.kind in kinds]
    return frozenset(
        entry.kind
        for entry in hits
        if entry.regex.search(padded) and entry.regex.search(_without_innocent(padded, words, entry.kind, lexicon))
    )


def _without_innocent(padded: str, words: list[str], kind: str, lexicon: Lexicon) -> str:
    """The text with every harmless phrase of that kind ("skrattade ihjäl mig") replaced by one blank word."""
    text = padded
    for entry in lexicon.innocent.candidates(words):
        if entry.kind == kind:
            text = entry.regex.sub("_ ", text)
    return padded if text == padded else text
