"""Hairlines that an audit leaves out: gathered by whom they concern, and mended at every level."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.editing.mending import Defect, mend
from gisgrid.spatial.noise import noise
from tests.spatial.test_editing import (
    CITY,
    EAST,
    KM,
    WEST,
    A,
    B,
    C,
    D,
    E,
    applied,
    area,
    must_be_whole,
    region,
)
from tests.squares import place


def levels(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Those that an audit looks at."""
    return grids[grids["kind"] == "administrative"]


def redrawn(grids: gpd.GeoDataFrame, shapes: Mapping[int, shapely.Geometry]) -> gpd.GeoDataFrame:
    """The grids with some of other shapes."""
    for grid, shape in shapes.items():
        grids.loc[[grid], "geometry"] = gpd.GeoSeries([shape], index=[grid], crs=STORED_CRS)
    return grids


def outline(*places_km: tuple[float, float]) -> shapely.Polygon:
    """A polygon through places in kilometres."""
    return place(shapely.Polygon([(x * KM, y * KM) for x, y in places_km]))


def mended(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All noise mended, the coarsest level first."""
    for row in noise(levels(grids)).sort_values("child_level", kind="stable").itertuples():
        parent = None if pd.isna(row.parent) else int(row.parent)
        around = tuple(grid for grid, _ in row.neighbours)
        defect = Defect(str(row.kind), row.geometry, parent, row.owners, around, is_slight=True)
        grids = applied(grids, mend(grids, defect))
    return grids


def test_a_clean_coverage_has_no_noise() -> None:
    assert len(noise(levels(region()))) == 0


def test_a_boundary_drawn_twice_is_one_finding_a_kind() -> None:
    swings = [(5 + 0.00004 * (-1) ** at, at / 2) for at in range(1, 20)]
    wavy = outline((0, 0), (5, 0), *swings, (5, 10), (0, 10))
    grids = redrawn(region(), {A: wavy})
    assert all(len(each.findings) == 0 for each in audit_levels(levels(grids)))
    found = noise(levels(grids))
    assert sorted(found["kind"]) == ["gap", "overlap"]
    assert set(found["size_class"]) == {"noise"}
    assert found["pieces"].sum() == 19
    assert found["width_m"].max() < 0.1
    assert found["area_m2"].sum() == pytest.approx(10_000 * 0.02, rel=0.1)
    after = mended(grids)
    assert len(noise(levels(after))) == 0
    must_be_whole(after)


@pytest.mark.parametrize("by_km", [0.0001, -0.0001], ids=["overlap", "gap"])
def test_finer_levels_follow_noise_between_their_parents(by_km: float) -> None:
    edge = 10 + by_km
    west = outline((0, 0), (5, 0), (edge, 0), (edge, 10), (5, 10), (0, 10))
    grids = redrawn(region(), {WEST: west, B: area(5, 0, edge, 10)})
    found = noise(levels(grids))
    assert (found["child_level"] == 2).any()
    after = mended(grids)
    assert len(noise(levels(after))) == 0
    must_be_whole(after)


def test_noise_beyond_the_whole_plan_is_cut_at_every_level() -> None:
    edge = 20.0001
    east = outline((10, 0), (15, 0), (edge, 0), (edge, 10), (15, 10), (10, 10), (10, 5))
    grids = redrawn(region(), {EAST: east, E: outline((15, 0), (edge, 0), (edge, 10), (15, 10), (15, 5))})
    after = mended(grids)
    assert len(noise(levels(after))) == 0
    assert np.allclose(after.geometry[CITY].area, region().geometry[CITY].area, rtol=1e-12)
    must_be_whole(after)


def test_a_side_that_is_not_divided_takes_no_townships_along() -> None:
    grids = redrawn(region(), {WEST: area(0, 0, 10.0001, 10), B: area(5, 0, 10.0001, 10)})
    grids = grids.drop(index=[C, D, E, *grids.index[grids["owner"] == E]])
    after = mended(grids)
    assert len(noise(levels(after))) == 0


def test_a_rounding_is_no_noise() -> None:
    grids = redrawn(region(), {A: area(0, 0, 5.0000001, 10)})
    assert len(noise(levels(grids))) == 0
