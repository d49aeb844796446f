"""Telling systemd that we are up, alive and on our way down (sd_notify(3)), where it wants to know.

A datagram to the socket that NOTIFY_SOCKET names; nothing at all when it names none.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


def notify(state: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd; False when it does not want to know. A socket that is gone is no fault of ours."""
    where = environment.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
        way.connect("\0" + where[1:] if where[0] == "@" else where)
        way.sendall(state.encode())
        return True
    return False


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """Give within how many seconds ALIVE must come again; None where nobody counts, or another process is meant."""
    given, meant = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not given.isdigit() or int(given) == 0 or (meant and meant != str(os.getpid())):
        return None
    return int(given) / 1_000_000
