"""Word documents (.docx) that read well in Chinese and cannot be broken by a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Final

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from gisgrid.text import Lang

SONG: Final = "宋体"
FANGSONG: Final = "仿宋"
HEI: Final = "黑体"
LATIN: Final = "Times New Roman"
RED: Final = RGBColor(0xB8, 0x36, 0x2B)
GREY: Final = RGBColor(0x4B, 0x5A, 0x69)
_SHORT: Final = 8
"""Rows of a table that is kept on one page."""
LONGEST: Final = 300
"""Characters of one value; a longer one is cut."""

# What XML 1.0 cannot hold, and marks that turn the direction of what follows or are not seen.
_UNFIT: Final = re.compile(
    "[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_THEMES: Final = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def plain(words: str) -> str:
    """The words on one line, without what XML cannot hold and what misleads a reader.

    Examples
    --------
    >>> plain("一镇\\x0b\\n<b>&\\u202e")
    '一镇 <b>&'
    """
    kept = " ".join(_UNFIT.sub("", words.translate({9: 32, 10: 32, 13: 32})).split())
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1]}…"


class WordFile:
    """A document on A4 with the margins of official documents (GB/T 9704), written from top to bottom."""

    def __init__(self, title: str, lang: Lang, made_on: date) -> None:
        self._document: Document = docx.Document()
        self._lang = lang
        self._cell_size = Pt(12 if lang is Lang.ZH else 11)
        _set_fonts(self._document, lang)
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        about = self._document.core_properties
        about.title = plain(title)
        about.author = about.last_modified_by = "gisgrid"
        about.comments = ""
        about.created = about.modified = datetime.combine(made_on, time(), UTC)
        about.language = "zh-CN" if lang is Lang.ZH else "en"

    def header(self, words: str) -> None:
        """A warning at the head of every page."""
        line = self._document.sections[0].header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(line, words, Pt(12), font=HEI, colour=RED, bold=True)

    def footer(self, words: str) -> None:
        """What the document was made from, and the number of the page."""
        line = self._document.sections[0].footer.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(line, f"{words}　" if self._lang is Lang.ZH else f"{words}  ", Pt(9), colour=GREY)
        before, between, after = (
            ("第 ", " 页，共 ", " 页") if self._lang is Lang.ZH else ("page ", " of ", "")
        )
        for words_, code in ((before, "PAGE"), (between, "NUMPAGES")):
            _run(line, words_, Pt(9), colour=GREY)
            _field(line, code, Pt(9), GREY)
        _run(line, after, Pt(9), colour=GREY)

    def title(self, words: str) -> None:
        """The title, centred."""
        line = self._document.add_paragraph(style="Title")
        _run(line, words, Pt(22), font=SONG, bold=True)

    def heading(self, words: str, *, on_new_page: bool = False) -> None:
        """The heading of a clause; it stays with what follows."""
        line = self._document.add_paragraph(style="Heading 1")
        line.paragraph_format.page_break_before = on_new_page or None
        _run(line, words)

    def paragraph(self, words: str, *, is_indented: bool = True) -> None:
        """A paragraph."""
        line = self._document.add_paragraph()
        if is_indented and self._lang is Lang.ZH:
            line.paragraph_format.first_line_indent = Pt(28)
        _run(line, words)

    def right(self, words: str) -> None:
        """A line at the right margin."""
        line = self._document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.space_after = Pt(6)
        _run(line, words)

    def table(
        self,
        rows: Sequence[Sequence[str]],
        widths_mm: Sequence[float],
        *,
        has_head: bool = False,
        labels: int = 0,
        numeric: Sequence[int] = (),
        centred: bool = False,
    ) -> None:
        """A ruled table.

        Parameters
        ----------
        rows : sequence of sequence of str
            As many cells a row as there are widths.
        has_head : bool
            Whether the first row names the columns; it is repeated on every page.
        labels : int
            How many columns at the left name what stands beside them.
        numeric : sequence of int
            Columns of numbers, set to the right.
        """
        table = self._grid(len(rows), widths_mm, "Table Grid")
        for i, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
            _keep_whole(row._tr)
            is_head = has_head and i == 0
            if is_head:
                _repeat(row._tr)
            for j, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
                is_label = is_head or j < labels
                line = cell.paragraphs[0]
                if is_label or centred:
                    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
                elif j in numeric:
                    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                _tighten(line)
                line.paragraph_format.keep_with_next = (
                    i + 1 < len(rows) if is_head or len(rows) <= _SHORT else None
                )
                if is_label:
                    _shade(cell)
                _run(line, words, self._cell_size, font=HEI if is_label else FANGSONG)
        self._document.add_paragraph().paragraph_format.line_spacing = Pt(8)

    def side_by_side(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Two columns of lines without rules, kept on one page."""
        table = self._grid(1, (78, 78), None)
        _keep_whole(table.rows[0]._tr)
        for cell, lines in zip(table.rows[0].cells, (left, right), strict=True):
            for i, words in enumerate(lines):
                line = cell.paragraphs[0] if i == 0 else cell.add_paragraph()
                line.paragraph_format.line_spacing = Pt(30)
                _run(line, words)

    def bytes(self) -> bytes:
        """The file."""
        sink = BytesIO()
        self._document.save(sink)
        return sink.getvalue()

    def _grid(self, rows: int, widths_mm: Sequence[float], style: str | None) -> Table:
        table: Table = self._document.add_table(rows, len(widths_mm), style)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for row in table.rows:
            for cell, width in zip(row.cells, widths_mm, strict=True):
                cell.width = Mm(width)
        for column, width in zip(table.columns, widths_mm, strict=True):
            column.width = Mm(width)
        return table


def _run(
    line: Paragraph,
    words: str,
    size: Pt | None = None,
    *,
    font: str | None = None,
    colour: RGBColor | None = None,
    bold: bool = False,
) -> None:
    run = line.add_run(_UNFIT.sub("", words))
    run.font.bold = bold or None
    if size is not None:
        run.font.size = size
    if colour is not None:
        run.font.color.rgb = colour
    if font is not None:
        _name_fonts(run._r.get_or_add_rPr(), font)


def _name_fonts(properties: BaseOxmlElement, east_asian: str) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for theme in _THEMES:  # or the theme's fonts would win
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for name, family in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{name}"), family)


def _set_fonts(document: Document, lang: Lang) -> None:
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    assert defaults is not None  # noqa: S101 -- python-docx's own template has them
    _name_fonts(defaults, FANGSONG)
    languages = defaults.find(qn("w:lang"))
    if languages is None:
        languages = OxmlElement("w:lang")
        defaults.append(languages)
    languages.set(qn("w:val"), "en-US")
    languages.set(qn("w:eastAsia"), "zh-CN")
    for name, font, size in (("Normal", FANGSONG, 14), ("Heading 1", HEI, 14), ("Title", SONG, 22)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)  # noqa: S101 -- as the template has it
        _name_fonts(style.element.get_or_add_rPr(), font)
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.bold = name != "Normal"
        style.paragraph_format.space_before = Pt(10 if name == "Heading 1" else 0)
        style.paragraph_format.space_after = Pt(4 if lang is Lang.EN or name != "Normal" else 0)
        style.paragraph_format.line_spacing = Pt(34 if name == "Title" else 26 if lang is Lang.ZH else 20)
        if name == "Title":
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
            style.paragraph_format.space_after = Pt(8)
            border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
            if border is not None:
                style.element.get_or_add_pPr().remove(border)


def _tighten(line: Paragraph) -> None:
    line.paragraph_format.line_spacing = Pt(18)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)


def _shade(cell: _Cell) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F1F4F3")):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _keep_whole(row: BaseOxmlElement) -> None:
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _repeat(row: BaseOxmlElement) -> None:
    row.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _field(line: Paragraph, code: str, size: Pt, colour: RGBColor) -> None:
    """A number that the word processor fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = line.add_run("1")
    run.font.size, run.font.color.rgb = size, colour
    field.append(run._r)
    line._p.append(field)
