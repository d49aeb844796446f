"""Every message as it would go out on every channel: length, parts, LIX, and what the checks find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from messages.catalog import Catalog, Style
from messages.checks import MOST_LIX, STYLES, Fault, Sample, check, flow_lix, samples, worst
from messages.lix import lix
from messages.sms import Size, measure


@dataclass(frozen=True, slots=True)
class Row:
    """One message in one style, with ordinary facts; `worst_*` are those of the longest names, as an SMS.

    `length` is in characters, `worst_length` in GSM-7 septets (or UTF-16 units for UCS-2).
    """

    name: str
    style: Style
    text: str
    buttons: tuple[str, ...]
    encoding: str
    segments: int
    length: int
    worst_segments: int
    worst_length: int
    lix: float
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """The LIX of all messages of one flow taken together, and a finding when it is too heavy."""

    flow: str
    style: Style
    lix: float

    @property
    def findings(self) -> tuple[str, ...]:
        """What the checks say of it."""
        return (f"lix: {self.lix:.1f} is over {MOST_LIX}",) if self.lix > MOST_LIX else ()


def preview_rows(language: str = "sv", catalog: Catalog | None = None, names: Iterable[str] | None = None) -> list[Row]:
    """A row for each message and style that `language` has of its own, or for `names` alone.

    Raises KeyError when the language is off.
    """
    catalog = catalog or Catalog.load()
    wanted = sorted(catalog.books[language].files) if names is None else list(names)
    faults = check(catalog, language, wanted)
    return [_row(catalog, name, language, style, faults) for name in wanted for style in STYLES]


def flow_rows(language: str = "sv", catalog: Catalog | None = None) -> list[FlowRow]:
    """The pooled LIX of each flow and style. Raises KeyError when the language is off."""
    catalog = catalog or Catalog.load()
    return [
        FlowRow(flow, style, value) for style in STYLES for flow, value in flow_lix(catalog, language, style).items()
    ]


def _row(catalog: Catalog, name: str, language: str, style: Style, faults: Iterable[Fault]) -> Row:
    tried = list(samples(catalog, catalog.find(name, language), style))
    ordinary, longest = tried[0], _size(worst(tried))
    size = _size(ordinary)
    return Row(
        name=name,
        style=style,
        text=ordinary.text,
        buttons=tuple(button.label for button in ordinary.rendered.buttons),
        encoding=size.encoding,
        segments=size.segments,
        length=len(ordinary.text),
        worst_segments=longest.segments,
        worst_length=longest.units,
        lix=lix([ordinary.text]),
        findings=tuple(f"{fault.rule}: {fault.found}" for fault in faults if _about(fault, name, style)),
    )


def _size(sample: Sample) -> Size:
    return measure(sample.text)


def _about(fault: Fault, name: str, style: Style) -> bool:
    return fault.name == name and fault.style in ("", style)
