"""One process at a time, and the next one when it is gone."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from storage.alone import alone
from storage.crypto import KeyRing
from storage.db import Store

HOLDER = textwrap.dedent(
    """
    import sys
    from storage.alone import alone
    from storage.crypto import KeyRing
    from storage.db import Store
    store = Store.open(sys.argv[1], KeyRing.load(sys.stdin.readline()))
    print(alone(store, "telegram").take() or "no", flush=True)
    sys.stdin.read()
    """
)


def test_the_second_gets_it_when_the_first_lets_go(store: Store) -> None:
    one, two = alone(store, "telegram"), alone(store, "telegram")
    assert one.take()
    assert one.take(), "it is held still"
    assert not two.take()
    assert alone(store, "other").take()
    one.leave()
    assert two.take()
    assert not one.take()
    two.leave()
    two.leave()


def test_it_is_let_go_when_its_holder_is_killed(root: Path, database_url: str, store: Store, key_ring: KeyRing) -> None:
    command = [sys.executable, "-W", "ignore", "-c", HOLDER, database_url]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(key_ring.dump().replace("\n", " ") + "\n")
        holder.stdin.flush()
        assert holder.stdout.readline().strip() == "True"
        mine = alone(store, "telegram")
        assert not mine.take()
        holder.kill()
        holder.wait(10)
        taken = any(mine.take() for _ in range(2000))  # PostgreSQL notices within moments
    assert taken
    mine.leave()
