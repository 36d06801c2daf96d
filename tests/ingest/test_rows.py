"""Row checks: good rows stay, the others go with their reason."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gisgrid.ingest import rows
from gisgrid.ingest.limits import Limits
from gisgrid.ingest.rows import CheckedRows, check_rows
from tests.ingest.wkb_bytes import SQUARE, multi, nested, point, polygon

NAN, INF = float("nan"), float("inf")
GOOD = polygon(SQUARE)
CIRCLE = shapely.Point(5, 5).buffer(1)


def check(*wkb: bytes | None, raw: bool = True, limits: Limits | None = None) -> CheckedRows:
    return check_rows(pa.array(wkb, pa.binary()), limits or Limits(), raw=raw)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, rows.MISSING),
        (b"", rows.DAMAGED),
        (b"\x01\x03\x00", rows.DAMAGED),
        (GOOD[:-8], rows.DAMAGED),
        (b"\x07" + GOOD[1:], rows.DAMAGED),
        (polygon(), rows.EMPTY),
        (polygon([(0, 0), (1, 1)]), rows.DEGENERATE),
        (polygon([(0, 0), (1, 1), (0, 0)]), rows.DEGENERATE),
        (polygon([(0, 0), (1, 1), (2, 2), (0, 0)]), rows.DEGENERATE),
        (polygon([(0, 0), (NAN, 1), (1, 1), (0, 0)]), rows.NOT_FINITE),
        (polygon([(NAN, 0), (0, 1), (1, 1), (NAN, 0)]), rows.NOT_FINITE),
        (polygon([(0, 0), (INF, 1), (1, 1), (0, 0)]), rows.NOT_FINITE),
        (multi(7), rows.EMPTY),
        (multi(7, GOOD, point(0, 0)), rows.MIXED),
        (multi(15, GOOD), rows.UNSUPPORTED),
        (nested(20_000, point(1, 2)), rows.NESTED),
        (nested(20_000, GOOD, kind=6), rows.NESTED),
        (multi(6, GOOD, nested(200_000, GOOD)), rows.NESTED),
    ],
)
def test_a_bad_geometry_costs_its_own_row_only(bad: bytes | None, reason: object) -> None:
    checked = check(GOOD, bad, GOOD)
    assert checked.good.tolist() == [True, False, True]
    assert checked.reasons == {1: reason}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [((NAN, NAN), rows.EMPTY), ((NAN, 1.0), rows.NOT_FINITE), ((1.0, INF), rows.NOT_FINITE)],
)
def test_a_point_without_a_place_costs_its_own_row_only(bad: tuple[float, float], reason: object) -> None:
    checked = check(point(1, 2), point(*bad))
    assert checked.good.tolist() == [True, False]
    assert checked.reasons == {1: reason}


def test_points_are_handed_over_as_coordinates() -> None:
    checked = check(point(122, 41), point(123, 42))
    assert checked.points is not None
    assert checked.points.tolist() == [[122, 41], [123, 42]]


def test_points_of_a_sliced_array_are_those_of_the_slice() -> None:
    sliced = pa.array([point(0, 0), point(1, 1), point(2, 2)], pa.binary()).slice(1)
    checked = check_rows(sliced, Limits(), raw=True)
    assert checked.points is not None
    assert checked.points.tolist() == [[1, 1], [2, 2]]


def test_height_is_dropped() -> None:
    checked = check(shapely.to_wkb(shapely.Point(1, 2, 3)), shapely.to_wkb(CIRCLE))
    assert checked.geometry is not None
    assert not shapely.has_z(checked.geometry).any()
    assert checked.geometry[0] == shapely.Point(1, 2)


def test_extended_wkb_with_a_srid_is_read() -> None:
    with_srid = shapely.to_wkb(shapely.set_srid(CIRCLE, 4490), include_srid=True)
    assert check(with_srid, GOOD).good.all()


def test_a_collection_of_polygons_is_a_multipolygon() -> None:
    other = polygon([(x + 5, y) for x, y in SQUARE])
    checked = check(multi(7, GOOD, multi(6, other)))
    assert checked.good.all()
    assert checked.geometry is not None
    assert checked.geometry[0].geom_type == "MultiPolygon"
    assert checked.geometry[0].area == 2


def test_an_open_ring_is_closed_and_said() -> None:
    checked = check(polygon(SQUARE[:-1]))
    assert checked.good.all()
    assert checked.geometry is not None
    assert checked.geometry[0].area == 1
    assert checked.mended == {0: rows.CLOSED}


def test_a_bow_tie_is_mended_and_said() -> None:
    checked = check(GOOD, polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]))
    assert checked.good.all()
    assert checked.geometry is not None
    assert checked.geometry[1].is_valid
    assert checked.geometry[1].area == pytest.approx(2)
    assert "Self-intersection" in checked.mended[1].en
    assert 0 not in checked.mended


def test_a_polygon_that_cannot_be_mended_in_time_does_not_cost_the_others() -> None:
    vertices = np.random.default_rng(1).random((100_000, 2))
    tangle = polygon([*map(tuple, vertices.tolist()), tuple(vertices[0].tolist())])
    bow_tie = polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    begin = time.monotonic()
    checked = check(tangle, GOOD, bow_tie, limits=Limits(mend_s=4, mend_one_s=1))
    assert time.monotonic() - begin < 15
    assert checked.good.tolist() == [False, True, True]
    assert "100,001" in checked.reasons[0].en


def test_lines_and_points_stay_beside_polygons() -> None:
    line = shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]))
    assert check(GOOD, line, point(0, 0)).good.all()


def test_big_endian_wkb_is_read() -> None:
    checked = check(shapely.to_wkb(CIRCLE, byte_order=0), shapely.to_wkb(shapely.Point(1, 2), byte_order=0))
    assert checked.good.all()
    assert checked.geometry is not None
    assert checked.geometry[1] == shapely.Point(1, 2)


def test_a_valid_polygon_of_very_many_vertices_is_kept_as_it_is() -> None:
    angle = np.linspace(0, 2 * np.pi, 250_000, endpoint=False)
    circle = shapely.polygons(np.column_stack([np.cos(angle), np.sin(angle)]))
    checked = check(shapely.to_wkb(circle), GOOD)
    assert checked.good.all()
    assert checked.mended == {}
    assert checked.geometry is not None
    assert checked.geometry[0] == circle
