"""The `ingang` command: which groups of commands there are, and how an error reaches the person who typed.

A group is one module of `ingang/commands/` with a function `register(root)`, which adds its command or its group of
commands. Such a module imports nothing heavy at its top: what a command needs is imported in its body, so that
`ingang --help` answers at once. `ingang/commands/explain.py` is the pattern.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from ingang.commands import audit, chat, check, db, explain, keys, meetings, poster, preview, run, staff, staff_desk
from ingang.errors import UserError
from storage.errors import StoreError, StoreUnavailable

LATER = 75
"""EX_TEMPFAIL of sysexits.h: the same command may work in a while."""

GROUPS = (
    run,
    chat,
    staff_desk,
    meetings,
    staff,
    keys,
    db,
    audit,
    poster,
    preview,
    explain,
    check,
)  # in the order in which --help lists them

app = typer.Typer(
    name="ingang",
    help="Ingång: an open entrance by SMS and chat, for young people and those who meet them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Keep the groups as groups, however few there are."""


for group in GROUPS:
    group.register(app)


def main() -> NoReturn:
    """Run the command that was typed and end with its exit code.

    0 is done, 1 a fault of ours or of what was read, 2 one that the person can mend, 75 a database that cannot be used
    now (so that systemd starts it again), 130 Ctrl-C. Faults are one line on standard error, and a fault of ours tells
    no more than its class and place: the rest may hold what people wrote.
    """
    try:
        app(prog_name="ingang")
    except UserError as fault:
        _end(fault)
    except StoreError as fault:
        _end(UserError(fault.what, "database", fault.way_out), LATER if isinstance(fault, StoreUnavailable) else 2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this, Python complains once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("INGANG_TRACEBACK"):
            raise
        from ingang.log import exception_told

        told = exception_told(error)
        way_out = "INGANG_TRACEBACK=1 shows all of it, people's words included"
        print(f"ingang: {told['error']} at {told['error_at']} (a fault in Ingång): {way_out}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def _end(fault: UserError, code: int = 2) -> NoReturn:
    for line in fault.lines():
        print(line, file=sys.stderr)
    sys.exit(code)
