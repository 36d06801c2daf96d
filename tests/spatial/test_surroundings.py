"""Receptors counted around sources: every count and distance against pyproj.Geod."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gisgrid.errors import InputError
from gisgrid.frames import STORED_CRS
from gisgrid.spatial.surroundings import HJ169_RINGS_M, NO_KIND, around

GEOD = Geod(ellps="GRS80")
HERE = (122.0, 41.0)


def at(azimuth: float, distance_m: float, origin: tuple[float, float] = HERE) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(*origin, azimuth, distance_m)
    return lon, lat


def places(*shapes: object, kinds: list[str | None] | None = None, first: int = 1) -> gpd.GeoDataFrame:
    """Numbered from `first`; a pair of numbers is a point."""
    placed = [shapely.Point(each) if isinstance(each, tuple) else each for each in shapes]
    return gpd.GeoDataFrame(
        {
            "kind": pd.Series(
                kinds or ["school"] * len(placed), dtype="str", index=range(first, first + len(placed))
            )
        },
        geometry=gpd.GeoSeries(placed, index=range(first, first + len(placed)), crs=STORED_CRS),
    )


def test_rings_are_cumulative_and_only_what_is_there_is_listed() -> None:
    found = around(places(HERE), places(at(90, 300), at(0, 400), at(180, 4000), at(0, 5100)))
    assert found[["ring_m", "count", "nearest"]].to_numpy().tolist() == [[500, 2, 1], [5000, 3, 1]]
    assert found["distance_m"].tolist() == pytest.approx([300, 300], abs=1e-6)
    assert found["bearing_deg"].tolist() == pytest.approx([90, 90], abs=1e-6)


def test_the_preset_rings_are_those_of_the_guideline() -> None:
    assert HJ169_RINGS_M == (500.0, 5000.0)


def test_a_receptor_a_tenth_of_a_millimetre_inside_the_ring_counts_and_one_outside_does_not() -> None:
    for azimuth in range(0, 360, 15):
        inside = around(places(HERE), places(at(azimuth, 5000 - 1e-4)))
        outside = around(places(HERE), places(at(azimuth, 5000 + 1e-4)))
        assert inside["count"].tolist() == [1]
        assert outside.empty


def test_a_pair_that_chords_cannot_decide_is_decided_by_geod() -> None:
    ring = 5000.0
    spots = [at(azimuth, ring + step * 1e-7) for azimuth in range(0, 360, 30) for step in (-3, 0, 3)]
    expected = sum(GEOD.inv(*HERE, *spot)[2] <= ring for spot in spots)
    found = around(places(HERE), places(*spots), [ring])
    assert found["count"].sum() == expected
    assert 0 < expected < len(spots)


def test_kinds_are_counted_apart_and_a_missing_kind_has_a_name() -> None:
    receptors = places(at(0, 100), at(90, 200), at(180, 300), kinds=["home", None, "home"])
    found = around(places(HERE), receptors, [500]).set_index("kind")
    assert found["count"].to_dict() == {"home": 2, NO_KIND: 1}
    assert found.loc[NO_KIND, "nearest"] == 2


def test_of_equally_near_receptors_the_smaller_id_is_nearest_in_any_order() -> None:
    receptors = places(at(90, 200), at(270, 200), at(0, 200)).iloc[[2, 0, 1]]
    assert around(places(HERE), receptors, [500])["nearest"].tolist() == [1]
    assert around(places(HERE), receptors.iloc[::-1], [500])["nearest"].tolist() == [1]


def test_a_thousand_receptors_on_one_spot_are_all_counted() -> None:
    found = around(places(HERE, HERE), places(*[at(45, 300)] * 1000, first=7), [500])
    assert found["count"].tolist() == [1000, 1000]
    assert found["nearest"].tolist() == [7, 7]


def test_a_receptor_on_the_source_has_no_bearing() -> None:
    found = around(places(HERE), places(HERE), [500])
    assert found["distance_m"].tolist() == [0]
    assert found["bearing_deg"].isna().all()


def test_empty_frames_and_places_give_no_rows() -> None:
    columns = ["source", "ring_m", "kind", "count", "nearest", "distance_m", "bearing_deg"]
    for sources, receptors in (
        (places(), places(HERE)),
        (places(HERE), places()),
        (places(), places()),
        (places(None, shapely.Point()), places(HERE)),
        (places(HERE), places(None, shapely.Polygon())),
    ):
        found = around(sources, receptors)
        assert found.empty
        assert list(found.columns) == columns


@pytest.mark.parametrize("rings", [[], [0], [-5], [float("nan")], [float("inf")], [500, 200_000]])
def test_a_ring_that_is_no_radius_is_an_input_error(rings: list[float]) -> None:
    with pytest.raises(InputError):
        around(places(HERE), places(HERE), rings)


def test_rings_may_come_in_any_order_and_twice() -> None:
    found = around(places(HERE), places(at(0, 100)), [5000, 500, 500])
    assert found["ring_m"].tolist() == [500, 5000]


def test_the_antimeridian_is_no_wall() -> None:
    found = around(places((179.999, 65.0)), places((-179.999, 65.0)), [500])
    assert found["count"].tolist() == [1]
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(179.999, 65, -179.999, 65)[2], abs=1e-6)


def test_around_a_pole_all_longitudes_are_near() -> None:
    ring_of_places = places(*[(lon, 89.99) for lon in range(-180, 180, 30)])
    assert around(places((0.0, 89.999)), ring_of_places, [2000])["count"].tolist() == [12]


def test_the_index_of_both_frames_names_the_rows() -> None:
    sources = places(at(0, 9000), HERE).set_axis([40, 30])
    found = around(sources, places(at(0, 10), first=77), [500])
    assert found[["source", "nearest"]].to_numpy().tolist() == [[30, 77]]


def brute_force(
    sources: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, ring: float
) -> dict[tuple[int, str], tuple[int, float]]:
    counts: dict[tuple[int, str], tuple[int, float]] = {}
    for source, here in sources.geometry.items():
        for (_, there), kind in zip(receptors.geometry.items(), receptors["kind"], strict=True):
            away = GEOD.inv(here.x, here.y, there.x, there.y)[2]
            if away <= ring:
                count, least = counts.get((source, kind), (0, np.inf))
                counts[source, kind] = count + 1, min(least, away)
    return counts


@given(
    st.floats(-180, 180),
    st.floats(-89.9, 89.9),
    st.integers(0, 10_000),
    st.sampled_from([50.0, 500.0, 5000.0, 40_000.0]),
)
@settings(max_examples=40, deadline=None)
def test_counts_and_distances_are_those_of_geod(lon: float, lat: float, seed: int, ring: float) -> None:
    rng = np.random.default_rng(seed)

    def scattered(count: int) -> list[tuple[float, float]]:
        return [
            at(azimuth, away, (lon, lat))
            for azimuth, away in zip(rng.uniform(0, 360, count), rng.uniform(0, 2 * ring, count), strict=True)
        ]

    sources = places(*scattered(12))
    receptors = places(
        *scattered(40), kinds=list(rng.choice(["home", "school", "river"], 40, p=[0.8, 0.17, 0.03]))
    )
    found = around(sources, receptors, [ring])
    expected = brute_force(sources, receptors, ring)
    assert {(row.source, row.kind): row.count for row in found.itertuples()} == {
        key: count for key, (count, _) in expected.items()
    }
    for row in found.itertuples():
        assert row.distance_m == pytest.approx(expected[row.source, row.kind][1], abs=1e-6)


def test_rare_kinds_and_frequent_ones_agree() -> None:
    rng = np.random.default_rng(3)
    spots = [(122 + x, 41 + y) for x, y in rng.uniform(0, 0.1, (300, 2))]
    kinds = [f"kind {number}" for number in range(300)]
    sources = places(*[(122 + x, 41 + y) for x, y in rng.uniform(0, 0.1, (50, 2))])
    each_its_own = around(sources, places(*spots, kinds=kinds), [2000])
    together = around(sources, places(*spots), [2000])
    assert each_its_own.groupby("source")["count"].sum().tolist() == together["count"].tolist()
    assert each_its_own.groupby("source")["distance_m"].min().tolist() == together["distance_m"].tolist()


# Lines and polygons ---------------------------------------------------------


def square(azimuth: float, distance_m: float, half_deg: float = 0.002) -> shapely.Polygon:
    lon, lat = at(azimuth, distance_m)
    return shapely.box(lon - half_deg, lat - half_deg, lon + half_deg, lat + half_deg)


def stepped(shape: shapely.Geometry) -> np.ndarray:
    return shapely.get_coordinates(shapely.segmentize(shape, 2e-6))


def walked_m(point: tuple[float, float], shape: shapely.Geometry) -> float:
    """The geodesic distance to an edge, by walking it in steps of 0.2 m."""
    steps = stepped(shape)
    return float(min(GEOD.inv(np.full(len(steps), point[0]), np.full(len(steps), point[1]), *steps.T)[2]))


@pytest.mark.parametrize("azimuth", [0, 37, 90, 140, 222, 270, 318])
@pytest.mark.parametrize("distance_m", [600.0, 4900.0])
def test_a_polygon_is_measured_from_its_edge(azimuth: float, distance_m: float) -> None:
    reserve = square(azimuth, distance_m)
    found = around(places(HERE), places(reserve), [20_000])
    assert found["distance_m"].iloc[0] == pytest.approx(walked_m(HERE, reserve), abs=0.1)
    assert found["bearing_deg"].iloc[0] == pytest.approx(azimuth, abs=35)


def test_inside_a_polygon_the_distance_is_zero_and_there_is_no_bearing() -> None:
    found = around(places(HERE), places(square(0, 0)), [500])
    assert found[["count", "distance_m"]].to_numpy().tolist() == [[1, 0]]
    assert found["bearing_deg"].isna().all()


def test_in_the_hole_of_a_polygon_one_is_outside_it() -> None:
    lake = square(0, 0, 0.01).difference(square(0, 0, 0.005))
    found = around(places(HERE), places(lake), [5000])
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(*HERE, HERE[0] - 0.005, HERE[1])[2], abs=0.1)


def test_a_polygon_source_is_measured_from_its_edge_and_looks_outward() -> None:
    plant = square(0, 0)
    school = (HERE[0] + 0.012, HERE[1])
    found = around(places(plant), places(school), [5000])
    expected = GEOD.inv(HERE[0] + 0.002, HERE[1], *school)[2]
    assert found["distance_m"].iloc[0] == pytest.approx(expected, abs=0.1)
    assert found["bearing_deg"].iloc[0] == pytest.approx(90, abs=0.1)


def test_two_polygons_are_as_far_as_their_nearest_points() -> None:
    found = around(places(square(0, 0)), places(square(90, 2000)), [5000])
    gap = at(90, 2000)[0] - 0.002 - (HERE[0] + 0.002)
    expected = GEOD.inv(HERE[0] + 0.002, 41.002, HERE[0] + 0.002 + gap, 41.002)[2]
    assert found["distance_m"].iloc[0] == pytest.approx(expected, abs=0.1)


def test_polygons_that_cross_are_at_no_distance() -> None:
    found = around(places(square(0, 0)), places(square(90, 200)), [500])
    assert found["distance_m"].tolist() == [0]
    assert found["bearing_deg"].isna().all()


@pytest.mark.parametrize("lat", [0.0, 41.0, 68.0, 84.0])
def test_a_long_river_is_one_receptor_wherever_it_bends(lat: float) -> None:
    bends = np.random.default_rng(2).uniform(-0.02, 0.02, (400, 2)).cumsum(axis=0)
    river = shapely.LineString(np.column_stack([122 + np.linspace(0, 4, 400), lat + bends[:, 1] * 0.3]))
    middle = shapely.get_coordinates(river)[200]
    here = (float(middle[0]) + 0.01, float(middle[1]) + 0.013)
    found = around(places(here), places(river), [5000])
    assert found["count"].tolist() == [1]
    near = shapely.intersection(river, shapely.Point(here).buffer(0.4))
    assert found["distance_m"].iloc[0] == pytest.approx(walked_m(here, near), abs=0.1)


def test_a_reserve_of_a_thousand_vertices_counts_once_and_inside_it_is_inside() -> None:
    angle = np.linspace(0, 2 * np.pi, 2000)
    radius = 0.5 + 0.05 * np.sin(40 * angle)
    reserve = shapely.Polygon(np.column_stack([122 + radius * np.cos(angle), 41 + radius * np.sin(angle)]))
    found = around(places(HERE, (122.3, 41.1), (122.56, 41.0)), places(reserve), [5000])
    assert found["count"].tolist() == [1, 1, 1]
    assert found["distance_m"].iloc[:2].tolist() == [0, 0]
    assert found["distance_m"].iloc[2] == pytest.approx(
        walked_m((122.56, 41.0), reserve.intersection(shapely.box(122.4, 40.8, 122.7, 41.2)).exterior),
        abs=0.1,
    )


def test_a_long_straight_line_is_straight_in_degrees() -> None:
    canal = shapely.LineString([(120, 41), (124, 41)])
    found = around(places((122.0, 41.02)), places(canal), [5000])
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(122, 41.02, 122, 41)[2], abs=0.1)
    assert found["bearing_deg"].iloc[0] == pytest.approx(180, abs=0.01)


def test_points_and_polygons_of_one_kind_are_counted_together() -> None:
    found = around(places(HERE), places(at(0, 400), square(90, 600)), [500])
    assert found["count"].tolist() == [2]
    assert found["nearest"].tolist() == [1]


def test_many_sources_among_polygons_agree_with_each_alone() -> None:
    rng = np.random.default_rng(8)
    plants = [
        square(*each) if number % 3 else at(*each)
        for number, each in enumerate(zip(rng.uniform(0, 360, 30), rng.uniform(0, 8000, 30), strict=True))
    ]
    homes = [
        square(*each) if number % 2 else at(*each)
        for number, each in enumerate(zip(rng.uniform(0, 360, 30), rng.uniform(0, 8000, 30), strict=True))
    ]
    receptors = places(*homes)
    together = around(places(*plants), receptors)
    alone = pd.concat(
        [around(places(plant, first=number), receptors) for number, plant in enumerate(plants, start=1)]
    )
    pd.testing.assert_frame_equal(together, alone.reset_index(drop=True))


def test_a_shape_across_the_antimeridian_is_near() -> None:
    found = around(places((179.999, 10.0)), places(shapely.box(-179.999, 9.99, -179.9, 10.01)), [500])
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(179.999, 10, -179.999, 10)[2], abs=0.1)
    assert found["bearing_deg"].iloc[0] == pytest.approx(90, abs=0.1)


def test_progress_is_told_from_nothing_to_all() -> None:
    told: list[float] = []
    around(places(HERE), places(at(0, 100)), progress=told.append)
    assert told
    assert all(0 <= share <= 1 for share in told)
