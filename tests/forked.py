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

import ingang.running
import ingang.wiring  # noqa: F401 - what most commands need is there before the fork
from ingang import cli


def run(
    *words: str, folder: Path | None = None, environment: Mapping[str, str] | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a folder, with nothing in its environment but this, and with this to read."""
    with TemporaryFile() as told, TemporaryFile() as out, TemporaryFile() as errors:
        told.write(given)
        told.seek(0)
        child = os.fork()
        if child == 0:
            for stream, file in enumerate((told, out, errors)):
                os.dup2(file.fileno(), stream)
            _become(words, folder or Path(), os.environ.copy() if environment is None else environment)
        _, status = os.waitpid(child, 0)
        said = []
        for file in (out, errors):
            file.seek(0)
            said.append(file.read().decode("utf-8"))
    return subprocess.CompletedProcess(words, os.waitstatus_to_exitcode(status), *said)


def _become(words: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> NoReturn:
    code = 70
    try:
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0, encoding="utf-8", closefd=False), _written(1), _written(2)
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
