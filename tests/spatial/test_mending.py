"""Defects mended one by one: the audit no longer finds them, and everything else stays."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from gisgrid.frames import STORED_CRS, FindingFrame
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.editing.mending import Defect, mend, remedy
from tests.spatial.test_editing import EAST, WEST, A, B, C, applied, area, must_be_whole, region


def changed(grid: int, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    """The region with one grid of another shape."""
    grids = region()
    grids.loc[[grid], "geometry"] = gpd.GeoSeries([shape], index=[grid], crs=STORED_CRS)
    return grids


def findings(grids: gpd.GeoDataFrame) -> FindingFrame:
    """What an audit of the township level finds."""
    return audit_levels(grids[grids["kind"] == "administrative"])[-1].findings


def defects(grids: gpd.GeoDataFrame) -> list[Defect]:
    """The same, as they are mended."""
    return [
        Defect(
            str(row.kind),
            row.geometry,
            None if pd.isna(row.parent) else int(row.parent),
            row.owners,
            tuple(grid for grid, _ in row.neighbours),
        )
        for row in findings(grids).itertuples()
    ]


def test_a_gap_goes_to_the_neighbour_with_the_longest_border() -> None:
    grids = changed(A, area(0, 0, 4.5, 10))
    (gap,) = defects(grids)
    assert remedy(grids, gap).receiver in (A, B)
    must_be_whole(applied(grids, mend(grids, gap)))


def test_an_overlap_stays_with_one_claimant() -> None:
    grids = changed(A, area(0, 0, 5.2, 10))
    (overlap,) = defects(grids)
    must_be_whole(applied(grids, mend(grids, overlap)))


def test_what_protrudes_is_cut_off() -> None:
    grids = changed(A, shapely.union(area(0, 0, 5, 10), area(-0.5, 4, 0, 5)))
    (beyond,) = defects(grids)
    assert remedy(grids, beyond).action == "cut"
    must_be_whole(applied(grids, mend(grids, beyond)))


def test_misnested_land_goes_where_it_belongs() -> None:
    grids = changed(B, shapely.union(area(5, 0, 10, 10), area(10, 1, 10.5, 2)))
    for _ in range(3):
        found = defects(grids)
        if not found:
            break
        grids = applied(grids, mend(grids, found[0]))
    must_be_whole(grids)


def test_a_grid_in_another_parent_changes_its_parent() -> None:
    grids = region()
    grids.loc[C, "parent"] = WEST
    found = [each for each in defects(grids) if each.kind == "misnested"]
    chosen = remedy(grids, found[0])
    assert (chosen.action, chosen.receiver) == ("reparent", EAST)
    must_be_whole(applied(grids, mend(grids, found[0])))
