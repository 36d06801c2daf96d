"""Key areas suggested: dense or large polluters near receptors, ranked, outlined, apart from each other."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.suggesting.key_areas import KeyArea, key_areas
from tests.squares import box, place

LAND = box(0, 0, 20_000, 20_000)


def points(places_m: Sequence[tuple[float, float]] | np.ndarray) -> gpd.GeoDataFrame:
    """Points at places in metres."""
    places = np.array(places_m, dtype=float).reshape(-1, 2)
    return gpd.GeoDataFrame(geometry=place(shapely.points(places)) if len(places) else [], crs=STORED_CRS)


def receptors(*places_m: tuple[float, float]) -> gpd.GeoDataFrame:
    """Schools at places in metres."""
    return points(places_m).assign(kind=pd.Series("学校", index=range(len(places_m)), dtype="object"))


def crowd(x: float, y: float, count: int, apart_m: float = 150.0) -> list[tuple[float, float]]:
    """Places in a square lattice."""
    side = int(np.ceil(np.sqrt(count)))
    return [(x + apart_m * (at % side), y + apart_m * (at // side)) for at in range(count)]


def found(
    places: Sequence[tuple[float, float]], weight: float | Sequence[float], *schools: tuple[float, float]
) -> list[KeyArea]:
    """What is suggested for sources at these places."""
    weights = np.broadcast_to(np.asarray(weight, dtype=float), len(places)).copy()
    return key_areas(points(places), weights, receptors(*schools), LAND)


def test_a_dense_cluster_is_found_with_its_sources_and_lone_ones_are_not() -> None:
    places = [*crowd(5_000, 5_000, 12), (15_000, 15_000), (1_000, 18_000)]
    (area,) = found(places, 2.0)
    assert list(area.sources) == list(range(12))
    assert area.weight == 24.0
    assert area.score == 24.0
    assert np.isnan(area.nearest_m)
    assert shapely.contains(area.area, points(places[:12]).geometry.to_numpy()).all()


def test_few_large_polluters_are_an_area_as_many_small_ones_are() -> None:
    four_large = crowd(5_000, 5_000, 4)
    assert len(found(four_large, 4.0)) == 1
    assert found(four_large, 2.0) == []


def test_near_a_receptor_half_as_much_is_an_area() -> None:
    two_large = [(5_000.0, 5_000.0), (5_100.0, 5_000.0)]
    assert found(two_large, 4.0) == []
    assert found(two_large, 4.0, (5_000, 5_700)) == []
    assert len(found(two_large, 4.0, (5_000, 5_320))) == 1


def test_receptors_are_counted_and_the_nearest_measured() -> None:
    (area,) = found(
        [(5_000, 5_000), (5_100, 5_000), (5_200, 5_000), (5_300, 5_000)],
        4.0,
        (5_000, 5_320),
        (5_300, 5_900),
        (5_000, 6_100),
    )
    assert list(area.receptors) == [0, 1]
    assert area.nearest_m == pytest.approx(320, abs=0.5)
    assert area.score == pytest.approx(16 * (1 + 0.68 + 0.1), rel=0.01)


def test_a_receptor_with_an_outline_is_measured_from_its_edge() -> None:
    homes = gpd.GeoDataFrame({"kind": ["居民区"]}, geometry=[box(5_000, 5_200, 6_000, 7_000)], crs=STORED_CRS)
    places = crowd(5_000, 5_000, 4, 50.0)
    (area,) = key_areas(points(places), np.full(4, 4.0), homes, LAND)
    assert area.nearest_m == pytest.approx(150, abs=0.5)


def test_the_nearer_to_receptors_and_the_heavier_the_higher_the_rank() -> None:
    places = [*crowd(3_000, 3_000, 9), *crowd(10_000, 10_000, 9), *crowd(16_000, 3_000, 16)]
    areas = found(places, 2.0, (3_100, 3_500), (10_100, 11_100))
    assert [int(area.sources[0]) for area in areas] == [0, 18, 9]  # 18 × 1.79, 32 × 1, 18 × 1.20
    assert [area.score for area in areas] == sorted((area.score for area in areas), reverse=True)


def test_what_a_key_grid_covers_is_not_suggested_again() -> None:
    places = [*crowd(5_000, 5_000, 12), *crowd(12_000, 12_000, 12)]
    taken = np.array([box(4_500, 4_500, 6_500, 6_500)])
    (area,) = key_areas(points(places), np.full(24, 2.0), receptors(), LAND, taken=taken)
    assert list(area.sources) == list(range(12, 24))


def test_an_outline_stays_inside_and_off_key_grids() -> None:
    places = crowd(0, 5_000, 12)
    taken = np.array([box(460, 4_000, 2_000, 7_000)])
    (area,) = key_areas(
        points([(x + 10, y) for x, y in places]), np.full(12, 4.0), receptors(), LAND, taken=taken
    )
    assert shapely.difference(area.area, LAND).area < 1e-14
    assert shapely.intersection(area.area, taken[0]).area < 1e-14


def test_no_more_than_asked_are_told() -> None:
    places = [each for at in range(5) for each in crowd(2_000 + 3_500 * at, 5_000, 9)]
    assert len(key_areas(points(places), np.full(45, 2.0), receptors(), LAND, most=3)) == 3


def test_where_there_is_nothing_nothing_is_suggested() -> None:
    assert found([], []) == []
    assert found([(50_000, 50_000)], 100.0) == []


@given(seed=st.integers(0, 10_000), count=st.integers(1, 80), schools=st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_outlines_are_valid_apart_and_hold_their_sources(seed: int, count: int, schools: int) -> None:
    rng = np.random.default_rng(seed)
    places = np.concatenate(
        [rng.uniform(0, 20_000, (count, 2)), rng.normal(rng.uniform(2_000, 18_000, 2), 400, (count, 2))]
    )
    weight = rng.choice([1.0, 2.0, 4.0], 2 * count)
    sources = points(places)
    near = receptors(*map(tuple, rng.uniform(0, 20_000, (schools, 2))))
    areas = key_areas(sources, weight, near, LAND)
    outlines = np.array([area.area for area in areas], dtype=object)
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(shapely.area(shapely.union_all(outlines)), abs=1e-14)
    together = np.concatenate([area.sources for area in areas]) if areas else np.zeros(0)
    assert len(np.unique(together)) == len(together)
    for area in areas:
        assert area.weight == weight[area.sources].sum()
        assert shapely.intersects(area.area, sources.geometry.to_numpy()[area.sources]).any()
        assert np.isnan(area.nearest_m) == (len(area.receptors) == 0)
    order = rng.permutation(2 * count)
    again = key_areas(sources.iloc[order].reset_index(drop=True), weight[order], near, LAND)
    assert [round(area.score, 6) for area in again] == [round(area.score, 6) for area in areas]
