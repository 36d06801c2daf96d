"""Rows as grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.errors import WrongGeometry
from gisgrid.ingest.grids import grid_rows
from gisgrid.ingest.table import Table

SQUARE, POINT, LINE = shapely.box(0, 0, 1, 1), shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])


def table(geometry: list[Any] | None, **columns: Any) -> Table:
    count = len(geometry) if geometry is not None else 1
    rows = pd.DataFrame(columns, index=pd.Index(np.arange(count) + 5, name="row"))
    shapes = None if geometry is None else np.array(geometry, dtype=object)
    return Table("网格.gpkg", rows, shapes, None, False, "GeoPackage")


def test_grids_keep_their_row_and_have_no_crs() -> None:
    frame = grid_rows(table([SQUARE, SQUARE], 编号=["01", "02"]), {"code": "编号"}).frame
    assert frame.index.tolist() == [5, 6]
    assert frame.crs is None
    assert frame["code"].tolist() == ["01", "02"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([211103.0, np.nan], "211103"),
        (["211103.0", None], "211103"),
        ([" 211103 ", ""], "211103"),
        (pd.array([211103002000, None], dtype="Int64"), "211103002000"),
        (["0211", None], "0211"),
        (["A-1.5", None], "A-1.5"),
    ],
)
def test_codes_are_text_whatever_they_were(values: Any, code: str) -> None:
    frame = grid_rows(table([SQUARE, SQUARE], c=values), {"code": "c", "parent": "c"}).frame
    assert frame["code"].iloc[0] == code
    assert frame["parent_code"].iloc[0] == code
    assert frame["code"].isna().tolist() == [False, True]
    assert frame["code"].dtype == "str"


def test_what_the_file_has_not_is_missing() -> None:
    frame = grid_rows(table([SQUARE], x=[1]), {}).frame
    assert frame[["code", "name", "parent_code", "level_label"]].isna().all(axis=None)


def test_rows_that_are_no_polygons_are_rejected() -> None:
    rows = grid_rows(table([SQUARE, POINT, LINE], x=[1, 2, 3]), {})
    assert rows.frame.index.tolist() == [5]
    assert [(each.row, each.reason.en) for each in rows.rejected] == [
        (6, "It is a point, not a polygon."),
        (7, "It is a line, not a polygon."),
    ]


@pytest.mark.parametrize(("shape", "named"), [(POINT, "points"), (LINE, "lines")])
def test_a_layer_without_polygons_is_an_error(shape: Any, named: str) -> None:
    with pytest.raises(WrongGeometry, match=named) as caught:
        grid_rows(table([shape], x=[1]), {})
    assert caught.value.where == "网格.gpkg"


def test_a_table_without_geometry_is_an_error() -> None:
    with pytest.raises(WrongGeometry, match="no geometry"):
        grid_rows(table(None, x=[1]), {})
