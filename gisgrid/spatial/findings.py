"""From faces with a defect to findings: merged, measured, classed, with their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.crs import geometries_from_lonlat, metric_crs_each
from gisgrid.frames import STORED_CRS, FindingFrame, FindingKind, SizeClass, empty_findings
from gisgrid.spatial.arrangement import DUST_DEG2, Faces
from gisgrid.spatial.edges import Floats, Geometries
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.merging import merge_faces
from gisgrid.spatial.nest import NO_PARENT, Nest

WIDTH_PRECISION = 1.005
"""Upper over lower bound of a width at which the search for it ends."""

STRIP_SHAPE = 1.2
"""A polygon whose inscribed radius is less than this times its area over its perimeter is a strip."""

TOUCH_M = 0.02
"""Two outlines closer than this run along each other (a fifth of the narrowest width that is looked at)."""

STRAIGHT_DEG = 0.005
"""Longest edge that is taken as straight in a metric CRS: it bends by 3 mm at most."""

LONGEST_DEGREE_M = 111_700.0
"""No degree on the ellipsoid is longer, along a meridian or a parallel."""

TOUCH_DEG = 3e-7
"""Rather more than `TOUCH_M`, in degrees: for looking up candidates only."""


@dataclass(frozen=True)
class Tolerances:
    """What is too small to matter, and where the size classes begin.

    Findings narrower than `noise_width_m` or not larger than `min_area_m2` are
    noise; from there on `sliver`, from `sliver_width_m` on `strip`, from
    `strip_width_m` on `real`.
    """

    noise_width_m: float = 0.2
    sliver_width_m: float = 5.0
    strip_width_m: float = 50.0
    min_area_m2: float = 0.5

    def size_class(self, width_m: Floats) -> NDArray[np.object_]:
        """The class of each width; noise is what `is_wide_enough` has already refused."""
        return np.select(
            [width_m < self.sliver_width_m, width_m < self.strip_width_m],
            [SizeClass.SLIVER, SizeClass.STRIP],
            SizeClass.REAL,
        ).astype(object)


@dataclass(frozen=True)
class Found:
    """Findings, how many were noise, and how much gap was allowed."""

    findings: FindingFrame
    noise: Mapping[FindingKind, int]
    allowed_area_m2: float


def in_metres(geometries: Geometries, places: Geometries | None = None) -> Geometries:
    """Each geometry in the metric CRS of its own place, or of the one beside it in `places`.

    Lines that are straight in lon/lat stay so: they get vertices close enough for
    the plane's bend between two (3 mm) to be far less than any width that matters.
    """
    flat = np.empty(len(geometries), dtype=object)
    if not len(geometries):
        return flat
    bounds = shapely.bounds(geometries if places is None else places)
    crs = metric_crs_each((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    dense = shapely.segmentize(geometries, STRAIGHT_DEG)
    for each in np.unique(crs):
        at = np.flatnonzero(crs == each)
        flat[at] = geometries_from_lonlat(dense[at], str(each))
    return flat


def is_wide_enough(geometries: Geometries, tolerances: Tolerances) -> NDArray[np.bool_]:
    """Whether each lon/lat polygon is more than noise, by area and by width."""
    area = area_m2(geometries)
    wide: NDArray[np.bool_] = area > tolerances.min_area_m2
    asked = np.flatnonzero(wide & (area < 2 * _rim_m2(geometries, tolerances.noise_width_m / 2)))
    if len(asked):
        eroded = shapely.buffer(in_metres(geometries[asked]), -tolerances.noise_width_m / 2, quad_segs=4)
        wide[asked] = ~shapely.is_empty(eroded)
    return wide


def _rim_m2(geometries: Geometries, depth_m: float) -> Floats:
    """What the land of each lon/lat polygon within a depth of its outline does not exceed."""
    along_m2 = depth_m * LONGEST_DEGREE_M * shapely.length(geometries)
    return np.asarray(along_m2 + np.pi * depth_m**2 * shapely.get_num_coordinates(geometries))


def width_m(geometries: Geometries) -> Floats:
    """The diameter of the largest circle inside each lon/lat polygon, in metres, to half a percent.

    Found by shrinking: the circle's radius is where the polygon vanishes. Area
    over perimeter is a lower bound, the radius of the circle of the same area an
    upper one. GEOS's own inscribed circle gives up early on long strips (2 % short
    on 1,086 m by 1 m), its buffer simplifies jagged outlines (up to 2 % short); so
    what is no strip is tried both ways, and the wider circle counts.
    """
    flat = in_metres(geometries)
    area = shapely.area(flat)
    low = area / np.maximum(shapely.length(flat), 1e-9)
    high = np.sqrt(area / np.pi)
    step = low * 1.1
    for _ in range(60):
        open_ = np.flatnonzero(high > low * WIDTH_PRECISION)
        if not len(open_):
            break
        radius = np.minimum(step[open_], np.sqrt(low[open_] * high[open_]))
        remains = ~shapely.is_empty(shapely.buffer(flat[open_], -radius, quad_segs=16))
        low[open_] = np.where(remains, radius, low[open_])
        high[open_] = np.where(remains, high[open_], radius)
        step[open_] = np.where(remains, radius * 2, np.inf)  # most are strips, hardly wider than the bound
    radius = (low + high) / 2
    for compact in np.flatnonzero(radius > STRIP_SHAPE * area / np.maximum(shapely.length(flat), 1e-9)):
        circle = shapely.maximum_inscribed_circle(flat[compact], tolerance=0.0025 * radius[compact])
        radius[compact] = max(radius[compact], shapely.length(circle))
    return np.asarray(2 * radius, dtype=np.float64)


def findings_from_faces(
    faces: Faces,
    defects: pd.DataFrame,
    nest: Nest,
    *,
    tolerances: Tolerances,
    allowed_gaps: Geometries | None,
) -> Found:
    """Merge faces of one kind, parent and owners where they share an edge, and measure them.

    Parameters
    ----------
    faces, defects
        As in `merge_faces`.
    nest : Nest
        The grids that the faces are made of.
    tolerances : Tolerances
    allowed_gaps : ndarray of polygons or None

    Returns
    -------
    Found
    """
    if defects.empty:
        return Found(empty_findings(), dict.fromkeys(FindingKind, 0), 0.0)
    merged = merge_faces(faces, defects).explode(ignore_index=True)
    merged = merged[shapely.area(merged.geometry.to_numpy()) > DUST_DEG2].reset_index(drop=True)
    merged, allowed_area_m2 = _excuse(merged, allowed_gaps)
    wide = is_wide_enough(merged.geometry.to_numpy(), tolerances)
    noise = merged.loc[~wide, "kind"].value_counts()
    frame = merged[wide].copy()
    counts = {kind: int(noise.get(kind, 0)) for kind in FindingKind}
    if frame.empty:
        return Found(empty_findings(), counts, allowed_area_m2)
    geometry = frame.geometry.to_numpy()
    frame["area_m2"] = area_m2(geometry)
    frame["width_m"] = width_m(geometry)
    frame["size_class"] = tolerances.size_class(frame["width_m"].to_numpy())
    frame["neighbours"] = _neighbours(frame, nest)
    frame["enclosed"] = _enclosed(frame, nest)
    frame["parent"] = frame["parent"].replace(NO_PARENT, pd.NA).astype("Int64")
    frame["parent_level"] = pd.array([nest.parent_level] * len(frame), dtype="Int64")
    frame["child_level"] = nest.child_level
    frame = frame.sort_values(["area_m2"], ascending=False, kind="stable")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="finding")
    return Found(frame[list(empty_findings().columns)], counts, allowed_area_m2)


def _excuse(frame: gpd.GeoDataFrame, allowed_gaps: Geometries | None) -> tuple[gpd.GeoDataFrame, float]:
    """Take allowed land out of the gaps; what is left of a gap may fall apart."""
    gaps = (frame["kind"] == FindingKind.GAP).to_numpy()
    if allowed_gaps is None or not len(allowed_gaps) or not gaps.any():
        return frame, 0.0
    before = frame.geometry.to_numpy()[gaps]
    after = shapely.difference(before, shapely.union_all(allowed_gaps))
    left = frame[gaps].set_geometry(gpd.GeoSeries(after, index=frame.index[gaps], crs=STORED_CRS))
    left = left.explode(index_parts=False)
    left = left[(left.geom_type == "Polygon") & (shapely.area(left.geometry.to_numpy()) > DUST_DEG2)]
    kept = pd.concat([frame[~gaps], left], ignore_index=True)
    return gpd.GeoDataFrame(kept, crs=STORED_CRS), float(area_m2(before).sum() - area_m2(after).sum())


def _along(finding: Geometries, other: Geometries) -> Floats:
    """How many metres of each finding's outline run along the other geometry, pair by pair."""
    margin = TOUCH_DEG * np.array([-4, -4, 4, 4])
    # Not clip_by_rect, which may answer with the whole rectangle where a polygon only touches it.
    near = shapely.intersection(other, shapely.box(*(shapely.bounds(finding) + margin).T))
    outline = shapely.boundary(in_metres(finding))
    touch = shapely.buffer(in_metres(near, places=finding), TOUCH_M, join_style="bevel")
    return np.asarray(shapely.length(shapely.intersection(outline, touch)), dtype=np.float64)


def _neighbours(frame: gpd.GeoDataFrame, nest: Nest) -> pd.Series:
    """The children around each finding, with their share of its outline, longest first."""
    geometry = frame.geometry.to_numpy()
    finding, child = shapely.STRtree(nest.children).query(geometry, predicate="dwithin", distance=TOUCH_DEG)
    owners = frame["owners"].to_numpy()
    ids = nest.child_ids[child]
    foreign = np.array([grid not in owners[at] for at, grid in zip(finding, ids, strict=True)], dtype=bool)
    finding, child, ids = finding[foreign], child[foreign], ids[foreign]
    shared_m = _along(geometry[finding], nest.children[child])
    perimeter_m = shapely.length(in_metres(geometry))
    found: list[list[tuple[int, float]]] = [[] for _ in geometry]
    for at, grid, length in zip(finding, ids, shared_m, strict=True):
        if length > 10 * TOUCH_M:
            found[at].append((int(grid), min(1.0, float(length / perimeter_m[at]))))
    ordered = [tuple(sorted(each, key=lambda pair: (-pair[1], pair[0]))) for each in found]
    return pd.Series(ordered, index=frame.index, dtype=object)


def _enclosed(frame: gpd.GeoDataFrame, nest: Nest) -> pd.Series:
    """Whether a gap stays clear of its parent's outline; <NA> for other kinds."""
    enclosed = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    gaps = (frame["kind"] == FindingKind.GAP).to_numpy()
    if nest.parent_level is None:
        enclosed[gaps] = True
        return enclosed
    position = pd.Index(nest.parent_ids).get_indexer(frame.loc[gaps, "parent"])
    outline = shapely.boundary(nest.parents[position])
    enclosed[gaps] = _along(frame.geometry.to_numpy()[gaps], outline) <= 10 * TOUCH_M
    return enclosed
