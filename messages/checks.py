"""The rules that every text keeps, tried on every text, channel and combination of facts.

One function a rule; a fault says which text, which rule, and what was found. `ingang preview` shows them, and the suite
fails on any. The words that we never write are data: messages/<language>/style.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from jinja2 import meta

from messages.catalog import BUILT_IN, MOST_SEGMENTS, Catalog, Message, Rendered, Style
from messages.lix import lix, sentences, words
from messages.samples import FIELDS, NOW, QUESTIONS, worlds
from messages.sms import measure
from messages.wordlists import any_of, plain

MOST_WORDS = 15
MOST_LIX = 25
STYLES: tuple[Style, ...] = get_args(Style)

PROVIDER_WORDS = (
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "START",
    "YES",
    "UNSTOP",
)
"""The SMS provider itself acts on these, so we never ask anyone to write one. Source: its list of opt-out words."""

_FOLDER = Path(__file__).parent
_UNTIDY = re.compile(r"  |\s[.,:?!]|[.,]{2}|[{}]|^\W*$|,\.")
_DASHES = re.compile("[–—…“”’‘\u00a0]|[\U0001f000-\U0001ffff\u2600-\u27bf]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the text's name, its channel's style ("" for the file itself), the rule, and what was found."""

    name: str
    style: str
    rule: str
    found: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as it was rendered with one set of facts."""

    facts: Mapping[str, Any]
    rendered: Rendered

    @property
    def text(self) -> str:
        """What goes out."""
        return self.rendered.text


class StyleRules:
    """The word lists of one language's style.toml, compiled."""

    def __init__(self, language: str, folder: Path = _FOLDER) -> None:
        data = tomllib.loads((folder / language / "style.toml").read_text(encoding="utf-8"))
        self._never = [(any_of(row["words"]), row["why"], frozenset[str]()) for row in data["never"]]
        self._never += [
            (any_of(row["words"]), row["why"], frozenset(row["messages"])) for row in data.get("only_in", ())
        ]
        inverted = data["inverted"]
        self._inverted = any_of(f"{verb} {subject}" for verb in inverted["verbs"] for subject in inverted["subjects"])

    def findings(self, name: str, text: str) -> Iterator[tuple[str, str]]:
        """Each (rule, what was found) in one text."""
        read = plain(text)
        for pattern, why, allowed in self._never:
            for match in pattern.finditer(read):
                if name not in allowed:
                    yield "words", f"{match[0]!r}: {why}"
        for line in read.splitlines():
            for sentence in re.findall(r"[^.!?]+[.!?]?", line):
                if self._inverted.match(sentence.strip()) and not sentence.endswith("?"):
                    yield "inverted condition", sentence.strip()


def check(
    catalog: Catalog, language: str = "sv", names: Iterable[str] | None = None, folder: Path = _FOLDER
) -> list[Fault]:
    """Try every text that `language` has of its own, or only `names`. Returns what was found, each thing once.

    Raises KeyError when the language is off, OSError when it has no style.toml.
    """
    rules = StyleRules(language, folder)
    faults: dict[Fault, None] = {}
    for name in sorted(catalog.books[language].files if names is None else names):
        message = catalog.find(name, language)
        in_the_file = list(_file_faults(catalog, message))
        faults.update(dict.fromkeys(in_the_file))
        # A text with an unknown field cannot be filled in.
        if not any(fault.rule.startswith("field") for fault in in_the_file):
            for style in STYLES:
                faults.update(dict.fromkeys(_text_faults(catalog, rules, message, style)))
    if names is None:
        faults.update(dict.fromkeys(_flow_faults(catalog, language)))
    return list(faults)


def samples(catalog: Catalog, message: Message, style: Style, *, long_lists: bool = True) -> Iterator[Sample]:
    """The message rendered with every combination of facts, the ordinary one first."""
    lines = catalog.books[message.language].help_lines
    for facts in worlds(message.name, message.fields, lines, long_lists=long_lists):
        rendered = catalog.render(message.name, language=message.language, style=style, facts=facts, now=NOW)
        yield Sample(facts, rendered)


def text_faults(catalog: Catalog, rules: StyleRules, name: str, style: Style, sample: Sample) -> Iterator[Fault]:
    """The faults of one rendered text."""
    for rule in RULES:
        yield from (Fault(name, style, rule.__name__.replace("_", " ").strip(), found) for found in rule(style, sample))
    yield from (Fault(name, style, rule, found) for rule, found in rules.findings(name, sample.text))
    for finding in catalog.guard.findings(sample.text):
        yield Fault(name, style, "guard", f"{finding.words!r} {finding.why}")


def _too_long_a_sentence(_: Style, sample: Sample) -> Iterator[str]:
    for sentence in sentences(sample.text):
        count = len(words(sentence))
        if count > MOST_WORDS:
            yield f"{count} words: {sentence}"


def _more_than_one_question(_: Style, sample: Sample) -> Iterator[str]:
    # The offer of another language ("English? Write EN.") is for those who cannot read the question.
    asked = len(re.findall(r"\?", re.sub(r"\w+\? \w+ [A-Z]{2}\.", "", sample.text)))
    if asked > 1:
        yield f"{asked} questions"


def _too_long_or_dear_an_sms(style: Style, sample: Sample) -> Iterator[str]:
    if style == "sms":
        size = measure(sample.text)
        if size.encoding != "GSM-7":
            yield "not GSM-7"
        if size.segments > MOST_SEGMENTS:
            yield f"{size.segments} segments, {size.units} units: {sample.text}"


def _untidy(_: Style, sample: Sample) -> Iterator[str]:
    lines = sample.text.splitlines()
    yield from (f"untidy: {line!r}" for line in lines if line and (_UNTIDY.search(line) or line != line.strip()))
    yield from (f"sign outside plain text: {sign}" for sign in _DASHES.findall(sample.text))
    if not sample.text:
        yield "empty"


def _too_loud(_: Style, sample: Sample) -> Iterator[str]:
    if sample.text.count("!") > 1:
        yield "more than one exclamation mark"


def _name_too_often(_: Style, sample: Sample) -> Iterator[str]:
    name = sample.facts.get("name")
    if name and sample.text.count(name) > 1:
        yield f"{sample.text.count(name)} times"


def _a_word_of_the_provider(_: Style, sample: Sample) -> Iterator[str]:
    yield from (word for word in re.findall(r"\b[A-Z]{3,}\b", sample.text) if word in PROVIDER_WORDS)


RULES = (
    _too_long_a_sentence,
    _more_than_one_question,
    _too_long_or_dear_an_sms,
    _untidy,
    _too_loud,
    _name_too_often,
    _a_word_of_the_provider,
)


def _text_faults(catalog: Catalog, rules: StyleRules, message: Message, style: Style) -> Iterator[Fault]:
    seen: set[str] = set()
    for sample in samples(catalog, message, style):
        if sample.text in seen:
            continue
        seen.add(sample.text)
        yield from text_faults(catalog, rules, message.name, style, sample)
        if style == "sms":
            yield from _who_we_are(catalog, message, sample)


def _who_we_are(catalog: Catalog, message: Message, sample: Sample) -> Iterator[Fault]:
    facts = {**sample.facts, "first_today": True}
    first = catalog.render(message.name, language=message.language, style="sms", facts=facts, now=NOW)
    if facts["bot"] not in first.text:
        yield Fault(message.name, "sms", "who we are", "the day's first message does not say it")
    if measure(first.text).segments > MOST_SEGMENTS:
        yield Fault(message.name, "sms", "who we are", "too long with our name before it")


def _file_faults(catalog: Catalog, message: Message) -> Iterator[Fault]:
    environment = catalog.books[message.language].environment
    used = meta.find_undeclared_variables(environment.parse(message.source)) - BUILT_IN
    yield from (Fault(message.name, "", "field not declared", field) for field in sorted(used - message.fields))
    yield from (Fault(message.name, "", "field not used", field) for field in sorted(message.fields - used))
    unknown = message.fields - FIELDS
    yield from (Fault(message.name, "", "field without samples", field) for field in sorted(unknown))
    flow, _, name = message.name.partition("/")
    if name in QUESTIONS and flow != "talk" and f"{message.name}.again" not in catalog.names():
        yield Fault(message.name, "", "second try missing", f"{message.name}.again")


def _flow_faults(catalog: Catalog, language: str) -> Iterator[Fault]:
    for style in STYLES:
        for flow, value in flow_lix(catalog, language, style).items():
            if value > MOST_LIX:
                yield Fault(flow, style, "lix", f"{value:.1f}")


def flow_lix(catalog: Catalog, language: str, style: Style) -> dict[str, float]:
    """The LIX of each flow's texts taken together, with ordinary facts."""
    texts: dict[str, list[str]] = {}
    for name in sorted(catalog.books[language].files):
        ordinary = next(samples(catalog, catalog.find(name, language), style, long_lists=False))
        texts.setdefault(name.partition("/")[0], []).append(ordinary.text)
    return {flow: lix(said) for flow, said in texts.items()}


def worst(found: Iterable[Sample]) -> Sample:
    """The sample that takes most room as an SMS."""
    return max(found, key=lambda sample: (measure(sample.text).segments, measure(sample.text).units))
