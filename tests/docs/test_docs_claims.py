"""What the documents say is tried: commands with their answers, paths, links, and the talk in README.

A fence ```console holds commands after `$ ` and what they answer; `...` stands for anything. The commands of a page are
run one after the other in one empty folder, so a page is a story that a reader can follow. A fence ```sh is only read:
it holds what would start a server or change a machine.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from ingang.cli import app
from tests import forked

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOLD = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATHLIKE = re.compile(r"(?:[a-z_]+/)*[A-Za-z0-9_.-]+\.(?:py|md|toml|j2|txt|tsv|png|html)|(?:[a-z_]+/)+")
MADE_BY_USE = frozenset({"config.toml"})
"""Files that a reader makes."""
EXAMPLES = re.compile(r"hour|<|/etc/|/srv/|/var/|\.demo/")
"""What stands for a name of the reader's own."""


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- commands --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Try:
    command: str
    answer: str


def tries(page: Path) -> list[Try]:
    blocks = [body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if kind == "console"]
    parts = [part for body in blocks for part in re.split(r"^\$ ", body, flags=re.MULTILINE) if part.strip()]
    return [Try(command.strip(), answer) for command, _, answer in (part.partition("\n") for part in parts)]


STORIES = [page for page in PAGES if tries(page)]


def environment() -> dict[str, str]:
    """A reader's, with nothing set that is Ingång's, and the `ingang` that is being tested first in the path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("INGANG_")}
    path = os.pathsep.join([sysconfig.get_path("scripts"), str(Path(sys.executable).parent), clean["PATH"]])
    return clean | {"PATH": path, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", "PROJECT": str(ROOT)}


def answers(command: str, folder: Path, around: dict[str, str]) -> str:
    """Run it as a reader does. One of ours that needs no shell is run in a child that has read the program already."""
    plain = re.fullmatch(r"(?:printf '([^']*)' \| )?ingang ([^|<>$*;&]+)", command)
    if plain is not None:
        given = (plain[1] or "").replace("\\n", "\n").encode()
        done = forked.run(*shlex.split(plain[2]), folder=folder, environment=around, given=given)
        return tidy(done.stdout + done.stderr)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=around, capture_output=True, text=True, timeout=120, check=False
    )
    return tidy(done.stdout + done.stderr)


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def fits(told: str, came: str) -> bool:
    wild = ".*?".join(re.escape(part) for part in re.split(r"\s*\.\.\.\s*", tidy(told)))
    return re.fullmatch(wild, came, re.DOTALL) is not None


@pytest.mark.slow
@pytest.mark.parametrize("page", STORIES, ids=page_id)
def test_commands_answer_as_the_page_says(page: Path, tmp_path: Path) -> None:
    around = environment()
    for each in tries(page):
        words = shlex.split(each.command)
        if words[0] == "export":
            around |= dict([words[1].split("=", 1)])
            continue
        came = answers(each.command, tmp_path, around)
        assert fits(each.answer, came), f"$ {each.command}\n{came}\n--- the page says ---\n{tidy(each.answer)}"


def test_the_pages_show_commands_to_run() -> None:
    assert {page_id(page) for page in STORIES} >= {"docs/start.md", "docs/operate.md"}


def commands(command: Any, name: str) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None or getattr(command, "invoke_without_command", False):
        yield name
    for word, one in (inner or {}).items():
        yield from commands(one, f"{name} {word}")


@pytest.mark.parametrize("name", list(commands(typer.main.get_command(app), "ingang")))
def test_every_command_is_told_of(name: str) -> None:
    *group, word = name.split()
    alternatives = rf"{re.escape(' '.join(group))} (?:[a-z]+\|)*{re.escape(word)}\b"
    assert re.search(alternatives, TOLD), f"no page names `{name}`"


# --- paths and links -------------------------------------------------------------------------------------------------


def named_paths(page: Path) -> set[str]:
    """What stands between backticks and looks like a file or folder of ours."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    words = {word for span in re.findall(r"`([^`]+)`", text) for word in span.split()}
    return {word for word in words if PATHLIKE.fullmatch(word) and not EXAMPLES.search(word)} - MADE_BY_USE


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_file_named_in_a_page_exists(page: Path) -> None:
    known = {path.name for folder in ("messages", "docs", "tests") for path in (ROOT / folder).rglob("*.*")}
    gone = [name for name in named_paths(page) if not (ROOT / name).exists() and name not in known]
    assert gone == []


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get where it is shown."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_to_its_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text(encoding="utf-8")))
    for link in links:
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_stands_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {name for name in pages if f"]({name})" not in index} == set()
    decisions = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    notes = {page.name for page in (ROOT / "docs/decisions").glob("0*.md")}
    assert {name for name in notes if f"]({name})" not in decisions} == set()


# --- README ----------------------------------------------------------------------------------------------------------


def talk_in_readme() -> list[str]:
    """The talk's lines, unwrapped; remarks in brackets are ours."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^(?:    .+\n)+", text, re.MULTILINE)
    assert block is not None
    whole = re.sub(r"\n {6}", " ", block[0])
    return [line.strip() for line in whole.splitlines() if not line.strip().startswith("(")]


def test_readme_shows_a_real_talk() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.search(r"\((tests/flows/transcripts/\S+\.txt)\)", text)
    assert linked is not None
    said = iter((ROOT / linked[1]).read_text(encoding="utf-8").splitlines())
    shown = talk_in_readme()
    assert len(shown) == 6
    assert next((line for line in shown if line not in said), None) is None  # each after the one before


def test_readme_begins_with_what_it_is() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Ingång"
    assert "img.shields.io" not in "".join(lines)
    before_the_fold = "\n".join(lines[:40])
    assert all(word in before_the_fold for word in ("docs/images/demo-1280.png", "> hej", "make run", "make test"))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_page_knows_a_machine_of_ours(page: Path) -> None:
    assert not re.search(r"/work/|/root/|/tmp/|localhost:\d", page.read_text(encoding="utf-8"))
