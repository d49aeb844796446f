"""A process that has read the program once, word lists and all, and whose children become `ingang` at once.

To start the demo anew takes two seconds of the machine's work, most of it reading; a child of this takes a quarter. The
first process of a session is still an ordinary one: tests of the start itself use those.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn, Self

ROOT: Final = Path(__file__).resolve().parent.parent


@dataclass
class Child:
    """A process that is no child of ours, but of the nursery. It can be asked as subprocess.Popen can."""

    pid: int
    ended: Path  # where the nursery writes how it ended
    returncode: int | None = None

    def poll(self) -> int | None:
        """Give its exit code, None while it lives; minus the number of the signal that ended it."""
        if self.returncode is None and self.ended.exists():
            self.returncode = int(self.ended.read_text(encoding="utf-8"))
        return self.returncode

    def wait(self, timeout: float = 30) -> int:
        """Wait so many seconds for its end; give its exit code."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.send_signal(signal.SIGKILL)


@dataclass
class Nursery:
    """The process whose children they are."""

    process: subprocess.Popen[str]
    folder: TemporaryDirectory[str]
    count: int = 0

    @classmethod
    def open(cls) -> Self:
        """Start it; it is ready when it has read everything."""
        folder = TemporaryDirectory(prefix="ingang-nursery-")
        command = [sys.executable, "-m", "tests.nursery", folder.name]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return cls(process, folder)

    def new_name(self, what: str) -> Path:
        """A file that no child has had."""
        self.count += 1
        return Path(self.folder.name, f"{what}-{self.count}")

    def start(
        self, words: Sequence[str], said: Path, folder: Path, environment: Mapping[str, str], module: str = "ingang.cli"
    ) -> Child:
        """Let a child run a module's `main` with these words and nothing in its environment but this.

        What it says and complains of is written to `said`.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        ended = self.new_name("ended")
        wanted = {"words": list(words), "environment": dict(environment), "module": module}
        paths = {"said": str(said.absolute()), "folder": str(folder.absolute()), "ended": str(ended)}
        self.process.stdin.write(json.dumps(wanted | paths) + "\n")
        self.process.stdin.flush()
        return Child(int(self.process.stdout.readline()), ended)

    def run(self, module: str, *words: str, folder: Path, seconds: float = 600) -> str:
        """Run a module's `main` to its end, which is a good one; give what it said."""
        said = self.new_name("said")
        child = self.start(words, said, folder, os.environ, module)
        try:
            code = child.wait(seconds)
        finally:
            child.kill()
        text = said.read_text(encoding="utf-8")
        assert code == 0, text[-3000:]
        return text

    def close(self) -> None:
        """End it. Its children are ended by whoever started them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


@cache
def shared() -> Nursery:
    """The one of this process, which ends with it."""
    opened = Nursery.open()
    atexit.register(opened.close)
    return opened


def main() -> None:
    """Read everything, then make a child for each line of JSON that comes."""
    from ingang.running import demo_settings
    from ingang.web import create_web
    from ingang.wiring import open_app

    with TemporaryDirectory(prefix="ingang-nursery-") as folder:
        app = open_app(demo_settings(Path(folder)), demo=True)
        for language in ("sv", "en"):
            app.house.lexicon(language)
        create_web(app, demo=True)
        app.store.close()
    assert threading.active_count() == 1, "a child would have only one of the threads"
    ends: dict[int, Path] = {}
    signal.signal(signal.SIGCHLD, lambda *_: _note_ends(ends))
    gc.freeze()  # a child copies no page for the garbage collector's sake
    _tell("ready")
    for line in sys.stdin:
        wanted = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # one that ends at once waits till it is known
        child = os.fork()
        if child == 0:
            _become(wanted)
        ends[child] = Path(wanted["ended"])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        _tell(str(child))


def _note_ends(ends: dict[int, Path]) -> None:
    for child in list(ends):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            file = ends.pop(child)
            whole = file.with_suffix(".part")
            whole.write_text(str(os.waitstatus_to_exitcode(status)), encoding="utf-8")
            whole.rename(file)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _become(wanted: dict[str, object]) -> NoReturn:
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        random.seed()  # or every child would draw the same
        given, said = os.open(os.devnull, os.O_RDONLY), os.open(str(wanted["said"]), os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(given, 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.chdir(str(wanted["folder"]))
        os.environ.clear()
        os.environ.update(wanted["environment"])  # type: ignore[call-overload]
        sys.argv = ["ingang", *wanted["words"]]  # type: ignore[misc]
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        importlib.import_module(str(wanted["module"])).main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except Exception:  # noqa: BLE001 - it is told, and the code says so
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
