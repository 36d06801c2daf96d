"""Areas, distances and bearings against pyproj and against plain laws."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from gisgrid.spatial.measure import (
    CHORD_LIMIT_M,
    area_m2,
    bearing_deg,
    chord_bounds_m,
    chord_to_arc_m,
    distance_m,
    ecef,
)

GEOD = Geod(ellps="GRS80")
longitudes = st.floats(-179.0, 179.0)
latitudes = st.floats(-89.0, 89.0)


def equal_area_m2(polygon: shapely.Geometry, longest_edge_deg: float) -> float:
    """The polygon on a cylindrical equal-area plane, its edges cut short so that bending costs nothing."""
    to_plane = Transformer.from_crs("EPSG:4490", "+proj=cea +ellps=GRS80", always_xy=True)
    dense = shapely.segmentize(polygon, longest_edge_deg)
    return float(shapely.transform(dense, to_plane.transform, interleaved=False).area)


@given(longitudes, st.floats(-85.0, 85.0))
def test_a_small_square_has_its_geodesic_area(lon: float, lat: float) -> None:
    square = shapely.box(lon, lat, lon + 0.001, lat + 0.001)
    geodesic = abs(GEOD.geometry_area_perimeter(square)[0])
    assert area_m2([square])[0] == pytest.approx(geodesic, rel=1e-6)


def test_a_large_slanted_polygon_has_its_equal_area_plane_area() -> None:
    slanted = shapely.Polygon([(118, 38), (126, 41), (123, 44.5), (119, 43)])
    assert area_m2([slanted])[0] == pytest.approx(equal_area_m2(slanted, 0.001), rel=1e-9)


def test_an_edge_across_half_the_world_is_measured() -> None:
    triangle = shapely.Polygon([(-170, -80), (170, -80), (0, 85)])
    assert area_m2([triangle])[0] == pytest.approx(equal_area_m2(triangle, 0.005), rel=1e-6)


def test_the_whole_world_is_the_surface_of_the_ellipsoid() -> None:
    authalic_radius_m = 6_371_007.1809
    assert area_m2([shapely.box(-180, -90, 180, 90)])[0] == pytest.approx(
        4 * np.pi * authalic_radius_m**2, rel=1e-10
    )


@given(longitudes, latitudes, st.floats(0.05, 0.95), st.floats(0.001, 3.0))
def test_a_vertex_added_on_an_edge_changes_nothing(lon: float, lat: float, share: float, size: float) -> None:
    lat = lat * 0.9
    corners = [(lon, lat), (lon + size, lat + size / 3), (lon + size / 2, lat + size)]
    (x1, y1), (x2, y2) = corners[:2]
    on_edge = (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
    plain, with_vertex = area_m2(
        [shapely.Polygon(corners), shapely.Polygon([corners[0], on_edge, *corners[1:]])]
    )
    assert with_vertex == pytest.approx(plain, rel=1e-9, abs=1e-6)


@given(st.floats(0.01, 0.99), st.floats(-0.5, 0.5))
def test_the_areas_of_two_halves_sum_to_the_whole(at: float, tilt: float) -> None:
    whole = shapely.box(122.0, 41.0, 123.0, 42.0)
    low, high = (122 + at, 41.0), (np.clip(122 + at + tilt, 122, 123), 42.0)
    west = shapely.Polygon([(122, 41), low, high, (122, 42)])
    east = shapely.Polygon([low, (123, 41), (123, 42), high])
    assert area_m2([west, east]).sum() == pytest.approx(area_m2([whole])[0], rel=1e-12)


def test_a_hole_is_subtracted_whichever_way_it_runs() -> None:
    shell = [(122, 41), (122.4, 41), (122.4, 41.4), (122, 41.4)]
    hole = [(122.1, 41.1), (122.2, 41.1), (122.2, 41.2), (122.1, 41.2)]
    same_way, other_way = shapely.Polygon(shell, [hole]), shapely.Polygon(shell, [hole[::-1]])
    expected = area_m2([shapely.Polygon(shell)])[0] - area_m2([shapely.Polygon(hole)])[0]
    assert area_m2([same_way, other_way]) == pytest.approx([expected, expected])


def test_parts_of_a_multipolygon_and_of_a_collection_are_summed() -> None:
    one, two = shapely.box(122, 41, 122.1, 41.1), shapely.box(123, 41, 123.1, 41.1)
    both = shapely.multipolygons([one, two])
    collection = shapely.geometrycollections(
        [both, shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])]
    )
    assert area_m2([both, collection]) == pytest.approx([area_m2([one, two]).sum()] * 2)


def test_what_has_no_area_has_none() -> None:
    nothing = [None, shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon()]
    assert area_m2(nothing).tolist() == [0, 0, 0, 0]
    assert area_m2([]).shape == (0,)


def test_an_empty_polygon_among_others_does_not_shift_them() -> None:
    square = shapely.box(122, 41, 122.1, 41.1)
    assert area_m2([shapely.Polygon(), square, None, square])[[1, 3]] == pytest.approx(area_m2([square])[0])


@given(longitudes, latitudes, st.floats(0, 360), st.sampled_from([0.5, 500.0, 5000.0, 50_000.0]))
def test_chords_at_a_distance_lie_between_their_bounds(
    lon: float, lat: float, azimuth: float, arc_m: float
) -> None:
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, arc_m)
    chord = float(np.linalg.norm(ecef(lon, lat) - ecef(lon2, lat2)))
    low, high = chord_bounds_m(arc_m)
    assert low < chord < high
    assert chord_to_arc_m(chord) == pytest.approx(arc_m, abs=0.02)


@given(longitudes, latitudes, st.floats(0, 360))
@settings(max_examples=200)
def test_the_arc_of_a_chord_is_right_to_two_centimetres_up_to_its_limit(
    lon: float, lat: float, azimuth: float
) -> None:
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, CHORD_LIMIT_M)
    chord = np.linalg.norm(ecef(lon, lat) - ecef(lon2, lat2))
    assert chord_to_arc_m(chord) == pytest.approx(CHORD_LIMIT_M, abs=0.02)


def test_the_antimeridian_is_no_wall() -> None:
    assert distance_m(179.999, 0, -179.999, 0)[0] == pytest.approx(222.64, abs=0.01)
    assert bearing_deg(179.999, 0, -179.999, 0)[0] == pytest.approx(90)
    assert ecef(180, 10) == pytest.approx(ecef(-180, 10), abs=1e-8)


def test_bearings_run_clockwise_from_north_and_stay_below_360() -> None:
    bearings = bearing_deg([0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, -1], [1, 0, -1, 0])
    assert bearings == pytest.approx([0, 90, 180, 270])
    assert bearing_deg(0, 0, -1e-13, 80)[0] < 360


def test_a_point_has_no_bearing_to_itself() -> None:
    assert np.isnan(bearing_deg(122, 41, 122, 41)[0])
