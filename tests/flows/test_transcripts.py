"""Whole talks, word for word: one runner plays every file in transcripts/.

    # channel: sim_sms          the first lines say which phone, and when (Swedish time)
    # now: 2026-11-23 10:00
    > hej                       the person writes
    Hej! Det här är ...         what comes back, one paragraph a message (a line break in a message is " / ")
    > [Ja]                      the person presses a button
    > (voice)                   the person sends something that is not text
    + 1 day, 4 hours            the clock is moved, and what is due happens
    = sim_telegram              the person takes another phone, and reads what has come there
    ! books 2026-12-03 13:30    staff do something (tests/flows/transcript_staff.py), and this comes of it
    > {code}                    the person writes the code that was shown last; in what comes back, a code is {code},
                              and the address of a page {page}; {door} is the code at the door of their group

`pytest tests/flows/test_transcripts.py --update-transcripts` writes what is said today into the files, so that a change
of wording is read as a diff.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.registry import FLOWS
from storage.db import Store
from tests.flows import transcript_staff
from tests.town import STOCKHOLM, Town

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.txt"))
ASK_MORE = {"activity.the_door", "walk_and_talk.nothing_fits"}
"""Talks that put to the database what the first of their flow does not."""
TALKS = [
    pytest.param(path.stem if path.stem in ASK_MORE else path.stem.split(".")[0], path, id=path.stem) for path in FILES
]
UNITS = {"minutes", "hours", "days"}
CODE = r"(?<!\d)\d{6}(?!\d)"
PAGE = r"(?<=/d/)(?!info)[\w-]{20,}"


def play(store: Store, script: str) -> str:
    """Play what the person does in a transcript; return the whole transcript as it is today."""
    header = dict(re.findall(r"^# (\w+): (.+)$", script, re.MULTILINE))
    start = datetime.fromisoformat(header["now"]).replace(tzinfo=STOCKHOLM).astimezone(UTC)
    town = Town(store, now=start)
    phones = {header["channel"]: town.phone(header["channel"])}
    phone, codes = phones[header["channel"]], [""]
    if "known" in header:
        transcript_staff.meet(phone, header["known"])
    lines: list[str] = []
    for line in script.splitlines():
        if line.startswith("#"):
            lines.append(line)
        elif line.startswith("> "):
            lines += ["", line, *_shown(_does(phone, _filled(phone, line[2:], codes)), codes)]
        elif line.startswith("= "):
            phone = phones.setdefault(line[2:], town.phone(line[2:]))
            lines += ["", line, *_shown(phone.new(), codes)]
        elif line.startswith("! "):
            lines += ["", line, *_shown(transcript_staff.act(phone, line[2:]), codes)]
        elif line.startswith("+ "):
            town.later(**{f"{unit.rstrip('s')}s": int(many) for many, unit in re.findall(r"(\d+) (\w+)", line)})
            lines += ["", line, *_shown(phone.new(), codes)]
    return "\n".join(lines) + "\n"


def _filled(phone, what: str, codes: list[str]) -> str:  # type: ignore[no-untyped-def]
    said = what.replace("{code}", codes[-1])
    return said.replace("{door}", transcript_staff.door(phone)) if "{door}" in said else said


def _does(phone, what: str) -> list[str]:  # type: ignore[no-untyped-def]
    town = phone.town
    town.later(seconds=40)
    if what.startswith("[") and what.endswith("]"):
        return list(phone.presses(what[1:-1]))
    if what.startswith("(") and what.endswith(")"):
        return list(phone.writes("", kind=what[1:-1]))
    return list(phone.writes(what))


def _shown(texts: list[str], codes: list[str]) -> list[str]:
    """The texts on one line each; a code or a page, which is another each time, is shown as such."""
    for text in texts:
        codes += re.findall(CODE, text)
    return [re.sub(PAGE, "{page}", re.sub(CODE, "{code}", re.sub(r"\n+", " / ", text))) for text in texts]


@pytest.mark.few_on_postgres("kind")
@pytest.mark.parametrize(("kind", "path"), TALKS)
def test_a_talk_goes_as_it_is_written(kind: str, path: Path, store: Store, request: pytest.FixtureRequest) -> None:
    script = path.read_text(encoding="utf-8")
    today = play(store, script)
    if request.config.getoption("--update-transcripts"):
        path.write_text(today, encoding="utf-8")
        return
    assert today == script


def test_every_flow_has_a_transcript() -> None:
    told = {path.stem.split(".")[0] for path in FILES}
    assert set(FLOWS) <= told
