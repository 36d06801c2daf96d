"""Distances between any two geometries, against pyproj.Geod."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gisgrid.spatial.nearness import (
    Neighbourhood,
    nearest_of,
    reach_deg,
    representative_lonlat,
    representative_points,
)

GEOD = Geod(ellps="GRS80")


def geometries(*shapes: shapely.Geometry | None) -> np.ndarray:
    return np.array(shapes, dtype=object)


@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89))
@settings(max_examples=100, deadline=None)
def test_two_points_are_a_geodesic_apart_at_any_distance(a: float, b: float, c: float, d: float) -> None:
    away = GEOD.inv(a, b, c, d)[2]
    found = nearest_of(geometries(shapely.Point(a, b)), geometries(shapely.Point(c, d)))
    if away < 19_900_000:  # the antipode lies in every direction
        assert found.distance_m[0] == pytest.approx(away, abs=0.1)


def test_bearings_there_and_back_are_opposite_nearby() -> None:
    found = nearest_of(geometries(shapely.Point(122, 0)), geometries(shapely.box(122.01, -1, 122.02, 1)))
    assert found.bearing_deg[0] == pytest.approx(90, abs=0.01)
    assert found.back_deg[0] == pytest.approx(270, abs=0.01)
    assert found.reversed().bearing_deg[0] == found.back_deg[0]


def test_two_lines_are_as_far_as_their_nearest_points_at_any_latitude() -> None:
    for lat in (0.0, 41.0, 70.0, 85.0):
        one = shapely.LineString([(10, lat), (10.2, lat + 0.1)])
        other = shapely.LineString([(10.3, lat - 0.1), (10.22, lat + 0.05), (10.4, lat + 0.3)])
        first, second = (shapely.get_coordinates(shapely.segmentize(line, 2e-3)) for line in (one, other))
        i, j = np.divmod(np.arange(len(first) * len(second)), len(second))
        walked = float(min(GEOD.inv(first[i, 0], first[i, 1], second[j, 0], second[j, 1])[2]))
        found = nearest_of(geometries(one), geometries(other)).distance_m[0]
        assert walked - 20 < found <= walked + 0.1


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 360), st.floats(1, 3_000_000))
@settings(max_examples=200, deadline=None)
def test_no_path_crosses_more_degrees_than_its_reach(
    lon: float, lat: float, azimuth: float, distance_m: float
) -> None:
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, azimuth, distance_m)
    d_lon, d_lat = reach_deg(np.array([lat]), np.array([distance_m]))
    assert abs(end_lat - lat) <= d_lat[0]
    assert abs((end_lon - lon + 180) % 360 - 180) <= d_lon[0] + 1e-9


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_a_neighbourhood_leaves_out_no_true_neighbour(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-180, 180, 40), rng.choice([1, 60, 89], 40) * rng.uniform(-1, 1, 40)
    points = shapely.points(lon, lat)
    reach_m = 2_000_000.0
    one, other = Neighbourhood(points).within(shapely.bounds(points), reach_m)
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    i, j = np.divmod(np.arange(1600), 40)
    near = np.asarray(GEOD.inv(lon[i], lat[i], lon[j], lat[j])[2]) <= reach_m
    assert set(zip(i[near].tolist(), j[near].tolist(), strict=True)) <= found


def test_what_has_no_place_has_no_representative_point() -> None:
    lon, lat = representative_lonlat(
        geometries(None, shapely.Point(), shapely.Point(1, 2), shapely.box(0, 0, 2, 2))
    )
    assert np.isnan(lon[:2]).all()
    assert (lon[2], lat[2]) == (1, 2)
    assert 0 < lon[3] < 2


def test_a_point_represents_itself_and_a_shape_is_represented_inside() -> None:
    shapes = geometries(
        None, shapely.Point(1, 2), shapely.LineString([(0, 0), (4, 0)]), shapely.box(0, 0, 2, 2)
    )
    given = shapes.copy()
    found = representative_points(shapes)
    assert found[0] is None
    assert found[1] == shapely.Point(1, 2)
    assert shapely.intersects(shapes[2:], found[2:]).all()
    assert (shapely.get_type_id(found[1:]) == 0).all()
    assert (shapes == given).all()
