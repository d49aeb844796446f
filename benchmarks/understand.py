"""How fast replies are read: replies a second on one core, p99 for texts up to 300 characters, and a text of 1 MB.

Times are of the thread's own work (thread_time): what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from flows.answers import read_reply
from flows.confusion import Case
from flows.lexicon import Lexicon
from ingang.explain_reply import labelled
from messages.words import load_words

BARS = {"replies_per_s": 5000.0, "p99_ms": 2.0, "long_ms": 50.0}


def _times(texts: list[tuple[str, str | None]], lexicon: Lexicon) -> list[float]:
    clock = time.thread_time  # of this thread only: what else the machine does is not counted
    out = []
    for text, question in texts:
        started = clock()
        read_reply(text, question, lexicon)
        out.append(clock() - started)
    return out


def _long_texts(cases: list[Case], count: int, chance: random.Random) -> list[tuple[str, str | None]]:
    """Texts of 200-300 characters, made of several labelled replies each."""
    out: list[tuple[str, str | None]] = []
    for _ in range(count):
        text = ""
        while len(text) < 200:
            text += chance.choice(cases).text + chance.choice([" ", ". ", ", ", "\n"])
        out.append((text[:300], chance.choice([None, "yesno", "confirm", "free"])))
    return out


def _million(cases: list[Case], chance: random.Random) -> dict[str, str]:
    words = [word for case in cases for word in case.text.split()]
    swedish = " ".join(chance.choices(words, k=250_000))
    return {
        "replies": swedish[:1_000_000],
        "one letter": "å" * 1_000_000,
        "emoji": "👍🏽" * 500_000,
        "any character": "".join(map(chr, chance.choices(range(0x110000), k=1_000_000))),
    }


def measure(rounds: int) -> dict[str, object]:
    """Read the whole corpus and made-up longer texts `rounds` times, and report medians over the rounds."""
    chance = random.Random(20261122)
    started = time.perf_counter()
    lexicon = Lexicon.from_data(load_words("sv"))
    loaded = time.perf_counter() - started
    cases = labelled()
    short = [(case.text, case.question) for case in cases]
    mixed = short + _long_texts(cases, len(short), chance)
    _times(mixed, lexicon)  # patterns are compiled when they are first needed
    rates, p99s, p50s = [], [], []
    for _ in range(rounds):
        chance.shuffle(mixed)
        short_times, all_times = _times(short, lexicon), sorted(_times(mixed, lexicon))
        rates.append(len(short_times) / sum(short_times))
        p50s.append(1000 * statistics.median(short_times))
        p99s.append(1000 * all_times[int(0.99 * len(all_times))])
    long_ms = {}
    for name, text in _million(cases, chance).items():
        long_ms[name] = round(1000 * min(_times([(text, "free")] * 5, lexicon)), 2)
    return {
        "replies": len(short),
        "replies_per_s": round(statistics.median(rates)),
        "p50_ms": round(statistics.median(p50s), 4),
        "p99_ms": round(statistics.median(p99s), 4),
        "long_ms": max(long_ms.values()),
        "long_ms_by_kind": long_ms,
        "load_ms": round(1000 * loaded),
    }


def main() -> int:
    """Print the figures beside their bars; exit code 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="rounds to take the median of (5)")
    options = parser.parse_args()
    figures = measure(max(1, options.rounds))
    fast = float(str(figures["replies_per_s"])) >= BARS["replies_per_s"]
    quick = all(float(str(figures[name])) <= BARS[name] for name in ("p99_ms", "long_ms"))
    if options.json:
        print(json.dumps(figures))
    else:
        print(f"short replies           {figures['replies_per_s']:>9} a second    (bar: at least 5000)")
        print(f"short reply, p50        {figures['p50_ms']:>9} ms")
        print(f"up to 300 characters    {figures['p99_ms']:>9} ms p99      (bar: at most 2)")
        print(f"1 MB, slowest kind      {figures['long_ms']:>9} ms          (bar: at most 50)")
        for name, value in figures["long_ms_by_kind"].items():  # type: ignore[attr-defined]
            print(f"    of {name:<17} {value:>9} ms")
        print(f"word lists compiled     {figures['load_ms']:>9} ms, once")
    return 0 if fast and quick else 1


if __name__ == "__main__":
    sys.exit(main())
