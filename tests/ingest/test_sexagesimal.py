"""Degrees, minutes and seconds in three columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from gisgrid.ingest import read
from gisgrid.ingest.fields import detect
from gisgrid.ingest.points import point_rows
from gisgrid.ingest.synonyms import SOURCE_ROLES


def located(folder: Path, text: str) -> tuple[list[tuple[float, float]], list[str]]:
    """Positions and the reasons of rejected rows of a CSV."""
    file = folder / "register.csv"
    file.write_text(text, encoding="utf-8")
    table = read(file)
    rows = point_rows(table, detect(table, SOURCE_ROLES, {}))
    return [(x, y) for x, y in zip(rows.frame["raw_x"], rows.frame["raw_y"], strict=True)], [
        each.reason.en for each in rows.rejected
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "中心经度_度,中心经度_分,中心经度_秒,中心纬度_度,中心纬度_分,中心纬度_秒",
        "经度（度）,经度（分）,经度（秒）,纬度（度）,纬度（分）,纬度（秒）",
        "经度度,经度分,经度秒,纬度度,纬度分,纬度秒",
        "lon_deg,lon_min,lon_sec,lat_deg,lat_min,lat_sec",
    ],
)
def test_three_columns_make_one_coordinate(tmp_path: Path, heading: str) -> None:
    places, rejected = located(tmp_path, f"企业名称,{heading}\n甲,122,3,36,41,30,0\n乙,121,59,2.4,41,12,3\n")
    assert places == [pytest.approx((122.06, 41.5)), pytest.approx((121.984, 41.200833), abs=1e-6)]
    assert rejected == []


def test_missing_seconds_are_none_and_missing_degrees_no_place(tmp_path: Path) -> None:
    text = "名称,经度_度,经度_分,经度_秒,纬度_度,纬度_分,纬度_秒\n甲,122,30,,41,30,\n乙,,,,,,\n"
    places, rejected = located(tmp_path, text)
    assert places == [pytest.approx((122.5, 41.5))]
    assert rejected == ["It has no coordinates."]


def test_minutes_that_are_none_are_rejected_with_what_stands_there(tmp_path: Path) -> None:
    text = "名称,经度_度,经度_分,纬度_度,纬度_分\n甲,122,75,41,30\n乙,122,30,41,30\n"
    places, rejected = located(tmp_path, text)
    assert len(places) == 1
    assert "122°75'" in rejected[0]


def test_a_column_of_decimal_degrees_comes_first(tmp_path: Path) -> None:
    text = "名称,经度,纬度,经度_度,经度_分,纬度_度,纬度_分\n甲,122.5,41.5,122,29,41,29\n"
    assert located(tmp_path, text)[0] == [(122.5, 41.5)]
