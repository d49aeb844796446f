"""Walking a net over a text, with what was worked out before kept.

All patterns that a text may have begun at one word are one state, and a state and a word lead to one other state.
States and steps are made when first met and kept, so a text costs one look-up for each word and each beginning that is
still alive, however many patterns there are. A beginning is dropped when no word that could carry it on is left in the
text: words are bits, and what a state needs and what a text has left are compared at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.net import NUMBER, STEM, Hit, Mark, Node

_ROOM = 40_000
"""So many steps are kept; then all are forgotten and made anew. Ten megabytes or so for a net."""

_WORDS = 4000
"""So many words are kept as they were read."""

_NUMBER = "0\x7f"
_STEM_SIGN = "~"
_STRANGE = "\x7f"
"""Stands for every word that is in no pattern: they all lead to the same place."""


class _State:
    """Some places in the net at once: what ends there, the words that lead on, and the steps that are known.

    `needs` are the words that lead on, in bits; to a state with a gap every other word is alike.
    """

    __slots__ = ("closed", "has_gap", "lasts", "marks", "needs", "nodes", "steps")

    def __init__(self, nodes: tuple[Node, ...], needs: int, lasts: int) -> None:
        self.nodes = nodes
        self.needs = needs
        self.lasts = lasts
        self.has_gap = any(node.any for node in nodes)
        self.marks: tuple[Mark, ...] = tuple(node.mark for node in nodes if node.mark is not None)
        self.steps: dict[str, _State | None] = {}
        self.closed: _State | None = None


class Walker:
    """A net and the states of it that have been met. Safe to share: at worst two threads make one state twice."""

    def __init__(self, net: Node) -> None:
        """In: a net that will not change any more."""
        self._net = net
        self._bits: dict[str, int] = {}
        self._same: dict[int, int] = {}  # equal sets of words are one number in memory
        self._stems: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[str, int]] = {}
        self._needs = self._map()
        self._lasts: dict[Node, int] = {}
        self._order = {node: place for place, node in enumerate(self._needs)}
        self._forget()

    def _forget(self) -> None:
        self._states: dict[tuple[Node, ...], _State] = {}
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
        read, left = self._read(words)
        for place, (key, bits) in enumerate(read):
            alive.append((place, self._pause if place in pauses else self._root))
            ends = place + 1 in pauses
            following = left[place + 1]
            ended: dict[Mark, int] = {}
            after: list[tuple[int, _State]] = []
            for start, state in alive:
                if state.needs & bits:
                    way = key
                elif state.has_gap:
                    way = _STRANGE
                else:
                    continue
                steps = state.steps
                step = steps[way] if way in steps else self._step(state, way)
                if step is None:
                    continue
                if ends:
                    step = step.closed or self._close(step)
                if step.needs & following and step.lasts & following:
                    after.append((start, step))
                for mark in step.marks:
                    ended[mark] = start  # starts come in order: the latest stays
            hits.extend(Hit(mark, start, place + 1) for mark, start in ended.items())
            alive = after
        return hits

    def _read(self, words: list[str]) -> tuple[list[tuple[str, int]], list[int]]:
        """The words as the steps know them, with their bits; and the bits of what is left from each of them on."""
        known = self._known
        read = [known.get(word) or self._learn(word) for word in words]
        left = [0] * (len(words) + 1)
        rest = 0
        for place in range(len(words) - 1, -1, -1):
            left[place] = rest = rest | read[place][1] | 1  # bit 0: any word, or the end, leads on
        return read, left

    def _learn(self, word: str) -> tuple[str, int]:
        bits = self._bits.get(word, 0)
        for stem in self._stems.get(word[:STEM], ()):
            if word.startswith(stem):
                bits |= self._bits[stem + _STEM_SIGN]
        key = word
        if "0" <= word[0] <= "9":
            key = word if bits else _NUMBER
            bits |= self._bits.get(NUMBER, 0)
        found = (key if bits else _STRANGE, bits)
        if len(self._known) >= _WORDS:
            self._known = {}
        self._known[word] = found
        return found

    def _state(self, nodes: Iterable[Node]) -> _State:
        places = tuple(sorted(set(nodes), key=self._order.__getitem__))
        found = self._states.get(places)
        if found is None:
            needs = lasts = 0
            for node in places:
                needs |= self._needs[node]
                lasts |= self._last(node)
            same = self._same.setdefault
            found = self._states[places] = _State(places, same(needs, needs), same(lasts, lasts))
        return found

    def _step(self, state: _State, key: str) -> _State | None:
        reached: list[Node] = []
        for node in state.nodes:  # as node.after, without a new list for each
            if found := node.words.get(key):
                reached += found
            if not node.is_plain:
                node.also_after(key, reached)
        step = self._state(reached) if reached else None
        state.steps[key] = step
        self._made += 1
        return step

    def _close(self, state: _State) -> _State:
        """At the end of a clause, also on over an end sign."""
        ends = [after for node in state.nodes for after in node.end]
        state.closed = self._state((*state.nodes, *ends)) if ends else state
        return state.closed

    def _last(self, node: Node) -> int:
        """The words that can end a pattern from a node on, in bits; worked out when first asked for."""
        if node in self._lasts:
            return self._lasts[node]
        bits = 0
        leads = [(self._bits[word], after) for word, found in node.words.items() for after in found]
        for found in node.stems.values():
            leads += [(self._bits[stem + _STEM_SIGN], after) for stem, after in found]
        leads += [(1, after) for after in (*node.any, *node.begin, *node.end)]  # any word, or none, leads here
        for lead, after in leads:
            bits |= self._last(after) | (lead if after.mark is not None else 0)
            if any(end.mark is not None for end in after.end):
                bits |= lead
        self._lasts[node] = bits = self._same.setdefault(bits, bits)
        return bits

    def _map(self) -> dict[Node, int]:
        """Give every word, stem and number of the net a bit; out comes what leads on from each node, in bits."""
        needs: dict[Node, int] = {}
        stems: dict[str, set[str]] = {}
        waiting = [self._net]
        while waiting:
            node = waiting.pop()
            if node in needs:
                continue
            for first, found in node.stems.items():
                stems.setdefault(first, set()).update(stem for stem, _ in found)
            named = [*node.words, *(stem + _STEM_SIGN for found in node.stems.values() for stem, _ in found)]
            bits = 1 if node.end else 0
            for name in named:
                bits |= self._bits.setdefault(name, 1 << (len(self._bits) + 1))
            needs[node] = self._same.setdefault(bits, bits)
            waiting += [after for leads in node.words.values() for after in leads]
            waiting += [after for found in node.stems.values() for _, after in found]
            waiting += [*node.any, *node.begin, *node.end]
        self._stems = {first: tuple(sorted(found)) for first, found in stems.items()}
        return needs


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
