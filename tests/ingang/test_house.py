"""The house rules that no linter knows."""

import ast
from pathlib import Path

import pytest

from ingang import log

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("ingang", "staff", "scheduler", "bot", "flows", "messages", "storage", "rules")
FILES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts
]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function's body has, its docstring apart."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_longer_than_400_lines(package: str) -> None:
    sizes = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES if package in path.parts}
    assert {path: size for path, size in sizes.items() if size > 400} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_is_longer_than_40_lines(package: str) -> None:
    found = [(path, one) for path in FILES if package in path.parts for one in functions(path)]
    assert [f"{path.name}:{one.name} {body_lines(one)}" for path, one in found if body_lines(one) > 40] == []


def test_everything_in_bot_stands_in_a_row() -> None:
    rows = {"doors", "conversation", "actions", "channels", "__init__"}
    assert {path.stem for path in (ROOT / "bot").iterdir() if path.name != "__pycache__"} <= rows


def log_lines() -> list[tuple[str, ast.Call]]:
    """Every call such as `log.info(...)` in the packages, with where it stands."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger"}
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical", "bind"}
    ]


def test_every_log_line_names_its_event() -> None:
    assert [
        where
        for where, call in log_lines()
        if not (call.args and isinstance(call.args[0], ast.Constant) and log._EVENT.fullmatch(str(call.args[0].value)))
    ] == []


def test_every_log_line_uses_listed_keys() -> None:
    found = {(where, key.arg) for where, call in log_lines() for key in call.keywords if key.arg != "exc_info"}
    assert sorted((where, str(key)) for where, key in found if key not in log.KEYS) == []
