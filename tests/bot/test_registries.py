"""Every list that something else relies on is whole: commands, messages and their facts, second tries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

from bot.actions.meeting_talk import UNDOES
from bot.actions.performing import PERFORMS
from bot.actions.scene import ALWAYS, STANDING
from flows import commands, commands_activity, commands_meetings, commands_ratings, finding_time, meeting_roads
from flows.registry import FLOWS
from messages.catalog import Catalog
from rules.kinds import KINDS

CATALOG = Catalog.load()
OF_A_QUESTION = frozenset({"options", "option_set", "several"})
MEETING = frozenset({"starts", "minutes", "form", "where", "link", "find", "page", "staff_name"})
RESULTS = frozenset({"promise", "where", "municipality", "name"}) | MEETING
"""What the results of commands hold; flows pass them on as `Say("what_next", **referral)`."""


@dataclass(frozen=True)
class Spoken:
    """A message that a flow says or asks, with the facts that it gives beside it."""

    flow: str
    name: str
    is_question: bool
    given: frozenset[str]

    @property
    def message(self) -> str:
        return self.name if "/" in self.name else f"{self.flow}/{self.name}"


def _spoken() -> Iterator[Spoken]:
    modules = [(flow, __import__(function.__module__, fromlist=["_"])) for flow, function in FLOWS.items()]
    for flow, module in [*modules, ("appointment", meeting_roads), ("walk_and_talk", finding_time)]:
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        known = frozenset(
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"Say", "Ask"}):
                continue
            given = {word.arg: word.value for word in call.keywords}
            own = ast.literal_eval(given["message"]) if "message" in given else None
            facts = frozenset(filter(None, given)) | (known if None in given or "facts" in given else frozenset())
            if "explains" in given:
                yield Spoken(flow, ast.literal_eval(given["explains"]), False, frozenset({"option"}))
            for name in [own] if own else _texts(call.args[0]):
                yield Spoken(flow, name, call.func.id == "Ask", frozenset(facts | RESULTS if None in given else facts))


NAMED_BY = {
    "why": ["under_15", "over_29"],
    "asked": ["talk/help", *(f"talk/help_{what}" for what in ("what", "where", "when", "how"))],
    "came": ["full", "went"],
    "{'not_now': 'no'}.get(answer, answer)": ["no", "maybe"],
}
"""The messages that flows name by a variable."""


def _texts(node: ast.expr) -> list[str]:
    """The strings that an argument can be: one, either of an if-else, or any of a few that a variable holds."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return NAMED_BY[ast.unparse(node)]


SPOKEN = list(_spoken())


def test_every_command_of_a_flow_is_performed() -> None:
    made = {
        each
        for module in (commands, commands_activity, commands_meetings, commands_ratings)
        for each in vars(module).values()
        if isinstance(each, type) and is_dataclass(each) and hasattr(each, "nature")
    }
    assert made == set(PERFORMS)
    assert {each.nature for each in made} <= {"read", "hold", "final"}


def test_no_command_is_a_hold_without_an_undo() -> None:
    holds = {each.__name__ for each in PERFORMS if each.nature == "hold"}  # type: ignore[attr-defined]
    assert holds == set(UNDOES)


def test_what_a_flow_says_is_in_the_catalogue() -> None:
    assert {each.message for each in SPOKEN} - set(CATALOG.names()) == set()
    for each in SPOKEN:
        wanted = CATALOG.find(each.message).fields - STANDING.keys() - each.given
        assert wanted <= (OF_A_QUESTION if each.is_question else set()), f"{each.message}: given by nobody"


def test_every_question_has_its_second_try() -> None:
    questions = [each for each in SPOKEN if each.is_question]
    assert {f"{each.message}.again" for each in questions} - set(CATALOG.names()) == set()
    for each in questions:
        fields = CATALOG.find(f"{each.message}.again").fields
        assert fields - STANDING.keys() - each.given <= OF_A_QUESTION, each.message


def _named(root: Path) -> set[tuple[str, str]]:
    found = set()
    for folder in ("bot", "scheduler", "flows"):
        for file in sorted((root / folder).rglob("*.py")):
            for name in re.findall(r"""["']((?:talk|first_care)/[a-z_]+)["']""", file.read_text(encoding="utf-8")):
                found.add((file.name, name))
    return found


def test_every_message_named_in_code_exists(root: Path) -> None:
    named = {name for _, name in _named(root)}
    assert len(named) > 20
    starts = {"talk/help_"}  # followed by what was asked
    assert (
        named - starts - set(CATALOG.names()) == {"talk/language"} & named
    )  # the gate's own: language_missing and kin


def test_every_standing_fact_is_asked_for_by_some_text() -> None:
    declared = set().union(*(CATALOG.find(name).fields for name in CATALOG.names()))
    assert set(STANDING) <= declared | ALWAYS


def test_every_why_that_is_given_has_its_sentence(root: Path) -> None:
    reasons: set[str] = set()
    for file in sorted((root / "bot").rglob("*.py")):
        tree: Any = ast.parse(file.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for word in call.keywords:
                if (
                    word.arg == "why"
                    and isinstance(word.value, ast.Constant)
                    and getattr(call.func, "attr", "") == "say"
                ):
                    reasons.add(str(word.value.value))
    assert len(reasons) >= 6
    for reason in reasons:
        assert CATALOG.why(reason).endswith(".")


def test_every_kind_that_is_queued_is_a_row_of_the_table(root: Path) -> None:
    used = set()
    for folder in ("bot", "scheduler"):
        for file in sorted((root / folder).rglob("*.py")):
            used |= set(re.findall(r'\bkind="([a-z_]+)"', file.read_text(encoding="utf-8")))
    assert {"distress", "staff", "staff_alarm", "follow_up"} <= used
    assert used - {"broadcast"} <= set(KINDS)  # that one is a kind of release, see storage.sendings
