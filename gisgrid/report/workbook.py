"""audit.xlsx: the tables of an audit, to read, filter and print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xlsxwriter
from numpy.typing import NDArray

from gisgrid.audit import Audit
from gisgrid.report.columns import Form, column, typed
from gisgrid.report.contract import input_files
from gisgrid.report.source_tables import around_table, doubt_table, uncovered_table
from gisgrid.report.tables import finding_table, grid_table, summary_table
from gisgrid.report.words import ACCENT, INK, THIRD_INK
from gisgrid.text import Lang, Text

EXCEL_ROWS: Final = 1_048_576
"""Rows of a sheet (ISO/IEC 29500: Excel's own limit)."""

_CELL_CHARACTERS: Final = 32_000
"""Excel refuses cells with more than 32,767."""

_FIRST_ROW: Final = 1
"""Above it: the headings."""

_BLOCK_ROWS: Final = 50_000


_OVERVIEW: Final = Text(zh="说明", en="Contents")


@dataclass(frozen=True)
class _Sheet:
    name: Text
    note: Text
    rows: Callable[[], pd.DataFrame]


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    A leading = + - @, tab or line end, also behind blanks or in full width, is
    kept behind an apostrophe (OWASP, CSV injection).

    Examples
    --------
    >>> safe_text('=1+1'), safe_text('甲镇')
    ("'=1+1", '甲镇')
    """
    text = text.translate(_CONTROL)
    if text[:1] in _FORMULA_STARTS or text.lstrip(_BLANKS)[:1] in _FORMULA_STARTS:
        text = "'" + text
    return text[:_CELL_CHARACTERS]


_BLANKS: Final = " \u00a0\u3000\u200b\ufeff"
_FORMULA_STARTS: Final = frozenset("=+-@＝＋－＠\t\r\n")
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
"""Characters that XML 1.0 does not allow."""


def write_workbook(audit: Audit, file: Path, lang: Lang) -> None:
    """Write the workbook of an audit.

    Text is always text: nothing that stands in a user's file becomes a formula
    or a link. Tables longer than a sheet end with a line that says how many
    rows were left out.

    Parameters
    ----------
    audit : Audit
    file : Path
    lang : Lang
        Of sheet names, headings and words.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": file.stem, "comments": "gisgrid"})
        formats = _Formats(book)
        overview = book.add_worksheet(_OVERVIEW.of(lang))
        contents = []
        for sheet in _sheets(audit, lang):
            table = sheet.rows()
            _write_table(book.add_worksheet(sheet.name.of(lang)), table, formats, lang)
            contents.append((sheet, len(table)))
        _write_overview(overview, contents, formats, lang)


def _sheets(audit: Audit, lang: Lang) -> list[_Sheet]:
    return [
        _Sheet(
            Text(zh="网格划分表", en="Grid division"),
            Text(
                zh="各级网格一览；面积为椭球面积，空白指本网格内未被下级网格覆盖的部分。",
                en="All grids. Areas are ellipsoidal; gaps are land that no child grid covers.",
            ),
            lambda: _grids(audit),
        ),
        _Sheet(
            Text(zh="划分汇总表", en="Summary"),
            Text(
                zh="先按级别合计，再列各上级网格；问题按其下级网格与它的关系统计，不含噪声。",
                en="Totals by level, then each parent grid with its children's findings; without noise.",
            ),
            lambda: _with_km2(summary_table(audit, lang)),
        ),
        _Sheet(
            Text(zh="问题清单", en="Findings"),
            Text(
                zh="宽度为最大内切圆直径；相邻网格后的百分数为其占问题边界的比例。",
                en="Width: diameter of the largest inscribed circle. Percentages: shares of the outline.",
            ),
            lambda: pd.DataFrame(finding_table(audit, lang).drop(columns="geometry")),
        ),
        _Sheet(
            Text(zh="未覆盖污染源", en="Uncovered sources"),
            Text(zh="不在任何网格内的污染源，C 类在前。", en="Sources in no grid, class C first."),
            lambda: pd.DataFrame(uncovered_table(audit).drop(columns="geometry")),
        ),
        _Sheet(
            Text(zh="周边敏感目标", en="Surroundings"),
            Text(
                zh="半径自污染源起算并逐级包含；方位北为 0°、东为 90°，源在目标内时距离为 0、无方位。",
                en="Rings are cumulative. Bearing: north 0°, east 90°; inside a receptor the distance is 0.",
            ),
            lambda: pd.DataFrame(around_table(audit).drop(columns="geometry")),
        ),
        _Sheet(
            Text(zh="堆叠与存疑点位", en="Doubtful locations"),
            Text(zh="一个源可能有多个疑点，各占一行。", en="One row for each source and doubt."),
            lambda: doubt_table(audit),
        ),
        _Sheet(
            Text(zh="未采用的行", en="Rows not used"),
            Text(
                zh="行号：表格按其所示行号（表头为第 1 行），其它文件按要素次序从 1 起。",
                en="Row: as the spreadsheet shows it (header is 1); otherwise the feature's number from 1.",
            ),
            lambda: _rejected(audit, lang),
        ),
        _Sheet(
            Text(zh="坐标系依据", en="CRS evidence"),
            Text(
                zh="每个文件采用的坐标系、判定方式与候选。",
                en="Each file's coordinate system, how it is known, and the candidates.",
            ),
            lambda: _evidence(audit, lang),
        ),
    ]


def _with_km2(table: pd.DataFrame) -> pd.DataFrame:
    """Areas of grids in km², where they stood in m²."""
    return table.assign(area_m2=table["area_m2"] / 1e6).rename(columns={"area_m2": "area_km2"})


def _grids(audit: Audit) -> pd.DataFrame:
    table = _with_km2(pd.DataFrame(grid_table(audit).drop(columns="geometry")))
    first = ["code", "name", "level", "parent", "parent_code", "area_km2"]
    return table[first + [name for name in table.columns if name not in {*first, "grid"}]]


def _rejected(audit: Audit, lang: Lang) -> pd.DataFrame:
    rows = [
        (report.file, role, each.row, each.id, each.reason.of(lang))
        for role, report in input_files(audit)
        for each in report.rejected
    ]
    return typed(pd.DataFrame(rows, columns=["file", "role", "row", "id", "cause"]))


def _evidence(audit: Audit, lang: Lang) -> pd.DataFrame:
    """One row a candidate; one row for a file without any."""
    columns = ["file", "status", "crs", "evidence", "candidate", "same_as", "inside", "stated", "spread_m"]
    rows: list[tuple[object, ...]] = []
    for file, verdict in audit.evidence:
        said = (file, str(verdict.status), verdict.crs, verdict.evidence.of(lang))
        rows += [
            (*said, each.crs, ", ".join(each.same_as), each.inside, each.stated, each.spread_m)
            for each in verdict.candidates
        ] or [(*said, None, None, None, None, None)]
    return typed(pd.DataFrame(rows, columns=columns))


class _Formats:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        self.title = book.add_format(font | {"bold": True, "font_size": 14, "font_color": INK})
        self.link = book.add_format(font | {"font_color": ACCENT, "underline": 1})
        self.note = book.add_format(font | {"font_color": THIRD_INK})
        heading = font | {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#EEF2F1"}
        self.text_heading = book.add_format(heading)
        self.number_heading = book.add_format(heading | {"align": "right"})
        self.of = {
            form: book.add_format(
                font | {"num_format": form.number_format, "align": "left" if form.is_text else "right"}
            )
            for form in Form
        }


def _write_overview(
    sheet: Any, contents: Sequence[tuple[_Sheet, int]], formats: _Formats, lang: Lang
) -> None:
    """The first sheet: what the others hold."""
    chinese = lang is Lang.ZH
    sheet.set_column(0, 0, 22, formats.of[Form.TEXT])
    sheet.set_column(1, 1, 12, formats.of[Form.WHOLE])
    sheet.set_column(2, 2, 96, formats.of[Form.TEXT])
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, "网格覆盖审计" if chinese else "Grid coverage audit", formats.title)
    for at, heading in enumerate(
        ("工作表", "行数", "内容") if chinese else ("Sheet", "Rows", "What it holds")
    ):
        sheet.write_string(2, at, heading, formats.number_heading if at == 1 else formats.text_heading)
    for row, (content, rows) in enumerate(contents, start=3):
        name = content.name.of(lang)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        sheet.write_number(row, 1, rows, formats.of[Form.WHOLE])
        sheet.write_string(row, 2, content.note.of(lang), formats.of[Form.TEXT])
    draft = Text(
        zh="界线为示意，未经审核，不得公开使用。", en="Boundaries are not reviewed; not for publication."
    )
    sheet.write_string(len(contents) + 4, 0, draft.of(lang), formats.note)
    _set_print(sheet)


def _write_table(sheet: Any, table: pd.DataFrame, formats: _Formats, lang: Lang) -> None:
    columns = [column(str(name)) for name in table.columns]
    for at, each in enumerate(columns):
        sheet.set_column(at, at, each.form.width, formats.of[each.form])
    sheet.set_row(0, 32)
    for at, each in enumerate(columns):
        heading = formats.text_heading if each.form.is_text else formats.number_heading
        sheet.write_string(0, at, each.title.of(lang), heading)
    kept = min(len(table), EXCEL_ROWS - _FIRST_ROW - 1)
    _write_rows(sheet, table.iloc[:kept], formats, lang)
    if kept < len(table):
        left_out = Text(
            zh=f"另有 {len(table) - kept:,} 行超出 Excel 行数上限，未列出；全部在 audit.gpkg 中。",
            en=f"{len(table) - kept:,} more rows exceed what Excel can hold; all are in audit.gpkg.",
        )
        sheet.write_string(_FIRST_ROW + kept, 0, left_out.of(lang), formats.note)
    sheet.freeze_panes(_FIRST_ROW, min(2, len(columns) - 1))
    sheet.autofilter(0, 0, max(1, kept), len(columns) - 1)
    _set_print(sheet)


def _write_rows(sheet: Any, table: pd.DataFrame, formats: _Formats, lang: Lang) -> None:
    forms = [column(str(name)).form for name in table.columns]
    for start, cells in _blocks(table, lang):
        for row, values in enumerate(zip(*cells, strict=True), start=_FIRST_ROW + start):
            for at, value in enumerate(values):
                if value is None:
                    continue
                if forms[at].is_text:
                    sheet.write_string(row, at, value, formats.of[forms[at]])
                else:
                    sheet.write_number(row, at, value, formats.of[forms[at]])


def _blocks(table: pd.DataFrame, lang: Lang) -> Iterator[tuple[int, list[NDArray[np.object_]]]]:
    """Some rows at a time: their cells by column, ready to write."""
    for start in range(0, len(table), _BLOCK_ROWS):
        block = table.iloc[start : start + _BLOCK_ROWS]
        yield start, [_cells(block[name], lang) for name in block.columns]


def _cells(values: pd.Series, lang: Lang) -> NDArray[np.object_]:
    """A column as plain strings or numbers, None where there is nothing to write."""
    shown = column(str(values.name))
    blank = values.isna().to_numpy(dtype=bool)
    cells: NDArray[np.object_] = np.full(len(values), None, dtype=object)
    if shown.form is Form.YES_NO:
        yes, no = ("是", "否") if lang is Lang.ZH else ("yes", "no")
        cells[~blank] = [yes if each else no for each in values[~blank]]
    elif shown.form.is_text:
        words = {code: text.of(lang) for code, text in (shown.words or {}).items()}
        cells[~blank] = [safe_text(words.get(each, each)) or None for each in values[~blank]]
    else:
        finite = np.isfinite(values.to_numpy(dtype=np.float64, na_value=np.nan))
        cells[finite] = values[finite].to_list()
    return cells


def _set_print(sheet: Any) -> None:
    """A4 landscape, as wide as the page, headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header("&L&12&A")
    sheet.set_footer("&R&8&P / &N")
