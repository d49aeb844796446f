"""How a reply is read, as a dictionary for `ingang explain reply`: no settings, no database."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flows.answers import CONTENT, read_reply
from flows.confusion import Case, read_cases, table, tally
from flows.lexicon import Lexicon
from ingang.tuning import making_much
from messages.words import load_words

CORPUS: Final = Path(__file__).parent.parent / "tests" / "flows" / "corpus"
QUESTIONS: Final = frozenset({"yesno", "confirm", *CONTENT})
TWO_WAY: Final = "the two-way question is asked: not today, or hard in another way?"


@lru_cache(maxsize=4)
def _lexicon(language: str) -> Lexicon:
    with making_much():
        return Lexicon.from_data(load_words(language))


def explain_reply(text: str, question: str | None = None, language: str = "sv") -> dict[str, Any]:
    """How `text` is read as an answer to an open question of that kind, or to none.

    Out: {"text", "meaning", "value", "why", "also"}. "Orkar inte" alone is "unclear" with the value "hard". Raises
    ValueError for a kind of question that does not exist.
    """
    if question is not None and question not in QUESTIONS:
        raise ValueError(f"there is no question {question!r}; there are {', '.join(sorted(QUESTIONS))}")
    reply = read_reply(text, question, _lexicon(language))
    meaning, why = reply.meaning, reply.why
    if meaning == "hard":
        meaning, why = "unclear", f"{why}; {TWO_WAY}" if TWO_WAY not in why else why
    return {"text": text, "meaning": meaning, "value": reply.value, "why": why, "also": reply.also}


def labelled(folder: Path = CORPUS) -> list[Case]:
    """Every labelled reply in the files of a folder. Raises FileNotFoundError when there is none."""
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise FileNotFoundError(f"no labelled replies in {folder}")
    return [case for file in files for case in read_cases(file.read_text(encoding="utf-8").splitlines())]


def confusion(folder: Path = CORPUS, language: str = "sv") -> str:
    """The table of what was meant and what was read, over every labelled reply in a folder, with what was misread."""
    result = tally(labelled(folder), _lexicon(language))
    lines = [table(result)]
    lines.extend(
        f"  {one.case.text!r} ({one.case.question or 'no question'}): {'|'.join(one.case.right)}, read as "
        f"{one.meaning}: {one.why}"
        for one in result.misread
    )
    return "\n".join(lines)
