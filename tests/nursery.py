"""A process that has read the program once, word lists and all, and whose children become `ingang` at once.

To start the demo anew takes two seconds of the machine's work, most of it reading; a child of this takes a quarter. The
first process of a session is still an ordinary one: tests of the start itself use those.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn, Self, TextIO


@dataclass
class Child:
    """A running `ingang`: what it says is read from `said`."""

    pid: int
    said: TextIO

    def kill(self) -> None:
        """End it as a power cut does, and wait until it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:  # it has ended by itself
            self.said.close()
            return
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            waiting = select.poll()  # it is no child of ours: its handle can be read when it has ended
            waiting.register(handle, select.POLLIN)
            assert waiting.poll(30_000), "it does not end"
        finally:
            os.close(handle)
            self.said.close()


@dataclass
class Nursery:
    """The process whose children they are."""

    process: subprocess.Popen[str]
    folder: TemporaryDirectory[str] = field(default_factory=lambda: TemporaryDirectory(prefix="ingang-nursery-"))
    count: int = 0

    @classmethod
    def open(cls) -> Self:
        """Start it; it is ready when it has read everything."""
        command = [sys.executable, "-m", "tests.nursery"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return cls(process)

    def start(self, words: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Let a child become `ingang` with these words and nothing in its environment but this."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.count += 1
        told = Path(self.folder.name, f"said-{self.count}")
        os.mkfifo(told)
        wanted = {"words": list(words), "environment": dict(environment), "said": str(told), "folder": str(Path.cwd())}
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        return Child(pid, told.open(encoding="utf-8"))

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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    _tell("ready")
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(wanted)
        _tell(str(child))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _become(wanted: dict[str, object]) -> NoReturn:
    from ingang import cli

    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        random.seed()  # or every child would draw the same
        given, said = os.open(os.devnull, os.O_RDONLY), os.open(str(wanted["said"]), os.O_WRONLY)
        os.dup2(given, 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.chdir(str(wanted["folder"]))
        os.environ.clear()
        os.environ.update(wanted["environment"])  # type: ignore[call-overload]
        sys.argv = ["ingang", *wanted["words"]]  # type: ignore[misc]
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
