"""Walking a net over a text, with what was worked out before kept.

All patterns that a text may have begun at one word are one state, and a state and a word lead to one other state.
States and steps are made when first met and kept, so a text costs one look-up for each word and each beginning that is
still alive, however many patterns there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.net import STEM, Hit, Mark, Node

_ROOM = 60_000
"""So many steps are kept; then all are forgotten and made anew. Ten megabytes or so for a net."""

_NUMBER = "0\x7f"
_STRANGE = "\x7f"
"""Stands for every word that is in no pattern: they all lead to the same place."""


class _State:
    """Some places in the net at once, what ends there, and the steps from here that are known."""

    __slots__ = ("closed", "marks", "nodes", "steps")

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes
        self.marks: tuple[Mark, ...] = tuple(node.mark for node in nodes if node.mark is not None)
        self.steps: dict[str, _State | None] = {}
        self.closed: _State | None = None


class Walker:
    """A net and the states of it that have been met. Safe to share: at worst two threads make one state twice."""

    def __init__(self, net: Node) -> None:
        """In: a net that will not change any more."""
        self._net = net
        self._words, self._stems = _known(net)
        self._forget()

    def _forget(self) -> None:
        self._states: dict[frozenset[Node], _State] = {}
        self._made = 0
        self._root = self._state((self._net,))
        self._pause = self._state((self._net, *self._net.begin))

    def find(self, words: list[str], pauses: frozenset[int]) -> list[Hit]:
        """Every pattern that a text holds, as it ends, from left to right; of several starts, the latest.

        In: the words without pauses, and the places before which one stands; the start and the end are pauses.
        """
        if self._made > _ROOM:
            self._forget()
        hits: list[Hit] = []
        alive: list[tuple[int, _State]] = []
        for place, word in enumerate(words):
            key = self._key(word)
            alive.append((place, self._pause if place in pauses else self._root))
            ends = place + 1 in pauses
            ended: dict[Mark, int] = {}
            after: list[tuple[int, _State]] = []
            for start, state in alive:
                steps = state.steps
                step = steps[key] if key in steps else self._step(state, key)
                if step is None:
                    continue
                if ends:
                    step = step.closed or self._close(step)
                after.append((start, step))
                for mark in step.marks:
                    ended[mark] = start  # starts come in order: the latest stays
            hits.extend(Hit(mark, start, place + 1) for mark, start in ended.items())
            alive = after
        return hits

    def _key(self, word: str) -> str:
        """The word itself when a pattern may ask for it; one sign for all others."""
        if word in self._words:
            return word
        if "0" <= word[0] <= "9":
            return _NUMBER
        return word if word.startswith(self._stems.get(word[:STEM], _STRANGE)) else _STRANGE

    def _state(self, nodes: Iterable[Node]) -> _State:
        places = tuple(dict.fromkeys(nodes))
        named = frozenset(places)
        found = self._states.get(named)
        if found is None:
            found = self._states[named] = _State(places)
        return found

    def _step(self, state: _State, key: str) -> _State | None:
        reached = [after for node in state.nodes for after in node.after(key)]
        step = self._state(reached) if reached else None
        state.steps[key] = step
        self._made += 1
        return step

    def _close(self, state: _State) -> _State:
        """At the end of a clause, also on over an end sign."""
        ends = [after for node in state.nodes for after in node.end]
        state.closed = self._state((*state.nodes, *ends)) if ends else state
        return state.closed


def _known(net: Node) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """Every word in a net, and every stem by its first letters."""
    words: set[str] = set()
    stems: dict[str, set[str]] = {}
    seen = {net}
    waiting = [net]
    while waiting:
        node = waiting.pop()
        words.update(node.words)
        for first, found in node.stems.items():
            stems.setdefault(first, set()).update(stem for stem, _ in found)
        nexts = [after for leads in node.words.values() for after in leads]
        nexts += [after for found in node.stems.values() for _, after in found]
        for after in (*nexts, *node.any, *node.begin, *node.end):
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return frozenset(words), {first: tuple(sorted(found)) for first, found in stems.items()}


_kept: dict[int, tuple[Node, Walker]] = {}
_MOST_NETS = 16


def walker(net: Node) -> Walker:
    """The walker of a net, made once. A net must not change afterwards."""
    found = _kept.get(id(net))
    if found is None or found[0] is not net:
        if len(_kept) >= _MOST_NETS:
            _kept.clear()
        found = _kept[id(net)] = (net, Walker(net))
    return found[1]
