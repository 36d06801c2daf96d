"""Widths, classes and neighbours of findings."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.frames import SizeClass
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.findings import Tolerances, in_metres, is_wide_enough, width_m
from tests.squares import box, hierarchy, place


def polygons(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


@settings(max_examples=30, deadline=None)
@given(
    width=st.floats(0.5, 400),
    length=st.floats(400, 20_000),
    angle=st.floats(0, 180),
    latitude=st.floats(-70, 70),
)
def test_the_width_of_a_turned_rectangle_is_its_short_side(
    width: float, length: float, angle: float, latitude: float
) -> None:
    turned = shapely.affinity.rotate(shapely.box(0, 0, length, width), angle, origin=(0, 0))
    there = place(turned, origin=(105.0, latitude))
    # Half a percent of the search, and the parallels' convergence over 20 km.
    assert width_m(polygons(there))[0] == pytest.approx(width, rel=0.02)


def test_a_kilometre_long_strip_has_its_width() -> None:
    """GEOS's maximum inscribed circle stops 2 % short here."""
    strip = place(shapely.box(0, 0, 1086, 1), origin=(105.0, 26.0))
    assert width_m(polygons(strip))[0] == pytest.approx(1, rel=0.006)


def test_the_width_of_an_l_is_that_of_its_thickest_part() -> None:
    shape = shapely.union_all([shapely.box(0, 0, 1000, 20), shapely.box(0, 0, 100, 80)])
    assert width_m(polygons(place(shape)))[0] == pytest.approx(80, rel=0.01)


def test_a_long_edge_stays_straight_in_metres() -> None:
    """Two faces on either side of a 50 km edge, one with a vertex on it, still touch all along."""
    whole = shapely.Polygon([(122.0, 41.0), (122.6, 41.0), (122.6, 41.1), (122.0, 41.1)])
    halved = shapely.Polygon([(122.0, 40.9), (122.6, 40.9), (122.6, 41.0), (122.3, 41.0), (122.0, 41.0)])
    flat = in_metres(polygons(whole, halved), places=polygons(whole, whole))
    between = shapely.difference(shapely.union_all([shapely.buffer(each, 0.02) for each in flat]), flat[0])
    assert shapely.area(shapely.intersection(flat[0], flat[1])) < 0.01 * shapely.length(flat[0])
    assert shapely.area(shapely.difference(between, flat[1])) < 0.1 * shapely.length(flat[0])


@pytest.mark.parametrize(
    ("shape", "is_wide"),
    [
        (shapely.box(0, 0, 1000, 0.19), False),
        (shapely.box(0, 0, 1000, 0.25), True),
        (shapely.box(0, 0, 0.7, 0.7), False),
        (shapely.box(0, 0, 0.8, 0.8), True),
        (shapely.Polygon([(0, 0), (1000, 0.0), (0, 0.15)]), False),
    ],
)
def test_noise_is_judged_by_width_and_by_area(shape: shapely.Geometry, is_wide: bool) -> None:
    assert is_wide_enough(polygons(place(shape)), Tolerances())[0] == is_wide


def test_the_class_borders_are_inclusive_upwards() -> None:
    classes = Tolerances().size_class(np.array([0.3, 4.99, 5.0, 49.9, 50.0]))
    assert classes.tolist() == [
        SizeClass.SLIVER,
        SizeClass.SLIVER,
        SizeClass.STRIP,
        SizeClass.STRIP,
        SizeClass.REAL,
    ]


def test_neighbours_share_the_outline_of_an_enclosed_gap() -> None:
    towns = {
        "a": box(0, 0, 1000, 400),
        "b": box(0, 600, 1000, 1000),
        "c": box(0, 400, 400, 600),
        "d": box(600, 400, 1000, 600),
    }
    (coverage,) = audit_levels(hierarchy({"1": box(0, 0, 1000, 1000)}, towns).grids)
    (neighbours,) = coverage.findings["neighbours"]
    assert sorted(grid for grid, _ in neighbours) == [2, 3, 4, 5]
    assert [share for _, share in neighbours] == pytest.approx([0.25] * 4, abs=0.01)


def test_a_corner_is_no_neighbour() -> None:
    corner = {
        "a": box(0, 0, 500, 500),
        "b": box(500, 0, 1000, 500),
        "c": box(0, 500, 500, 1000),
    }
    (coverage,) = audit_levels(hierarchy({"1": box(0, 0, 1000, 1000)}, corner).grids)
    assert sorted(grid for grid, _ in coverage.findings["neighbours"].iloc[0]) == [3, 4]
    assert not coverage.findings["enclosed"].iloc[0]
