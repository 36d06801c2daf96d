"""Rows as places."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.errors import MissingField
from gisgrid.ingest import points
from gisgrid.ingest.points import out_of_range, point_rows
from gisgrid.ingest.table import Table

LONLAT = {"lon": "经度", "lat": "纬度"}


def table(geometry: list[Any] | None = None, **columns: Any) -> Table:
    rows = pd.DataFrame(columns)
    rows.index = pd.Index(np.arange(len(rows)) + 2, name="row")
    shapes = None if geometry is None else np.array(geometry, dtype=object)
    return Table("台账.csv", rows, shapes, None, False, "CSV")


def test_points_are_made_from_the_columns_and_keep_their_rows() -> None:
    frame = point_rows(table(经度=["122.05", "122,06"], 纬度=["41.1", "41.2"]), LONLAT).frame
    assert shapely.equals(frame.geometry.to_numpy(), shapely.points([(122.05, 41.1), (122.06, 41.2)])).all()
    assert frame.index.tolist() == [0, 1]
    assert frame["row"].tolist() == [2, 3]
    assert frame["raw_x"].tolist() == [122.05, 122.06]
    assert frame.crs is None


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (None, None, points.NO_COORDINATES),
        ("", "-", points.NO_COORDINATES),
        ("122", "", points.ONE_COORDINATE),
        ("无", "41", points.ONE_COORDINATE),
        ("inf", "41", points.NOT_FINITE),
        ("0", "0", points.PLACEHOLDER),
        ("0.000", "0.0", points.PLACEHOLDER),
        ("9999", "9999", points.PLACEHOLDER),
    ],
)
def test_a_row_without_a_place_is_rejected_with_its_reason(lon: Any, lat: Any, reason: Any) -> None:
    given = table(编号=["a", "b", "c"], 经度=["122", lon, "123"], 纬度=["41", lat, "42"])
    rows = point_rows(given, {**LONLAT, "id": "编号"})
    assert rows.frame["id"].tolist() == ["a", "c"]
    assert rows.frame["row"].tolist() == [2, 4]
    assert [(each.row, each.id, each.reason) for each in rows.rejected] == [(3, "b", reason)]


def test_what_is_no_number_is_quoted_in_the_reason() -> None:
    (rejected,) = point_rows(table(经度=["122", "市中心"], 纬度=["41", "41"]), LONLAT).rejected
    assert rejected.reason.en == "The coordinate '市中心' is not a number."
    assert rejected.id is None


def test_a_place_on_an_axis_is_no_placeholder() -> None:
    assert point_rows(table(经度=["0"], 纬度=["51.5"]), LONLAT).rejected == ()


def test_numeric_columns_serve_as_well() -> None:
    rows = point_rows(table(经度=[122.05, np.nan, np.inf], 纬度=[41.1, 41.2, 41.3]), LONLAT)
    assert rows.frame["raw_x"].tolist() == [122.05]
    assert [each.reason for each in rows.rejected] == [points.ONE_COORDINATE, points.NOT_FINITE]


def test_x_is_the_column_that_is_named_so_even_if_it_holds_northings() -> None:
    frame = point_rows(table(X=["4559000"], Y=["40523000"]), {"lon": "X", "lat": "Y"}).frame
    assert (frame["raw_x"][0], frame["raw_y"][0]) == (4559000, 40523000)


@pytest.mark.parametrize(("column", "written"), [("经纬度", "122.05,41.1"), ("geo_point_2d", "41.1, 122.05")])
def test_one_column_of_pairs_is_split_in_the_order_of_its_name(column: str, written: str) -> None:
    frame = point_rows(table(**{column: [written]}), {"lon": column, "lat": column}).frame
    assert frame.geometry[0] == shapely.Point(122.05, 41.1)


def test_geometry_of_any_kind_is_kept_and_only_points_have_raw_coordinates() -> None:
    shapes = [shapely.Point(1, 2), shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])]
    frame = point_rows(table(shapes, name=["a", "b", "c"]), {"name": "name"}).frame
    assert frame.geometry.tolist() == shapes
    assert frame["raw_x"].iloc[0] == 1
    assert frame["raw_x"].isna().tolist() == [False, True, True]


def test_named_columns_come_before_geometry() -> None:
    given = table([shapely.Point(1, 2)], 经度=["122"], 纬度=["41"])
    assert point_rows(given, LONLAT).frame.geometry[0] == shapely.Point(122, 41)


def test_classes_are_letters_and_other_words_stay() -> None:
    given = table(经度=["1"] * 5, 纬度=["2"] * 5, 管理类别=["Ａ类", "b", "C级", "重点", None])
    frame = point_rows(given, {**LONLAT, "class": "管理类别"}).frame
    assert frame["source_class"].tolist()[:4] == ["A", "B", "C", "重点"]
    assert frame["source_class"].isna().tolist() == [*[False] * 4, True]


def test_ids_and_stated_codes_are_text() -> None:
    given = table(经度=["1"], 纬度=["2"], 编号=[7.0], 网格=["211103.0"])
    frame = point_rows(given, {**LONLAT, "id": "编号", "grid_code": "网格"}).frame
    assert (frame["id"][0], frame["stated_code"][0]) == ("7", "211103")
    assert frame["stated_name"].isna().all()


def test_without_coordinate_columns_the_error_lists_them_and_names_the_option() -> None:
    with pytest.raises(MissingField) as caught:
        point_rows(table(编号=["1"], 地址=["x"]), {"id": "编号"})
    assert "编号, 地址" in str(caught.value)
    assert "--source-field lon=COLUMN" in str(caught.value)
    assert caught.value.where == "台账.csv"


def test_a_table_of_which_no_row_has_a_place_is_empty_and_says_why() -> None:
    rows = point_rows(table(经度=["", ""], 纬度=["", ""]), LONLAT)
    assert len(rows.frame) == 0
    assert [each.row for each in rows.rejected] == [2, 3]


def test_degrees_out_of_range_are_found() -> None:
    shapes = [
        shapely.Point(122, 41),
        shapely.Point(41, 122),
        shapely.Point(181, 0),
        shapely.box(0, 80, 1, 91),
    ]
    assert out_of_range(gpd.GeoDataFrame(geometry=shapes)).tolist() == [False, True, True, True]
