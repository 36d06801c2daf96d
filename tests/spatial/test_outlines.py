"""Distances from points to polygons: as measured to the whole outline, and exact for the nearest."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.spatial.nearness import nearest_of
from gisgrid.spatial.outlines import Outlines


def geometries(*shapes: shapely.Geometry | None) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_an_outline_is_as_far_as_the_polygon_and_inside_is_zero() -> None:
    angle = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    lake = shapely.Polygon(np.column_stack([122 + 0.2 * np.cos(angle), 41 + 0.2 * np.sin(angle)]))
    points = shapely.points([[122.0, 41.0], [122.5, 41.1], [121.0, 40.0], [60.0, -20.0]])
    outlines = Outlines(geometries(lake))
    found = outlines.distance_m(points, np.zeros(4, dtype=np.int64))
    assert found[0] == 0
    whole = nearest_of(points, geometries(*[lake] * 4)).distance_m
    assert found == pytest.approx(whole, abs=1e-3)
    assert np.all(outlines.bound_m(points, np.zeros(4, dtype=np.int64))[1:] >= found[1:])


def test_in_a_contest_the_nearest_of_each_point_is_exact() -> None:
    boxes = shapely.box(x := np.arange(100.0, 130.0, 3.0), 40.0, x + 1, 41.0)
    points = np.repeat(shapely.points([[90.0, 30.0], [117.3, 50.0]]), len(boxes))
    polygon = np.tile(np.arange(len(boxes)), 2)
    contest = np.repeat([0, 1], len(boxes))
    outlines = Outlines(boxes)
    alone, together = outlines.distance_m(points, polygon), outlines.distance_m(points, polygon, contest)
    for number in (0, 1):
        assert together[contest == number].min() == alone[contest == number].min()


@given(
    st.floats(-170, 170), st.floats(-84, 84), st.floats(-180, 180), st.floats(-85, 85), st.integers(0, 100)
)
@settings(max_examples=60, deadline=None)
def test_no_run_that_is_nearest_is_left_out(
    lon: float, lat: float, from_lon: float, from_lat: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 150))
    radius = rng.uniform(0.5, 4.0) * (1 + 0.3 * rng.uniform(-1, 1, 150))
    shape = shapely.Polygon(np.column_stack([lon + radius * np.cos(angle), lat + radius * np.sin(angle) / 4]))
    points = shapely.points([[from_lon, from_lat]])
    whole = nearest_of(points, shapely.boundary(geometries(shape))).distance_m
    inside = shapely.intersects(shape, points[0])
    found = Outlines(geometries(shape)).distance_m(points, np.zeros(1, dtype=np.int64))
    assert found[0] == pytest.approx(0.0 if inside else whole[0], abs=0.1)
