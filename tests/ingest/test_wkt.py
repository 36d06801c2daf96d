"""Tables with a column of well-known text have geometry."""

from __future__ import annotations

import shapely

from gisgrid.ingest.delimited import read_delimited
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.wkt import DAMAGED, with_wkt_geometry


def layer(text: str) -> RawLayer:
    return with_wkt_geometry(read_delimited(text.encode(), encoding=None))


def test_a_column_of_wkt_becomes_geometry() -> None:
    read = layer('code,WKT\n01,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n02,"SRID=4490;POINT Z (1 2 3)"\n')
    assert read.attributes.column_names == ["code"]
    assert read.wkb is not None
    assert [each.geom_type for each in shapely.from_wkb(read.wkb.to_pylist())] == ["Polygon", "Point"]


def test_wkt_that_cannot_be_read_costs_its_own_row_only() -> None:
    nested = "GEOMETRYCOLLECTION(" * 50_000 + "POINT (1 2)" + ")" * 50_000
    read = layer(f"code;wkt\n01;POINT (1 2)\n02;POINT (1\n03;\n04;{nested}\n05;POINT (3 4)\n")
    assert read.row.tolist() == [2, 4, 6]
    assert [(each.row, each.reason) for each in read.rejected] == [(3, DAMAGED), (5, DAMAGED)]
    assert read.wkb is not None
    assert read.wkb.null_count == 1


def test_another_column_of_that_name_stays_text() -> None:
    read = layer("code,shape\n01,round\n")
    assert read.wkb is None
    assert read.attributes.column_names == ["code", "shape"]
