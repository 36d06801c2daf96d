"""Ledgers as offices keep them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.ingest.excel import read_excel
from gisgrid.ingest.layer import RawLayer

Rows = list[list[object]]


def workbook(path: Path, *, merged: tuple[str, ...] = (), **sheets: Rows) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
    book.save(path)
    return path


def rows(layer: RawLayer) -> list[tuple[str | None, ...]]:
    return list(zip(*(column.to_pylist() for column in layer.attributes.columns), strict=True))


def test_a_ledger_with_titles_and_merged_cells_is_read(tmp_path: Path) -> None:
    table: Rows = [
        ["盘锦市重点污染源监管台账", None, None, None],
        [None, None, None, "单位：家"],
        ["序号", "企业名称", "经度", "纬度"],
        [1, "示例化工", 122.05, 41.1],
        [None, None, None, None],
        [2, "示例造纸", 122.06, 41.2],
    ]
    layer = read_excel(workbook(tmp_path / "a.xlsx", 台账=table, merged=("A1:D1",)), sheet=None)
    assert layer.attributes.column_names == ["序号", "企业名称", "经度", "纬度"]
    assert rows(layer) == [("1", "示例化工", "122.05", "41.1"), ("2", "示例造纸", "122.06", "41.2")]
    assert layer.row.tolist() == [4, 6]
    assert "row 3" in layer.notes[0].en


def test_a_header_in_two_rows_is_joined(tmp_path: Path) -> None:
    table: Rows = [
        ["污染源台账", None, None, None, None],
        ["序号", "企业名称", "中心坐标", None, "备注"],
        [None, None, "经度", "纬度", None],
        [1, "示例化工", 122.05, 41.1, "x"],
    ]
    layer = read_excel(workbook(tmp_path / "a.xlsx", 台账=table, merged=("C2:D2",)), sheet=None)
    assert layer.attributes.column_names == ["序号", "企业名称", "经度", "纬度", "备注"]
    assert rows(layer) == [("1", "示例化工", "122.05", "41.1", "x")]


def test_codes_do_not_become_floats(tmp_path: Path) -> None:
    table: Rows = [["编号", "信用代码", "网格编号"], [211103.0, "91211100MA0000000X", 211103002000]]
    layer = read_excel(workbook(tmp_path / "a.xlsx", a=table), sheet=None)
    assert rows(layer) == [("211103", "91211100MA0000000X", "211103002000")]


def test_numbers_kept_as_text_and_dates_are_text(tmp_path: Path) -> None:
    import datetime

    table: Rows = [["编号", "经度", "日期"], ["007", " 122.05 ", datetime.date(2024, 5, 6)]]
    layer = read_excel(workbook(tmp_path / "a.xlsx", a=table), sheet=None)
    assert rows(layer)[0][:2] == ("007", "122.05")
    assert str(rows(layer)[0][2]).startswith("2024-05-06")


def test_the_first_sheet_with_content_is_read_and_said(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", 封面=[], 台账=[["编号"], ["1"]], 其他=[["编号"], ["2"]])
    layer = read_excel(path, sheet=None)
    assert rows(layer) == [("1",)]
    assert "台账" in layer.notes[-1].zh
    assert rows(read_excel(path, sheet="其他")) == [("2",)]


def test_an_absent_sheet_is_an_error_that_lists_those_there_are(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", 台账=[["编号"], ["1"]])
    with pytest.raises(InputError, match="台账"):
        read_excel(path, sheet="台帐")


def test_an_empty_workbook_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        read_excel(workbook(tmp_path / "a.xlsx", a=[]), sheet=None)


def test_rows_are_numbered_as_excel_does_though_the_sheet_starts_lower(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for at, row in enumerate([["编号", "经度"], ["1", "122"]], start=4):
        for column, value in enumerate(row, start=3):
            sheet.cell(at, column, value)
    book.save(tmp_path / "a.xlsx")
    layer = read_excel(tmp_path / "a.xlsx", sheet=None)
    assert layer.attributes.column_names == ["编号", "经度"]
    assert layer.row.tolist() == [5]
