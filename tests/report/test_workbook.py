"""audit.xlsx is safe to open, and says in Chinese what it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.audit import Audit
from gisgrid.report import workbook
from gisgrid.report.workbook import safe_text, write_workbook
from gisgrid.text import Lang
from tests.report.example import FORMULA, full_audit

SHEETS = [
    "说明",
    "网格划分表",
    "划分汇总表",
    "问题清单",
    "未覆盖污染源",
    "周边敏感目标",
    "堆叠与存疑点位",
    "未采用的行",
    "坐标系依据",
]


@pytest.fixture
def file(audit: Audit, tmp_path: Path) -> Path:
    target = tmp_path / "audit.xlsx"
    write_workbook(audit, target, Lang.ZH)
    return target


@pytest.fixture
def book(file: Path) -> Any:
    return openpyxl.load_workbook(file)


def sheet(file: Path, name: str) -> pd.DataFrame:
    return pd.read_excel(file, sheet_name=name, dtype={"网格编号": str}, engine="openpyxl")


def test_the_sheets_are_named_in_chinese(book: Any) -> None:
    assert book.sheetnames == SHEETS


def test_the_sheets_are_named_in_english_on_request(audit: Audit, tmp_path: Path) -> None:
    write_workbook(audit, tmp_path / "en.xlsx", Lang.EN)
    assert openpyxl.load_workbook(tmp_path / "en.xlsx").sheetnames[1:4] == [
        "Grid division",
        "Summary",
        "Findings",
    ]


def test_headings_carry_units(file: Path) -> None:
    assert {"面积（m²）", "宽度（m）"} <= set(sheet(file, "问题清单").columns)
    assert "面积（km²）" in sheet(file, "网格划分表").columns


def test_headings_stay_in_view_and_filter(book: Any) -> None:
    for name in SHEETS[1:]:
        assert book[name].freeze_panes is not None
        assert book[name].auto_filter.ref is not None


def test_sheets_print_landscape_as_wide_as_the_page_with_headings(book: Any) -> None:
    for name in SHEETS[1:]:
        page = book[name]
        assert page.page_setup.orientation == "landscape"
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == "$1:$1"


def test_no_text_becomes_a_formula(book: Any) -> None:
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    text = [str(cell.value) for cell in cells if cell.data_type == "s" and cell.value]
    assert not [each for each in text if each.lstrip()[0] in "=+-@"]
    assert "'" + FORMULA in text


def test_no_text_becomes_a_link(book: Any) -> None:
    links = [cell.hyperlink for page in book for row in page.iter_rows() for cell in row if cell.hyperlink]
    assert all(link.target is None and link.location for link in links)


def test_numbers_stay_numbers(book: Any) -> None:
    headings = [cell.value for cell in book["问题清单"][1]]
    area = book["问题清单"].cell(2, headings.index("面积（m²）") + 1)
    assert area.data_type == "n"
    assert area.number_format == "#,##0.0"
    assert area.alignment.horizontal == "right"


def test_codes_stay_text_with_their_leading_zeros(audit: Audit, tmp_path: Path) -> None:
    grids = audit.grids.assign(code="0" + audit.grids["code"].fillna("1"))
    write_workbook(replace(audit, grids=grids), tmp_path / "a.xlsx", Lang.ZH)
    assert sheet(tmp_path / "a.xlsx", "网格划分表")["网格编号"].iloc[0] == "02111"


def test_every_grid_is_in_the_division_table(file: Path, audit: Audit) -> None:
    table = sheet(file, "网格划分表")
    assert len(table) == len(audit.grids)
    west = table[table["名称"] == "西示例县"].iloc[0]
    assert (west["下级网格数"], west["污染源数"], west["C 类源"], west["空白处数"]) == (4, 4, 2, 1)


def test_the_summary_adds_up_by_level_then_by_grid(file: Path) -> None:
    table = sheet(file, "划分汇总表").set_index("范围")
    assert table.index.tolist() == [
        "一级网格合计",
        "二级网格合计",
        "三级网格合计",
        "示例市",
        "东示例县",
        "西示例县",
    ]
    towns = table.loc["三级网格合计"]
    parents = table.loc[["东示例县", "西示例县"]]
    counts = ["网格数", "空白处数", "空白面积（m²）", "重叠处数", "越界处数", "错属处数", "未覆盖源数"]
    assert parents[counts].sum().to_list() == pytest.approx(towns[counts].to_list())


def test_findings_say_kind_place_and_sources(file: Path) -> None:
    gap = sheet(file, "问题清单").set_index("类型").loc["覆盖空白"].iloc[0]
    assert gap["位置"] == "辽河口生态经济区管理委员会—丙街道之间"
    assert (gap["污染源数"], gap["其中 C 类"], gap["四周封闭"]) == (1, 1, "否")


def test_each_doubt_about_a_location_is_a_row(file: Path) -> None:
    doubts = sheet(file, "堆叠与存疑点位")["疑点"].value_counts()
    assert doubts["多源堆叠于一点"] == 5
    assert doubts["编号重复"] == 5
    assert doubts["经纬度颠倒，已更正"] == 1
    assert doubts["不在所填网格内"] == 1


def test_rejected_rows_name_file_row_and_reason(file: Path) -> None:
    first = sheet(file, "未采用的行").iloc[2]
    assert (first["文件"], first["原表行号"], first["未采用的原因"]) == ("register.csv", 3, "没有坐标。")


def test_an_unresolved_crs_lists_its_candidates(file: Path) -> None:
    table = sheet(file, "坐标系依据")
    unresolved = table[table["判定方式"] == "未能判定"]
    assert unresolved["候选坐标系"].tolist() == ["gcj02", "EPSG:4490"]


def test_an_audit_without_findings_has_all_sheets_with_headings_only(
    bare_audit: Audit, tmp_path: Path
) -> None:
    write_workbook(bare_audit, tmp_path / "bare.xlsx", Lang.ZH)
    book = openpyxl.load_workbook(tmp_path / "bare.xlsx")
    assert book.sheetnames == SHEETS
    assert book["问题清单"].max_row == 1
    assert book["说明"].cell(6, 2).value == 0


def test_rows_beyond_the_limit_of_excel_are_counted_out_loud(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "EXCEL_ROWS", 6)
    write_workbook(audit, tmp_path / "short.xlsx", Lang.ZH)
    page = openpyxl.load_workbook(tmp_path / "short.xlsx")["网格划分表"]
    assert page.max_row == 6
    assert page.cell(6, 1).value == "另有 7 行超出 Excel 行数上限，未列出；全部在 audit.gpkg 中。"


@given(st.text())
def test_no_text_at_all_starts_like_a_formula(text: str) -> None:
    assert safe_text(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1", "\u3000=1", "\x0b=1", "\ufeff=1"]
)
def test_every_way_to_start_a_formula_is_neutralised(text: str) -> None:
    assert safe_text(text).startswith("'")


def test_characters_that_xml_forbids_do_not_break_the_file(tmp_path: Path) -> None:
    audit = full_audit()
    grids = audit.grids.assign(name="甲\x00\x0b\x1f镇\ufffe" + "长" * 40_000)
    write_workbook(replace(audit, grids=grids), tmp_path / "a.xlsx", Lang.ZH)
    assert sheet(tmp_path / "a.xlsx", "网格划分表")["名称"].iloc[0].startswith("甲镇长")
