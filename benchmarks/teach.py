"""Teach the second net (alarms) and the leaning of answers from the labelled replies, and say how well they do.

    python benchmarks/teach.py              teach from TAUGHT_FROM and write the weights
    python benchmarks/teach.py --leave-out  also leave out one file at a time, choose what an alarm needs, print it all

The same files give the same weights. Four minutes; hours with --leave-out.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.labelled import ABOUT, TAUGHT_FROM, Example, examples, mark_of
from flows import about, leaning, second
from flows.answers import CONTENT, read_reply, signals
from flows.confusion import ALARMS
from flows.lexicon import Lexicon
from flows.themes import Themes, spelling
from flows.verdict import find_cues
from flows.weights import LENGTH, UNIT, Clues, square, written
from messages.words import load_words

FOLDER = Path(__file__).parent.parent / "messages" / "sv" / "second"
SEED = 20261122
ROUNDS = 15
COPIES = 6
LEFT_OUT = 0.5
"""Each reply teaches so many times, each time with this share of its clues left out, drawn anew, and the others
counting for those: so no clue is leaned on alone, for the next reply may say it in other words. (Dropout: Srivastava
and others, 2014. On eleven files that were left out, a fifth less was missed at the same count of false alarms.)"""

ALARM_WEIGHS = 1.5
"""How much more a reply of a kind weighs than one that is not."""

ABOUT_WEIGHS = 5.0
"""The same for a first message about somebody else: there are few of them among all others."""

_UNASKED = frozenset({None, "free"})

FEWEST = 2
"""A clue that stood in fewer replies is not learned."""

SMALLEST = 3
"""Weights nearer to nothing than this (in units) are left out."""

FALSE_ALARMS = {"distress": 0.010, "violence": 0.008, "stop": 0.005}
"""The share of harmless replies that the net may take for an alarm, in FAIR files that it was not taught from."""

NEED = {"distress": 0.15, "violence": 0.1, "stop": -0.1, "other": -0.5}
"""The points that an alarm needs, where --leave-out did not choose others."""

FAIR = frozenset({"autumn", "drift", "frost", "thaw"})
"""Files by people who had not seen the lists. The others are almost only alarms and what was made to look like them."""

ANYTHING = 4
"""A reply with so many right readings tells nothing about answers: only that it is no alarm."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to teach: its name in the data, kinds, what clues count, how patient, and which replies teach it."""

    name: str
    kinds: tuple[str, ...]
    values: Mapping[str, float]
    patience: float
    clues: Callable[[Example], Clues]
    teaches: Callable[[Example], bool]
    is_a: Callable[[Example, str], bool]
    weighs: float = ALARM_WEIGHS


@dataclass(frozen=True, slots=True)
class Row:
    """An example in numbers: its clues, and what their weights are divided by."""

    clues: list[int]
    size: float


def tasks(data: Mapping[str, Any], lexicon: Lexicon) -> list[Task]:
    """What is taught: alarms from every reply, answers from those that are no alarm and no content."""
    themes, spelt = Themes(data["second"]), spelling(data["second"])

    def alarm_clues(example: Example) -> Clues:
        return second.clues_of([themes.spelt(word) for word in example.words], example.pauses)

    def answer_clues(example: Example) -> Clues:
        cues = find_cues(example.words, example.pauses, lexicon.cues)
        return leaning.clues_of(example.words, example.pauses, cues, example.case.question, spelt)

    def is_answer(example: Example, kind: str) -> bool:
        right = example.case.right
        return ("unclear" if len(right) >= ANYTHING or right[0] == "hard" else right[0]) == kind

    return [
        Task(
            "alarms",
            second.KINDS,
            second.VALUES,
            0.025,
            alarm_clues,
            lambda example: example.case.right[0] not in about.LABELS,
            lambda example, kind: kind in example.case.right and example.case.right[0] in ALARMS,
        ),
        Task(
            "answers",
            leaning.KINDS,
            leaning.VALUES,
            0.0125,
            answer_clues,
            lambda example: example.case.right[0] not in ALARMS | about.LABELS and example.case.question not in CONTENT,
            is_answer,
        ),
        Task(
            "about",
            about.KINDS,
            second.VALUES,
            0.0125,
            alarm_clues,
            lambda example: example.case.question in _UNASKED and not _is_of_another(example, lexicon),
            lambda example, kind: example.case.right[0] == kind,
            ABOUT_WEIGHS,
        ),
    ]


def _is_of_another(example: Example, lexicon: Lexicon) -> bool:
    """Whether a reply that is labelled by what it means is about somebody else: it would teach the opposite."""
    return example.case.right[0] not in about.LABELS and "someone_else" in signals(example.case.text, lexicon)


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learned of a task: for each kind where it starts, and the weights of each clue."""

    kinds: tuple[str, ...]
    base: Mapping[str, float]
    tables: Mapping[str, Mapping[str, Sequence[int]]]

    def data(self, need: Mapping[str, float], mark: str = "") -> bytes:
        """As it lies in the language folder. What needs nothing is left out of `need`."""
        needed = {kind: need[kind] for kind in self.kinds if kind in need}
        return written({"kinds": self.kinds, "base": self.base, "need": needed, "taught_from": mark}, self.tables)


class Table:
    """A task's examples in numbers."""

    def __init__(self, task: Task, found: list[Example]) -> None:
        """In: the examples that teach the task."""
        self.task, self.found = task, found
        self.names: list[tuple[str, str]] = []
        self.squares: list[float] = []
        self.rows: list[Row] = []
        ids: dict[tuple[str, str], int] = {}
        for example in found:
            clues = task.clues(example)
            row = []
            for sort, names in clues.items():
                for name in sorted(names):
                    if (sort, name) not in ids:
                        ids[sort, name] = len(self.names)
                        self.names.append((sort, name))
                        self.squares.append(task.values[sort] ** 2)
                    row.append(ids[sort, name])
            self.rows.append(Row(row, sqrt(square(clues, task.values)) / LENGTH))

    def taught(self, without: str = "") -> Taught:
        """What is learned from every example that is not of one file."""
        chosen = [at for at, example in enumerate(self.found) if example.file != without]
        counts = Counter(clue for at in chosen for clue in set(self.rows[at].clues))
        learned = sorted((clue for clue, count in counts.items() if count >= FEWEST), key=self.names.__getitem__)
        new = {clue: at for at, clue in enumerate(learned)}
        rows = [Row([new[clue] for clue in self.rows[at].clues if clue in new], self.rows[at].size) for at in chosen]
        copies = [copy for chance in map(random.Random, range(COPIES)) for copy in _thinned(rows, chance)]
        squares = [self.squares[clue] for clue in learned]
        columns, bases = [], {}
        for kind in self.task.kinds:
            is_kind = [self.task.is_a(self.found[at], kind) for at in chosen] * COPIES
            weights, base = teach(copies, is_kind, squares, self.task.patience, self.task.weighs)
            columns.append([round(weight * UNIT) for weight in weights])
            bases[kind] = round(base, 4)
        tables: dict[str, dict[str, tuple[int, ...]]] = {sort: {} for sort in self.task.values}
        for clue, numbers in zip(learned, zip(*columns, strict=True), strict=True):
            if max(map(abs, numbers)) >= SMALLEST:
                sort, name = self.names[clue]
                tables[sort][name] = numbers
        return Taught(self.task.kinds, bases, tables)


def _thinned(rows: list[Row], chance: random.Random) -> list[Row]:
    """Every row with LEFT_OUT of its clues left out by chance, and the others counting for them."""
    kept = 1 - LEFT_OUT
    return [Row([clue for clue in row.clues if chance.random() < kept], row.size * kept) for row in rows]


def teach(
    rows: list[Row], is_kind: list[bool], squares: list[float], patience: float, weighs: float = ALARM_WEIGHS
) -> tuple[list[float], float]:
    """Weights of one kind: a support vector machine with squared loss, taught one reply at a time in the dual.

    Out: the weight of each clue, as it counts in a text, and the base. `patience` is how much one badly read reply may
    pull: more fits these replies better, and new ones worse. (Hsieh and others, 2008, algorithm 1.)
    """
    weights, base = [0.0] * len(squares), 0.0
    pulls = [0.0] * len(rows)
    slack = [1 / (2 * patience * (weighs if yes else 1.0)) for yes in is_kind]
    norms = [_norm(row, squares) + 1 + slack[at] for at, row in enumerate(rows)]
    order = list(range(len(rows)))
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for at in order:
            row, sign = rows[at], 1.0 if is_kind[at] else -1.0
            said = fsum(map(weights.__getitem__, row.clues)) / row.size + base  # exact, and so alike on every Python
            slope = sign * said - 1 + pulls[at] * slack[at]
            if pulls[at] == 0.0 and slope >= 0:
                continue
            pull = max(pulls[at] - slope / norms[at], 0.0)
            step = (pull - pulls[at]) * sign
            pulls[at] = pull
            base += step
            step /= row.size
            for clue in row.clues:
                weights[clue] += step * squares[clue]
    return weights, base


def _norm(row: Row, squares: list[float]) -> float:
    return sum(count * count * squares[clue] for clue, count in Counter(row.clues).items()) / row.size**2


# --- how well ---------------------------------------------------------------------------------------------------------


@dataclass
class Left:
    """A file that was left out: its examples, how they sound, and what was taught without it."""

    name: str
    found: list[Example]
    points: list[tuple[float, ...]]
    taught: dict[str, Taught]


def leave_out(tables: list[Table], found: list[Example], data: Mapping[str, Any], only: list[str]) -> list[Left]:
    """Teach once for each file, without it, and hear its replies."""
    out = []
    for name in only or sorted({example.file for example in found}):
        taught = {table.task.name: table.taught(name) for table in tables}
        net = second.SecondNet({**data["second"], "alarms": taught["alarms"].data({})})
        own = [example for example in found if example.file == name]
        out.append(Left(name, own, [net.points(example.words, example.pauses) for example in own], taught))
        print(f"  without {name}: {len(found) - len(own)} replies", file=sys.stderr, flush=True)
    return out


def needed(left: list[Left], plain: Lexicon) -> dict[str, float]:
    """How many points each alarm needs, so that no more than FALSE_ALARMS of the harmless replies sound like it.

    Only replies that come to the net are counted: those known from end to end never do.
    """
    harmless = [
        points
        for one in left
        if one.name in FAIR
        for example, points in zip(one.found, one.points, strict=True)
        if not ALARMS & set(example.case.right) and " ".join(example.words) not in plain.whole
    ]
    out = {}
    for at, kind in enumerate(second.KINDS):
        loudest = sorted((points[at] for points in harmless), reverse=True)
        out[kind] = round(loudest[int(FALSE_ALARMS[kind] * len(loudest))], 3)
    return out


COLUMNS = ("missed", "false", "wrong", "back", "turned")


def count(found: list[Example], lexicon: Lexicon) -> Counter[str]:
    """Alarms missed, false alarms, other replies read wrong or asked back, and yes and no turned round."""
    out = Counter[str]()
    for example in found:
        case = example.case
        right = {"unclear" if one == "hard" else one for one in case.right}
        reply = read_reply(case.text, case.question, lexicon)
        meaning = "unclear" if reply.meaning == "hard" else reply.meaning
        heard = {reply.meaning, reply.also} & ALARMS
        if case.right[0] in ALARMS:
            out["alarms"] += 1
            out["missed"] += not {meaning, reply.also} & right
        elif heard and not heard & right:
            out["false"] += 1
        elif meaning not in right:
            out["back" if meaning == "unclear" else "wrong"] += 1
            out["turned"] += {meaning, case.right[0]} == {"yes", "no"}
    return out


def figures(left: list[Left], need: Mapping[str, float], plain: Lexicon) -> str:
    """For each file that was left out: the word lists alone, and with what was taught from the other files."""
    rows = ["file".ljust(12) + "alarms  others  " + "".join(f"{name:>16}" for name in COLUMNS)]
    for one in left:
        taught = {name: net.data(need) for name, net in one.taught.items()}
        both = replace(plain, extra={**plain.extra, "second": {**plain.extra["second"], **taught}})
        before, after = count(one.found, plain), count(one.found, both)
        alarms = before["alarms"]
        cells = [f"{before[name]} > {after[name]}".rjust(16) for name in COLUMNS]
        rows.append(f"{one.name:<12}{alarms:>6}{len(one.found) - alarms:>8}  {''.join(cells)}")
    return "\n".join(rows)


def write(folder: Path, mark: str, taught: Mapping[str, Taught], need: Mapping[str, float]) -> None:
    """Write what was taught as data files, one for each task."""
    for name, net in taught.items():
        (folder / f"{name}.net").write_bytes(net.data(need, mark))


def main(arguments: Iterable[str] | None = None) -> int:
    """Teach, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave-out", action="store_true", help="leave out one file at a time and print the figures")
    parser.add_argument("--only", nargs="*", default=[], help="leave out these files only, choose and write nothing")
    parser.add_argument("--from", dest="folders", type=Path, nargs="+", default=(*TAUGHT_FROM, ABOUT), help="folders")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    data = load_words("sv")
    untaught = {**data["second"], "alarms": b"", "answers": b"", "about": b""}
    plain = replace(Lexicon.from_data(data), extra={**data, "second": untaught})
    found = examples(plain, options.folders)
    tables = [Table(task, list(filter(task.teaches, found))) for task in tasks(data, plain)]
    need: Mapping[str, float] = NEED
    if options.leave_out or options.only:
        left = leave_out(tables, found, data, options.only)
        need = needed(left, plain) if options.leave_out else NEED
        print(figures(left, need, plain), need)
    if not options.only:
        taught = {table.task.name: table.taught() for table in tables}
        write(FOLDER, mark_of(data, options.folders), taught, need)
        size = sum(file.stat().st_size for file in FOLDER.glob("*.net")) // 1000
        print(f"{len(found)} replies; need {need}; {size} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
