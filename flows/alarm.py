"""What must be heard whatever the question was: distress, violence, stop and start, a wish for a human, questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.lexicon import Lexicon
from flows.net import Hit
from flows.text import fold, squeeze
from flows.tokens import remembered
from flows.walk import walker

RANK = ("distress", "violence", "stop", "start", "human", "help")
"""Most urgent first. A text that says two of them is read as the first, and the second is told beside."""

LAST = "last"
BLANK = "_"
_REACH = 14
"""So many words beside an alarm are searched for what makes it harmless: a frame with a gap is no longer."""

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard: its kind, its value (for help: who, what, where, when, how) and the words that decided."""

    kind: str
    value: str | None
    phrase: str


def hear(words: list[str], pauses: frozenset[int], lexicon: Lexicon) -> list[Hit]:
    """What the patterns find in a text, without what harmless phrases of the same kind ("skrattade ihjäl mig") cover.

    In: the folded words and the places of pauses (see flows/net.py). Short and spoken forms ("int", "ja" for "jag") are
    read as the words they stand for: only here, for elsewhere "ja" is an answer.
    """
    spelling = _spelling(lexicon.extra)
    words = [spelling.get(word, word) for word in words]
    hits = walker(lexicon.says).find(words, pauses)
    if not hits:
        return hits
    harmless = _harmless(hits, words, pauses, lexicon)
    if not harmless:
        return hits
    covered: dict[str, set[int]] = {}
    for one in harmless:
        covered.setdefault(one.mark.kind, set()).update(range(one.start, one.end))
    free = [hit for hit in hits if covered.get(_main(hit), _NONE).isdisjoint(range(hit.start, hit.end))]
    lost = {hit.mark.kind for hit in hits} - {hit.mark.kind for hit in free}
    for main in {
        _main(hit) for hit in hits if hit.mark.kind in lost
    }:  # a phrase may still hold, around the harmless one
        left = [BLANK if place in covered[main] else word for place, word in enumerate(words)]
        free += [hit for hit in walker(lexicon.says).find(left, pauses) if hit.mark.kind in lost and _main(hit) == main]
    return free


def _harmless(hits: list[Hit], words: list[str], pauses: frozenset[int], lexicon: Lexicon) -> list[Hit]:
    """The harmless phrases around what was found: no further off than the longest of them reaches."""
    first = max(0, min(hit.start for hit in hits) - _REACH)
    last = min(len(words), max(hit.end for hit in hits) + _REACH)
    near = frozenset(place - first for place in pauses if first <= place <= last)
    laughter = _laughter(lexicon.extra)
    within = frozenset(
        place for place in pauses if not (words[place : place + 1] and words[place] in laughter and place + 1 in pauses)
    )
    found = walker(lexicon.innocent).find(words[first:last], near)
    return [
        moved
        for moved in (Hit(hit.mark, hit.start + first, hit.end + first) for hit in found)
        if _is_one_breath(moved, within)
    ]


def listen(hits: list[Hit], words: list[str], content: bool) -> list[Heard]:
    """Everything in RANK that was heard, most urgent first, each kind once.

    `content` is true when the question asked for free words: then kinds marked loose, which would take "sluta röka" for
    a stop, are left out.
    """
    heard: dict[str, Heard] = {}
    for hit in hits:
        kind, _, when = hit.mark.kind.partition("_")
        if kind in RANK and kind not in heard and when != LAST and not (when and content):
            heard[kind] = Heard(kind, hit.mark.value, " ".join(words[hit.start : hit.end]))
    return sorted(heard.values(), key=lambda one: RANK.index(one.kind))


def last_resort(hits: list[Hit], words: list[str]) -> Heard | None:
    """An alarm word that counts only because nothing else was understood: when unsure about distress or STOPP, act."""
    last = [hit for hit in hits if hit.mark.kind.endswith(f"_{LAST}")]
    found = [Heard(_main(hit), None, " ".join(words[hit.start : hit.end])) for hit in last]
    return min(found, key=lambda one: RANK.index(one.kind), default=None)


def _is_one_breath(hit: Hit, pauses: frozenset[int]) -> bool:
    """Whether no pause stands inside: what ends one sentence and starts the next is no harmless phrase."""
    return pauses.isdisjoint(range(hit.start + 1, hit.end))


def _main(hit: Hit) -> str:
    """The kind without its reserve ("stop_loose" is a stop), which is what harmless phrases are listed under."""
    kind = hit.mark.kind
    return kind if kind == "someone_else" else kind.partition("_")[0]


@remembered
def _laughter(data: Mapping[str, Any]) -> frozenset[str]:
    """Words that only laugh: a pause before one ends nothing."""
    return frozenset(squeeze(fold(word)) for word in data.get("laughter", {}).get("words", ()))


@remembered
def _spelling(data: Mapping[str, Any]) -> dict[str, str]:
    """Short and spoken forms and the words they stand for, both folded."""
    table: Mapping[str, list[str]] = data.get("spelling", {})
    return {squeeze(fold(form)): squeeze(fold(word)) for word, forms in table.items() for form in forms}
