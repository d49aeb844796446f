"""The `ingang` command in a child of this process, which has read the program already: a second less than a new one."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn, TextIO

import ingang.wiring  # noqa: F401 - what most commands need is there before the fork
from ingang import cli


def run(words: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a folder and with nothing in its environment but this."""
    with TemporaryFile() as out:
        child = os.fork()
        if child == 0:
            _become(words, folder, environment, out.fileno())
        _, status = os.waitpid(child, 0)
        out.seek(0)
        said = out.read().decode("utf-8")
    return subprocess.CompletedProcess(words, os.waitstatus_to_exitcode(status), said)


def _become(words: list[str], folder: Path, environment: Mapping[str, str], out: int) -> NoReturn:
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(out, stream)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0, closefd=False), _written(1), _written(2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["ingang", *words]
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        os._exit(code)


def _written(stream: int) -> TextIO:
    return os.fdopen(stream, "w", encoding="utf-8", buffering=1, closefd=False)
