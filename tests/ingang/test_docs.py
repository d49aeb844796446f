import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from ingang.cli import app

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.exists()]
COMMANDS = re.compile(r"^(?:\$ |\.venv/bin/)?ingang ((?:[a-z]+[ |])*[a-z]+)", re.MULTILINE)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement)[0].lower()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def code_in(page: Path) -> str:
    """What stands between backticks, in a line or in a block."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join([*blocks, *spans])


def unknown_word(words: str) -> str | None:
    """Follow `ingang WORDS` through the commands; give the first word that should be one and is none."""
    command: Any = typer.main.get_command(app)
    for word in words.split():
        inner = getattr(command, "commands", None)
        if inner is None:
            return None  # from here on they are arguments
        for one in word.split("|"):
            if one not in inner:
                return one
        command = inner[word.split("|")[0]]
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_page_exists(page: Path) -> None:
    assert [words for words in COMMANDS.findall(code_in(page)) if unknown_word(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_in_a_page_exists(page: Path) -> None:
    assert set(re.findall(r"\bmake ([a-z]+)", code_in(page))) <= targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_dependency_earns_its_place_in_one_line() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z][a-z0-9-]+) \|", page, re.MULTILINE)) - {"package"}
    extras = [name for names in PROJECT["project"]["optional-dependencies"].values() for name in names]
    groups = [name for names in PROJECT["dependency-groups"].values() for name in names]
    assert told == {name_of(one) for one in [*PROJECT["project"]["dependencies"], *extras, *groups]}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_pin_has_its_hashes(name: str) -> None:
    pinned = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in pinned
    assert not re.search(r"://|--index-url|--find-links", pinned)
    names = {match.lower() for match in re.findall(r"^([A-Za-z0-9_.-]+)==", pinned, re.MULTILINE)}
    assert {name_of(one) for one in PROJECT["project"]["dependencies"]} <= names


def test_make_alone_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE)) == targets()
