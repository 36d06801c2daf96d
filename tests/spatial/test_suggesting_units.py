"""Unit grids suggested: they tile the owner, hang together, are even and compact, and can be adopted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.errors import InputError, WrongGeometry
from gisgrid.frames import STORED_CRS
from gisgrid.spatial import editing
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.suggesting.cell_graph import components
from gisgrid.spatial.suggesting.cells import MESH, VILLAGE, base_cells, weigh
from gisgrid.spatial.suggesting.compactness import polsby_popper
from gisgrid.spatial.suggesting.plans import UnitPlans, suggest_units
from gisgrid.spatial.suggesting.search import Effort
from tests.squares import ORIGIN, box, place

KM = 1000.0
QUICK = Effort(starts=2, moves_a_cell=40)


def spots(points_km: np.ndarray) -> gpd.GeoDataFrame:
    """Sources at places in kilometres."""
    return gpd.GeoDataFrame(geometry=place(shapely.points(points_km * KM)), crs=STORED_CRS)


def scattered(count: int, width_km: float, height_km: float, seed: int = 0) -> gpd.GeoDataFrame:
    """Sources anywhere in a rectangle."""
    return spots(np.random.default_rng(seed).uniform(0, (width_km, height_km), (count, 2)))


def ones(sources: gpd.GeoDataFrame) -> pd.Series:
    """A weight of 1 for each."""
    return pd.Series(1.0, index=sources.index)


def squares(columns: int, rows: int, side_km: float = 1.0) -> gpd.GeoDataFrame:
    """A board of villages."""
    side = side_km * KM
    shapes = [
        box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(rows) for x in range(columns)
    ]
    return gpd.GeoDataFrame(geometry=shapes, crs=STORED_CRS, index=pd.RangeIndex(100, 100 + len(shapes)))


def must_tile(found: UnitPlans, owner: shapely.Geometry, units: int) -> None:
    """What holds of any suggestion."""
    assert found.plans
    for plan in found.plans:
        assert len(plan.geometry) == units
        assert shapely.is_valid(plan.geometry).all()
        assert shapely.coverage_is_valid(plan.geometry)
        assert shapely.symmetric_difference(shapely.union_all(plan.geometry), owner).area < 1e-13
        assert plan.area_m2.sum() == pytest.approx(area_m2(np.array([owner]))[0], rel=1e-9)


def adopted(owner: shapely.Geometry, areas: np.ndarray) -> editing.Redrawn:
    """What an edit makes of a suggestion."""
    frame = gpd.GeoDataFrame(
        {
            "level": [1],
            "parent": pd.array([None], dtype="Int64"),
            "owner": pd.array([None], dtype="Int64"),
            "kind": ["administrative"],
            "name": ["镇"],
            "code": None,
        },
        geometry=[owner],
        crs=STORED_CRS,
        index=pd.Index([1], dtype="int64"),
    )
    return editing.adopt(frame, 1, list(areas))


@given(
    seed=st.integers(0, 1000),
    corners=st.integers(5, 30),
    hole=st.booleans(),
    island=st.booleans(),
    count=st.integers(0, 60),
    units=st.integers(1, 9),
)
@settings(max_examples=25, deadline=None)
def test_any_owner_is_tiled_by_units_in_one_piece_that_can_be_adopted(
    seed: int, corners: int, hole: bool, island: bool, count: int, units: int
) -> None:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = rng.uniform(2, 6, corners)
    ring = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1) * KM
    land: shapely.Geometry = shapely.Polygon(ring)
    if hole:
        land = shapely.difference(land, shapely.Point(0, 0).buffer(800, quad_segs=3))
    if island:
        land = shapely.union(land, shapely.box(7 * KM, 0, 7.8 * KM, 1.2 * KM))
    owner = place(land)
    sources = spots(rng.uniform(-6, 8, (count, 2)))
    found = suggest_units(owner, units, sources, ones(sources), effort=QUICK, seed=seed)
    must_tile(found, owner, units)
    for plan in found.plans:
        assert len(shapely.get_parts(plan.geometry)) <= units + len(shapely.get_parts(owner)) - 1
        assert np.all((plan.polsby_popper > 0) & (plan.polsby_popper <= 1))
        inside = shapely.intersects(owner, sources.geometry.to_numpy())
        if not found.is_by_area:
            assert plan.weight.sum() == inside.sum()
            held = [
                int(shapely.intersects(each, sources.geometry.to_numpy()).sum()) for each in plan.geometry
            ]
            assert np.array_equal(held, plan.weight)
        redrawn = adopted(owner, plan.geometry)
        assert len(redrawn.added) == units
        assert shapely.coverage_is_valid(np.array([each.geometry for each in redrawn.added]))


def test_even_sources_are_shared_out_evenly_and_compactly() -> None:
    sources = scattered(200, 10, 10)
    found = suggest_units(box(0, 0, 10 * KM, 10 * KM), 4, sources, ones(sources))
    assert found.plans[0].deviation <= 0.03
    assert max(plan.compactness for plan in found.plans) > 0.7
    assert len(found.plans) > 1


def test_what_one_spot_holds_bounds_the_deviation() -> None:
    stack = np.repeat([[2.0, 2.0]], 60, axis=0)
    sources = spots(np.concatenate([stack, np.random.default_rng(0).uniform(0, 10, (20, 2))]))
    found = suggest_units(box(0, 0, 10 * KM, 10 * KM), 4, sources, ones(sources), effort=QUICK)
    assert found.least_deviation == pytest.approx(60 / 20 - 1, abs=0.2)
    assert all(plan.deviation >= found.least_deviation - 1e-9 for plan in found.plans)


def test_the_same_seed_gives_the_same_plans() -> None:
    sources = scattered(50, 8, 5)
    first, second = (
        suggest_units(box(0, 0, 8 * KM, 5 * KM), 5, sources, ones(sources), effort=QUICK, seed=3)
        for _ in range(2)
    )
    assert len(first.plans) == len(second.plans)
    for one, other in zip(first.plans, second.plans, strict=True):
        assert shapely.equals_exact(one.geometry, other.geometry, 0).all()


def test_villages_stay_whole_where_there_are_enough() -> None:
    villages = squares(6, 5)
    sources = scattered(90, 6, 5)
    owner = shapely.union_all(villages.geometry.to_numpy())
    found = suggest_units(owner, 4, sources, ones(sources), villages=villages)
    must_tile(found, owner, 4)
    assert set(found.cells["kind"]) == {VILLAGE}
    assert set(found.cells["village"]) == set(villages.index)
    for plan in found.plans:
        shared = shapely.area(
            shapely.intersection(plan.geometry[:, None], villages.geometry.to_numpy()[None, :])
        )
        assert np.all((shared > 1e-12).sum(axis=0) == 1)


def test_few_villages_are_cut_and_their_borders_can_be_followed() -> None:
    villages = squares(2, 2, 5.0)
    sources = scattered(80, 10, 10)
    found = suggest_units(
        box(0, 0, 10 * KM, 10 * KM), 4, sources, ones(sources), villages=villages, effort=QUICK
    )
    must_tile(found, box(0, 0, 10 * KM, 10 * KM), 4)
    assert set(found.cells["kind"]) == {MESH}
    cross = shapely.boundary(villages.geometry.to_numpy())
    for cell in found.cells.geometry:
        assert not any(shapely.crosses(each, cell.buffer(-1e-7)) for each in cross)


def test_cells_end_at_a_river() -> None:
    river = place(shapely.LineString([(-1 * KM, 2.2 * KM), (4 * KM, 3.1 * KM), (11 * KM, 2.6 * KM)]))
    lines = gpd.GeoDataFrame(geometry=[river], crs=STORED_CRS)
    owner = box(0, 0, 10 * KM, 6 * KM)
    cells = base_cells(owner, lines=lines, count=120)
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())
    for cell in cells.geometry:
        assert not shapely.crosses(river, cell.buffer(-1e-7))
    sources = scattered(60, 10, 6)
    found = suggest_units(owner, 4, sources, ones(sources), lines=lines, effort=QUICK)
    must_tile(found, owner, 4)


def test_an_island_with_much_to_do_has_units_of_its_own_and_a_small_one_joins_the_mainland() -> None:
    mainland, large, small = (
        shapely.box(0, 0, 10 * KM, 6 * KM),
        shapely.box(12 * KM, 0, 16 * KM, 6 * KM),
        shapely.box(2 * KM, 7 * KM, 2.5 * KM, 7.4 * KM),
    )
    owner = place(shapely.MultiPolygon([mainland, large, small]))
    sources = pd.concat([scattered(60, 10, 6), spots(np.array([[13.0, 1], [15, 5]]).repeat(15, axis=0))])
    sources = gpd.GeoDataFrame(sources.reset_index(drop=True), crs=STORED_CRS)
    found = suggest_units(owner, 3, sources, ones(sources), effort=QUICK)
    must_tile(found, owner, 3)
    for plan in found.plans:
        over = place(large).buffer(-1e-9)
        assert sum(shapely.intersects(each, over) for each in plan.geometry) == 1
        assert len(shapely.get_parts(plan.geometry)) == 4


def test_a_cell_knows_what_it_weighs() -> None:
    cells = base_cells(box(0, 0, 2 * KM, 2 * KM), villages=squares(2, 2))
    sources = spots(np.array([[0.5, 0.5], [1.0, 0.5], [1.5, 1.5], [9, 9]]))
    weights = pd.Series([1.0, 2.0, 4.0, 8.0], index=sources.index)
    total = weigh(cells, sources, weights)
    assert total.sum() == 7.0  # one outside weighs nothing, one on an edge once
    assert sorted(total) in ([0.0, 0.0, 3.0, 4.0], [0.0, 1.0, 2.0, 4.0])


def test_crowded_land_has_finer_cells() -> None:
    crowd = spots(np.random.default_rng(1).normal((2, 2), 0.1, (200, 2)))
    owner = box(0, 0, 10 * KM, 10 * KM)
    plain, fine = base_cells(owner, count=200), base_cells(owner, spots=crowd, count=200)
    there = shapely.box(ORIGIN[0] + 0.02, ORIGIN[1] + 0.015, ORIGIN[0] + 0.028, ORIGIN[1] + 0.021)
    assert fine.intersects(there).sum() > 3 * plain.intersects(there).sum()


def test_a_square_scores_as_polsby_and_popper_say() -> None:
    assert polsby_popper(np.array([box(0, 0, KM, KM)]))[0] == pytest.approx(np.pi / 4, rel=1e-4)


def test_a_search_out_of_time_answers_with_what_it_has() -> None:
    sources = scattered(40, 10, 10)
    found = suggest_units(box(0, 0, 10 * KM, 10 * KM), 5, sources, ones(sources), is_over=lambda: True)
    must_tile(found, box(0, 0, 10 * KM, 10 * KM), 5)
    assert len(found.plans) == 1


@pytest.mark.parametrize("units", [0, 61])
def test_a_senseless_number_of_units_is_refused(units: int) -> None:
    sources = scattered(5, 1, 1)
    with pytest.raises(InputError, match="between 1 and 60"):
        suggest_units(box(0, 0, KM, KM), units, sources, ones(sources))


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        (shapely.Polygon([(123, 41), (123.1, 41.1), (123.1, 41), (123, 41.1)]), "not valid"),
        (shapely.Point(123, 41), "no polygon"),
        (shapely.MultiPolygon(), "no polygon"),
    ],
)
def test_land_that_is_none_is_refused(owner: shapely.Geometry, said: str) -> None:
    sources = scattered(5, 1, 1)
    with pytest.raises(WrongGeometry, match=said):
        suggest_units(owner, 4, sources, ones(sources))


def test_units_hang_together_by_their_cells() -> None:
    villages = squares(8, 8)
    sources = scattered(150, 8, 8)
    found = suggest_units(
        shapely.union_all(villages.geometry.to_numpy()), 7, sources, ones(sources), villages=villages
    )
    shapes = found.cells.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapes[first], shapes[second])) > 1e-6
    for plan in found.plans:
        same = shared & (plan.unit_of[first] == plan.unit_of[second])
        assert components(len(shapes), first[same], second[same]).max() + 1 == 7
