"""Mend a coverage: give every face to one grid, or propose to.

Level by level from the coarsest, the grids are taken apart into the faces of
their arrangement and put together again from the faces that are theirs, so that
neighbours share every vertex afterwards. Noise and slivers change hands at once;
wider findings only if their class is accepted, otherwise they are proposals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gisgrid.errors import GisgridError
from gisgrid.frames import STORED_CRS, GridFrame, SizeClass
from gisgrid.spatial.arrangement import SAME_PLACE_DEG
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.edges import Geometries, share_vertices
from gisgrid.spatial.findings import Tolerances, is_wide_enough
from gisgrid.spatial.handover import Handover
from gisgrid.spatial.matching import INSERTED
from gisgrid.spatial.nest import Nest
from gisgrid.text import Text

APPLIED_AT_ONCE = frozenset({SizeClass.NOISE, SizeClass.SLIVER})


class RepairFailed(GisgridError):
    """The mended coverage does not keep what a repair must keep."""


@dataclass(frozen=True)
class Repair:
    """A mended hierarchy and what was done to it.

    Attributes
    ----------
    grids : GridFrame
        The same ids, codes and names; geometry mended, neighbours edge-matched.
    steps : GeoDataFrame
        One row a finding: `child_level`, `kind`, `parent`, `owners`, `size_class`,
        `area_m2`, `width_m`, `receiver` (Int64: who gets the land; <NA>: nobody,
        it is cut off, or nobody adjoins it), `action` ("give", "cut", "reparent",
        "none"), `applied` (bool), geometry. Noise counts as one row a finding too.
    """

    grids: GridFrame
    steps: gpd.GeoDataFrame


def repair(
    grids: GridFrame,
    *,
    accept: Collection[SizeClass] = APPLIED_AT_ONCE,
    tolerances: Tolerances | None = None,
    allowed_gaps: Geometries | None = None,
) -> Repair:
    """Mend every level, coarse to fine.

    A gap goes to the child of its parent with the longest shared border, never
    to the outside; an overlap to the claimant with the longest border, if it can
    be one whose parent's land it is; a protrusion is cut off; mis-nested land goes
    to the neighbour that belongs there, and a grid that lies mostly in another
    parent changes its parent. Each level is looked at again until nothing changes.

    Parameters
    ----------
    grids : GridFrame
        EPSG:4490.
    accept : collection of SizeClass
        Classes that are applied; all others are proposed.
    tolerances : Tolerances, optional
    allowed_gaps : ndarray of polygons, optional
        Gaps mostly inside them are left alone and not proposed.

    Returns
    -------
    Repair

    Raises
    ------
    RepairFailed
        If a grid would vanish, or a level would not add up to its parents.
    """
    tolerances = tolerances or Tolerances()
    # What the files lacked is theirs for good once the grids are drawn anew.
    mended = grids.drop(columns=INSERTED, errors="ignore")
    levels = sorted(mended["level"].unique())
    steps, left = [], []
    for above, level in zip([None, *levels], levels, strict=False):
        _unify_vertices(mended)
        children = mended[mended["level"] == level]
        if above is None and len(levels) > 1 and len(children) == 1:
            continue
        parents = None if above is None else mended[mended["level"] == above]
        handover = Handover.of(
            Nest.of(parents, children),
            tolerances,
            allowed_gaps,
            # What the coarsest of several levels encloses is outside the plan.
            fills_holes=above is not None or len(levels) == 1,
        )
        handover.settle(accept)
        mended.loc[children.index, "geometry"] = gpd.GeoSeries(
            handover.rebuilt(), index=children.index, crs=STORED_CRS
        )
        for child, parent in handover.moved.items():
            mended.loc[child, "parent"] = parent
        steps.append(handover.table())
        left += [*handover.excused, *(step["geometry"] for step in handover.steps if not step["applied"])]
    _share_vertices(mended)
    _assert_whole(grids, mended)
    _assert_adds_up(mended, np.array(left, dtype=object), tolerances)
    return Repair(mended, gpd.GeoDataFrame(pd.concat(steps, ignore_index=True), crs=STORED_CRS))


def _share_vertices(grids: GridFrame) -> None:
    """Give every grid of every level the vertices that others have on its edges, in place."""
    _unify_vertices(grids)
    _redraw(grids, share_vertices([grids.geometry.to_numpy()], SAME_PLACE_DEG, snap=True)[0])


def _redraw(grids: GridFrame, geometry: Geometries) -> None:
    """Take new geometry where it is valid."""
    whole = shapely.is_valid(geometry)
    rows = grids.index[whole]
    grids.loc[rows, "geometry"] = gpd.GeoSeries(geometry[whole], index=rows, crs=STORED_CRS)


def _unify_vertices(grids: GridFrame) -> None:
    """Make vertices equal that are one place but for a rounding, in place.

    Where edges cross, the crossing of one level is not to the last bit the vertex of the next.
    """
    polygons = grids.geometry.to_numpy()
    coordinates = np.ascontiguousarray(shapely.get_coordinates(polygons)).view(np.complex128).ravel()
    places, of = np.unique(coordinates, return_inverse=True)
    vertices = places.view(np.float64).reshape(-1, 2)
    pairs = cKDTree(vertices).query_pairs(SAME_PLACE_DEG, output_type="ndarray")
    if not len(pairs):
        return
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(vertices), len(vertices)))
    place = connected_components(links, directed=False)[1]
    first = np.unique(place, return_index=True)[1]
    moved = shapely.set_coordinates(polygons.copy(), vertices[first[place]][of])
    _redraw(grids, shapely.remove_repeated_points(moved, 0.0))


def _assert_whole(before: GridFrame, after: GridFrame) -> None:
    geometry = after.geometry.to_numpy()
    broken: Iterable[int] = after.index[shapely.is_empty(geometry) | ~shapely.is_valid(geometry)]
    if list(broken) or not after.index.equals(before.index):
        raise RepairFailed(
            Text(
                zh="修复后有网格为空或无效，已放弃修复。",
                en="After the repair some grids would be empty or invalid; nothing was changed.",
            ),
            where=", ".join(str(grid) for grid in broken),
            todo=Text(
                zh="请先按 gisgrid audit 的清单人工处理这些网格。",
                en="Settle these grids by hand first, from the list that gisgrid audit gives.",
            ),
        )


def _assert_adds_up(grids: GridFrame, left: Geometries, tolerances: Tolerances) -> None:
    """Whether every level covers its parents exactly once, but for what was left alone."""
    known = shapely.union_all(left)
    for coverage in audit_levels(grids, tolerances=tolerances):
        findings = coverage.findings
        rest = shapely.difference(findings.geometry.to_numpy(), known)
        unknown = findings[is_wide_enough(rest, tolerances)]
        if len(unknown):
            raise RepairFailed(
                Text(
                    zh="修复后有一级网格与其上级不吻合，已放弃修复。",
                    en="After the repair a level would not add up to its parents; nothing was changed.",
                ),
                where="; ".join(
                    f"{row.kind} {row.area_m2:.0f} m², level {row.child_level}"
                    for row in unknown.head(5).itertuples()
                ),
                todo=Text(
                    zh="请先按 gisgrid audit 的清单人工处理这些位置。",
                    en="Settle these places by hand first, from the list that gisgrid audit gives.",
                ),
            )
