"""What must be heard whatever the question was: distress, violence, stop and start, a wish for a human, questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.lexicon import Lexicon
from flows.net import Hit
from flows.second import KINDS, NEVER, Sound, second_net
from flows.text import fold, forms_of, squeeze
from flows.tokens import remembered
from flows.walk import walker

RANK = ("distress", "violence", "stop", "start", "human", "help")
"""Most urgent first. A text that says two of them is read as the first, and the second is told beside."""

LAST = "last"
TOLD = "told"
BLANK = "_"
_REACH = 14
"""So many words beside an alarm are searched for what makes it harmless: a frame with a gap is no longer."""

HARM = frozenset({"distress", "violence"})
PLAIN_CONTENT = frozenset({"choice", "time", "name", "year", "phone", "rating", "code"})
"""Questions whose answer is content, and never a story."""

FAR = 0.5
"""So much more must a text sound like the one of these than the other to be read as both."""

DOUBT = 0.5
"""So far under what it needs must a text sound in the second net for an alarm of the lists to be taken back..."""

CLEAR = 0.3
"""... and no more over it than this the clause that it stands in. Of alarms of the lists in replies that the net was
not taught from, that takes back 3 in 4 of the false ones (79 of 102) and 1 in 180 of the true (7 of 1,234; measured
2026-11-23). Somebody looks at them all the same."""

FOREIGN = 0.5
"""The share of strange words from which a text is another language."""

LONG = 6
"""So many words a text must have for that: a short one says what it says."""

CAREFUL = 0.35
"""So much more must the second net hear where a name, a number or a choice was asked for: they are any words at all."""

SHORT = 5
BRIEF = 0.4
"""Of so few words it must hear up to so much more: what so few can say, the lists say..."""

STRANGE = 0.5
"""... and so much more where all are strange to it: then it judges by the letters of a name."""

FEW = 2
"""What is heard in so few words only makes somebody look; one word alone, or one
beside a strange one, is a name, a place or what the lists know."""

WEAK = 0.12
"""So far under what it needs, what a text sounds like makes somebody look."""

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard: its kind, its value (for help: who, what, where, when, how) and the words that decided.

    `is_said` is false when no phrase said it, and the second net only thinks that the text sounds so.
    """

    kind: str
    value: str | None
    phrase: str
    is_said: bool = True


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
    a stop, are left out. A stop that is only told of, beside a wish to start again, is none.
    """
    heard: dict[str, Heard] = {}
    told = _told(hits) if hits else _NONE
    for hit in hits:
        kind, _, when = hit.mark.kind.partition("_")
        if kind == "stop" and not told.isdisjoint(range(hit.start, hit.end)):
            continue
        if kind in RANK and kind not in heard and when not in {LAST, TOLD} and not (when and content):
            heard[kind] = Heard(kind, hit.mark.value, " ".join(words[hit.start : hit.end]))
    return sorted(heard.values(), key=lambda one: RANK.index(one.kind))


def _told(hits: list[Hit]) -> frozenset[int]:
    """The words that tell of an earlier stop, in a wish to start again ("jag sa stopp, sätt igång igen")."""
    if not any(hit.mark.kind == "start" for hit in hits):
        return _NONE
    return frozenset(place for hit in hits if hit.mark.kind == f"stop_{TOLD}" for place in range(hit.start, hit.end))


def sounds(
    heard: list[Heard],
    sound: Sound,
    words: list[str],
    pauses: frozenset[int],
    question: str | None,
    lexicon: Lexicon,
) -> tuple[list[Heard], str | None]:
    """What was heard, and what the text only sounds like; and what it might be, which is for somebody to look at.

    Distress or violence where neither was said, stop where nothing was; also the other one of distress and violence,
    where the text sounds far more like that. `sound` is what the second net makes of the text.
    """
    if max(sound) < -WEAK or len(words) < FEW:
        return heard, None
    if len(words) == FEW and second_net(lexicon.extra).strange(words):
        return heard, None
    more = _strictness(words, question, lexicon)
    points = dict(zip(KINDS, sound, strict=True))
    enough = more if len(words) == FEW else more - WEAK
    said = {one.kind for one in heard}
    kind = max(("distress", "violence"), key=points.__getitem__)
    if said & HARM and (kind in said or points[kind] - min(points[one] for one in HARM) < FAR):
        return heard, None
    if points[kind] < more and points["stop"] - points[kind] > 0:
        kind = "stop"
    if points[kind] < enough or kind in said or (kind == "stop" and said & {*KINDS, "start"}):
        return heard, None
    if not _still_sounds(kind, words, pauses, enough, lexicon):
        return heard, None
    if points[kind] < more or len(words) <= FEW:
        return heard, kind
    one = Heard(kind, None, second_net(lexicon.extra).phrase(words, kind), is_said=False)
    return sorted([*heard, one], key=lambda one: RANK.index(one.kind)), None


def _strictness(words: list[str], question: str | None, lexicon: Lexicon) -> float:
    """How much surer than usual the second net must be.

    Where other content than free words was asked for, and in a short text of words that it hardly met.
    """
    more = CAREFUL if question in PLAIN_CONTENT else 0.0
    if len(words) <= SHORT:
        more += BRIEF * (1 - len(words) / (SHORT + 1)) + STRANGE * second_net(lexicon.extra).strange(words) / len(words)
    return more


def _still_sounds(kind: str, words: list[str], pauses: frozenset[int], enough: float, lexicon: Lexicon) -> bool:
    """Whether a text sounds like a kind also without its harmless phrases ("skrattade ihjäl mig")."""
    spelling = _spelling(lexicon.extra)
    spelt = [spelling.get(word, word) for word in words]
    found = [hit for hit in walker(lexicon.innocent).find(spelt, pauses) if _main(hit) == kind]
    covered = {place for hit in found if _is_one_breath(hit, pauses) for place in range(hit.start, hit.end)}
    if not covered:
        return True
    left: list[str] = []
    breaks = {0}
    for place, word in enumerate(words):
        if place in pauses or place in covered:
            breaks.add(len(left))
        if place not in covered:
            left.append(word)
    if len(left) < FEW:
        return False  # one word alone is never heard
    points = second_net(lexicon.extra).points(left, frozenset({*breaks, len(left)}))
    return points[KINDS.index(kind)] >= enough


def believed(hits: list[Hit], sound: Sound, words: list[str], pauses: frozenset[int], lexicon: Lexicon) -> list[Hit]:
    """The hits without alarms in a text of some length that sounds like none, whole or in the hit's own clause.

    Half the words of another language are strange to the net: how such a text sounds says nothing against its hits.
    """
    if len(words) < LONG or not hits or second_net(lexicon.extra).strange_share(words) >= FOREIGN:
        return hits
    clauses: dict[tuple[int, int], Sound] = {}  # by where they start and end: several hits stand in one

    def is_likely(hit: Hit) -> bool:
        if not NEVER < _like(sound, hit) < -DOUBT:
            return True
        start, end = clause = _clause(hit, pauses)
        if clause not in clauses:
            near = frozenset(place - start for place in pauses)
            clauses[clause] = second_net(lexicon.extra).points(words[start:end], near)
        return _like(clauses[clause], hit) >= CLEAR

    return [hit for hit in hits if _main(hit) not in KINDS or is_likely(hit)]


def _clause(hit: Hit, pauses: frozenset[int]) -> tuple[int, int]:
    """Where the clause that holds a hit starts and ends."""
    return max(place for place in pauses if place <= hit.start), min(place for place in pauses if place >= hit.end)


def _like(sound: Sound, hit: Hit) -> float:
    """How much something sounds like a hit's alarm: distress and violence are one here; the lists tell them apart."""
    return sound[2] if _main(hit) == "stop" else max(sound[:2])


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
    return forms_of(data.get("spelling", {}))
