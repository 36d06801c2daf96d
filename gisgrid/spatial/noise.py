"""What an audit leaves out as too narrow to matter: hairlines along boundaries, gathered to be mended.

A boundary that was digitised twice, or rounded, crosses itself hundreds of times, a
centimetre apart. One by one these say nothing; together they are one defect of two
grids, with one remedy.
"""

from __future__ import annotations

from collections.abc import Hashable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.frames import STORED_CRS, FindingFrame, FindingKind, GridFrame, SizeClass, empty_findings
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.findings import Tolerances, is_wide_enough
from gisgrid.spatial.merging import SPIKE_DEG

PIECES = "pieces"
"""The column that says of how many pieces a finding of noise is made up."""

_ALL = Tolerances(noise_width_m=0.0, min_area_m2=0.0)


def noise(grids: GridFrame, *, tolerances: Tolerances | None = None) -> FindingFrame:
    """The findings that an audit leaves out as noise, one row for all of a kind between the same grids.

    Parameters
    ----------
    grids : GridFrame
        All levels of one plan, EPSG:4490.
    tolerances : Tolerances, optional
        What counts as noise.

    Returns
    -------
    FindingFrame
        Largest first, `size_class` noise, with a column `pieces`; the geometry is all of
        them, `area_m2` their sum, `width_m` that of the widest. Gaps and mis-nested land
        are of the same grids if the same sibling would get them. What is no wider than a
        rounding of the coordinates (0.2 mm) is left out.
    """
    each = [audited.findings for audited in audit_levels(grids, tolerances=_ALL)]
    found = gpd.GeoDataFrame(pd.concat(each, ignore_index=True), crs=STORED_CRS)
    geometry = found.geometry.to_numpy()
    slight = shapely.area(geometry) > SPIKE_DEG * shapely.length(geometry)
    slight[slight] = ~is_wide_enough(geometry[slight], tolerances or Tolerances())
    found = found[slight].reset_index(drop=True)
    if found.empty:
        return empty_findings().assign(**{PIECES: pd.Series(dtype="int64")})
    found["size_class"] = SizeClass.NOISE
    concerned = [_concerned(row, grids["parent"]) for row in found.itertuples()]
    number = pd.Series(pd.factorize(pd.Series(concerned, dtype=object))[0], index=found.index)
    found = found.sort_values("area_m2", ascending=False, kind="stable")
    by = found.groupby(number[found.index], sort=False)
    gathered = by.head(1).copy()
    gathered[PIECES] = by.size().to_numpy()
    gathered["area_m2"] = by["area_m2"].sum().to_numpy()
    gathered["width_m"] = by["width_m"].max().to_numpy()
    shapes = [shapely.multipolygons(np.array(list(part), dtype=object)) for _, part in by["geometry"]]
    gathered = gathered.set_geometry(gpd.GeoSeries(shapes, index=gathered.index, crs=STORED_CRS))
    gathered = gathered.sort_values("area_m2", ascending=False, kind="stable")
    gathered.index = pd.RangeIndex(1, len(gathered) + 1, name="finding")
    return gathered


def _concerned(row: object, parent_of: pd.Series) -> Hashable:
    """What findings have in common that are mended together."""
    kind, parent, owners = row.kind, row.parent, row.owners  # type: ignore[attr-defined]
    whose = None if pd.isna(parent) else int(parent)
    heir = None
    if kind in (FindingKind.GAP, FindingKind.MISNESTED):
        near = (grid for grid, _ in row.neighbours)  # type: ignore[attr-defined]
        heir = next((grid for grid in near if _is(parent_of.get(grid), whose)), None)
    return (str(kind), int(row.child_level), whose, tuple(owners), heir)  # type: ignore[attr-defined]


def _is(parent: object, whose: int | None) -> bool:
    return whose is None if pd.isna(parent) else parent == whose  # type: ignore[call-overload]
