"""The poster drawn: one A4 page with real text, its codes as pictures that say what they are.

Sizes are in millimetres and points. What should be read from two metres is at least 18 points (capitals of 4.5 mm, our
choice by the printers' rule of one part in 400 of the distance); the codes are scanned from an arm's length.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from staff.people import DeskFault
from staff.posters import WHERE, Code, Poster

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 18.0
INSIDE: Final = WIDTH - 2 * MARGIN
CODES_FROM: Final = 152.0  # what stands above ends here at the latest
QR: Final = 51.0  # a side, quiet zone included
SPRUCE, LAMP, INK, QUIET = (11, 89, 82), (240, 178, 60), (20, 37, 43), (71, 89, 95)
_TRUETYPE: Final = (b"\0\1\0\0", b"true")
_SCALES: Final = (1.0, 0.94, 0.88, 0.82, 0.76)


def draw(poster: Poster, now: datetime, font: Path | None = None) -> bytes:
    """Give the page as a PDF; `font` is a TrueType file to set it in, else Helvetica.

    Long names make the text above the codes smaller. Raises DeskFault for a name too long for that, for a sign that the
    font lacks, and for a file that is no font.
    """
    for scale in _SCALES:
        page = _Page(poster, now, font)
        if page.above(scale) <= CODES_FROM:
            page.codes()
            page.below()
            return bytes(page.pdf.output())
    raise DeskFault("enhetens namn är för långt för affischen", WHERE, "korta namnet på sidan Inställningar")


class _Page:
    """One try at the page."""

    def __init__(self, poster: Poster, now: datetime, font: Path | None) -> None:
        from fpdf import FPDF
        from fpdf.prefs import ViewerPreferences

        self.poster, self.words = poster, poster.words
        self.pdf = pdf = FPDF(format="A4")
        self.family = "helvetica" if font is None else _add(pdf, font)
        pdf.c_margin = 0
        pdf.set_auto_page_break(False)
        pdf.set_margins(MARGIN, MARGIN, MARGIN)
        pdf.set_title(self.words["title"])
        pdf.set_author(poster.unit)
        pdf.set_subject(poster.source)
        pdf.set_lang("sv")
        pdf.set_creation_date(now)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._see_that_every_sign_is_there()
        pdf.add_page()

    def above(self, scale: float) -> float:
        """Who we are, and that anybody may write; give where it ends."""
        self._door(WIDTH - MARGIN - 34, MARGIN, 34)
        self.pdf.set_xy(MARGIN, MARGIN + 1)
        self._text(self.poster.unit, 22 * scale, bold=True, colour=SPRUCE, width=INSIDE - 40)
        self.pdf.set_y(max(self.pdf.get_y() + 3, MARGIN + 15))
        for name in ("greeting", "headline"):
            self._text(self.words[name], self._fits(self.words[name], 62 * scale, INSIDE), bold=True, colour=SPRUCE)
        for name, size, room in (("who", 24, 5), ("alone", 19, 4), ("meet", 19, 1)):
            self.pdf.ln(room * scale)
            self._text(self.words[name], size * scale, bold=name == "who")
        return self.pdf.get_y()

    def codes(self) -> None:
        """A column for each way in: its name, its code, and what to do without a camera."""
        self.pdf.set_xy(MARGIN, CODES_FROM + 1)
        self._text(self.words["how" if len(self.poster.codes) > 1 else "how_one"], 18)
        column = INSIDE / len(self.poster.codes)
        for at, code in enumerate(self.poster.codes):
            self._code(code, MARGIN + at * column, column)

    def below(self) -> None:
        """Who answers, the number for those who should not write, and whose poster it is."""
        self.pdf.set_xy(MARGIN, 239)
        self._text(self.words["after"], self._fits(self.words["after"], 18, INSIDE))
        self.pdf.set_draw_color(*INK)
        self.pdf.set_line_width(0.9)
        self.pdf.rect(MARGIN, 249, INSIDE, 25, style="D", round_corners=True, corner_radius=4)
        self.pdf.set_xy(MARGIN + 6, 251.5)
        self._text(self.words["protected"], 18, width=INSIDE - 12)
        self.pdf.set_x(MARGIN + 6)
        ring = self.words["ring"]
        self._text(ring, self._fits(ring, 26, INSIDE - 12, bold=True), bold=True, width=INSIDE - 12)
        self.pdf.set_xy(MARGIN, 279)
        self._text(self.words["from"], self._fits(self.words["from"], 13, INSIDE, bold=False), colour=QUIET)
        self._text(self.poster.source, 8, colour=QUIET)

    def _code(self, code: Code, x: float, width: float) -> None:
        self.pdf.set_xy(x, 163)
        self._text(code.name, self._fits(code.name, 18, width - 2, bold=True), bold=True, width=width, align="C")
        left = x + (width - QR) / 2
        link = code.holds if code.holds.startswith("http") else ""
        self.pdf.image(BytesIO(qr_png(code.holds)), left, 171, QR, QR, link=link, alt_text=code.told)
        self.pdf.set_y(221.5)
        size = 13 if len(self.poster.codes) > 2 else 17
        for line in code.under:
            self.pdf.set_x(x)
            bold = line == code.under[-1]
            fits = self._fits(line, size, width - 2, bold=bold)
            self._text(line, fits, bold=bold, width=width, align="C")

    def _text(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: tuple[int, int, int] = INK,
        width: float = INSIDE,
        align: str = "L",
    ) -> None:
        """Write lines from where we are, and go to the line under them."""
        self.pdf.set_font(self.family, "B" if bold else "", size)
        self.pdf.set_text_color(*colour)
        height = size * 0.3528 * (1.08 if size > 40 else 1.25)
        self.pdf.multi_cell(width, height, text, align=align, new_x="LMARGIN", new_y="NEXT", padding=0)

    def _fits(self, text: str, size: float, width: float, *, bold: bool = True) -> float:
        """The size, or the largest under it at which the text is one line of that width."""
        self.pdf.set_font(self.family, "B" if bold else "", size)
        wide = self.pdf.get_string_width(text) + 0.2  # what is rounded away must not break the line
        return size if wide <= width else size * width / wide

    def _door(self, x: float, y: float, side: float) -> None:
        """The open door, our mark: it says nothing that the words do not."""
        part = side / 32
        self.pdf.set_fill_color(*SPRUCE)
        self.pdf.rect(x, y, side, side, style="F", round_corners=True, corner_radius=8 * part)
        self.pdf.set_fill_color(*LAMP)
        self.pdf.rect(x + 10 * part, y + 5 * part, 12 * part, 22 * part, style="F")
        self.pdf.set_fill_color(255, 255, 255)
        self.pdf.polygon(
            [(x + dx * part, y + dy * part) for dx, dy in ((10, 5), (17, 7.4), (17, 28.6), (10, 27))], style="F"
        )
        self.pdf.set_fill_color(*SPRUCE)
        self.pdf.circle(x + 14.8 * part, y + 17.6 * part, 1.1 * part, style="F")

    def _see_that_every_sign_is_there(self) -> None:
        lines = [self.poster.unit, *(line for line in self.words.values() if isinstance(line, str))]
        lines += [line for code in self.poster.codes for line in (code.name, *code.under)]
        lacks = sorted({sign for line in lines for sign in line if not _has(self.pdf, self.family, sign)})
        if lacks:
            way_out = "ge ett typsnitt som har dem med --font FIL.ttf"
            raise DeskFault(f"typsnittet har inte {' '.join(lacks)}", WHERE, way_out)


def qr_png(text: str) -> bytes:
    """Draw a code: black on white, the four modules of quiet around it that the standard wants (ISO/IEC 18004)."""
    import segno

    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=10, border=4)
    return drawn.getvalue()


def _add(pdf: FPDF, font: Path) -> str:
    """Let the page be set in a font of the unit's own."""
    try:
        with font.open("rb") as begins:
            is_font = begins.read(4) in _TRUETYPE
    except OSError:
        is_font = False
    if not is_font:
        raise DeskFault(f"{font} går inte att läsa som typsnitt", "--font", "ge en fil i TrueType (.ttf)")
    for style in ("", "B"):
        pdf.add_font("own", style, font)
    return "own"


def _has(pdf: FPDF, family: str, sign: str) -> bool:
    from fpdf.fonts import TTFFont

    font = pdf.fonts.get(family)
    return sign == "\n" or (ord(sign) in font.cmap if isinstance(font, TTFFont) else ord(sign) < 256)
