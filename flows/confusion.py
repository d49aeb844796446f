"""How well replies are read: labelled replies, read again, and counted in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flows.answers import read_reply
from flows.lexicon import Lexicon

ALARMS = frozenset({"stop", "distress", "violence"})
"""What must never be missed, and never be heard where it was not said."""

ORDER = ("yes", "no", "rebook", "not_now", "stop", "start", "help", "human", "distress", "violence", "unclear")


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled reply: the text, the question that was open, and the meanings that are right, the best one first."""

    text: str
    question: str | None
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misread:
    """A reply that was read as something it is not."""

    case: Case
    meaning: str
    why: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What came out: counts by (expected, read), and every reply that was not read right, in order."""

    counts: Mapping[tuple[str, str], int]
    misread: tuple[Misread, ...]

    @property
    def total(self) -> int:
        """How many replies were read."""
        return sum(self.counts.values())

    @property
    def asked_back(self) -> int:
        """How many clear replies were read as unclear: a person looks, nothing is done wrong."""
        return sum(1 for one in self.misread if one.meaning == "unclear")

    @property
    def wrong(self) -> int:
        """How many were read as something else than they say."""
        return len(self.misread) - self.asked_back

    @property
    def turned(self) -> int:
        """A yes read as a no, or a no as a yes."""
        return self.counts.get(("yes", "no"), 0) + self.counts.get(("no", "yes"), 0)

    @property
    def missed(self) -> int:
        """Stops, distress and violence that were not heard."""
        return sum(1 for one in self.misread if one.case.right[0] in ALARMS)

    @property
    def false_alarms(self) -> int:
        """Stops, distress and violence that were heard where none was said."""
        return sum(1 for one in self.misread if one.meaning in ALARMS and one.case.right[0] not in ALARMS)


def read_cases(lines: Iterable[str]) -> Iterator[Case]:
    """Cases from lines of a corpus file: text, question ("-" for none) and meanings (| between), with tabs between.

    Raises ValueError for a line that has not three parts.
    """
    for line in lines:
        if line.strip() and not line.startswith("#"):
            text, question, right = line.rstrip("\n").split("\t")
            yield Case(text, None if question == "-" else question, tuple(right.split("|")))


def tally(cases: Iterable[Case], lexicon: Lexicon) -> Tally:
    """Read every case and count. "Orkar inte" (hard) counts as unclear: it is asked back."""
    counts: Counter[tuple[str, str]] = Counter()
    misread: list[Misread] = []
    for case in cases:
        reply = read_reply(case.text, case.question, lexicon)
        meaning = "unclear" if reply.meaning == "hard" else reply.meaning
        right = [("unclear" if one == "hard" else one) for one in case.right]
        if meaning in right:
            counts[right[0], right[0]] += 1
        else:
            counts[right[0], meaning] += 1
            misread.append(Misread(case, meaning, reply.why))
    return Tally(dict(counts), tuple(misread))


def table(result: Tally) -> str:
    """The counts as a table for a terminal or a page: a row for what was meant, a column for what was read."""
    kinds = [kind for kind in ORDER if any(kind in pair for pair in result.counts)]
    rows = ["meant \\ read".ljust(12) + "".join(kind.rjust(10) for kind in kinds)]
    for meant in kinds:
        numbers = [result.counts.get((meant, read), 0) for read in kinds]
        if any(numbers):
            rows.append(meant.ljust(12) + "".join((str(number) if number else ".").rjust(10) for number in numbers))
    rows.append("")
    rows.append(
        f"{result.total} replies: {result.wrong} read wrong, {result.asked_back} asked back, "
        f"{result.turned} yes and no turned round, {result.missed} alarms missed, {result.false_alarms} false alarms"
    )
    return "\n".join(rows)
