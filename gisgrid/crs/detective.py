"""Which coordinate system makes the data fall where they must, with the evidence.

Nothing is guessed: where the evidence cannot tell two readings apart the verdict
is "unresolved" and lists them. Two kinds of rival are listed but do not hold up a
verdict, because no register could be told apart from them: datums long out of
use (WGS 72), and readings nearer than twice the accuracy that PROJ itself states
for the two (NAD83 and its HARN, 1.1 m apart). Where PROJ knows no transformation,
as for Xian 1980 and Beijing 1954, a rival stays a rival however near it seems.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.stats import binom
from shapely.geometry import MultiPolygon, Polygon

from gisgrid.crs.candidates import Bounds, Placement, are_degrees, plausible, readings
from gisgrid.crs.evidence import Fit, conclude, without_evidence
from gisgrid.crs.names import normalise, title
from gisgrid.crs.tiling import Misfit, Tiling, outline_of
from gisgrid.crs.transform import to_lonlat
from gisgrid.crs.verdict import CrsStatus, Verdict
from gisgrid.text import Text

SIGNIFICANCE = 0.01
"""One-sided: how rarely a reading as good as the best would lose its points of disagreement this badly."""

_SCREENED = 400
_SCORED = 20_000
_COMPARED_OUTLINES = 10
_FEWEST_STATED = 10
_MANY_VERTICES = 200_000

_Coordinates: TypeAlias = NDArray[np.float64]
_Polygons: TypeAlias = NDArray[np.object_]
_PointFits: TypeAlias = NDArray[np.int8]  # of each row: 1 for the region, 1 more for the stated grid


def detect_points(
    x: _Coordinates,
    y: _Coordinates,
    region: Polygon | MultiPolygon | None,
    *,
    declared: str | None,
    by_format: bool,
    stated: _Polygons | None = None,
) -> Verdict:
    """Find the CRS of points from where they fall.

    Parameters
    ----------
    x, y : ndarray of n
        Raw coordinates. NaN, infinities and 0/0 are passed over.
    region : Polygon or MultiPolygon or None
        Where the points must lie, EPSG:4490.
    declared : str or None
        What the file says of itself.
    by_format : bool
        The declaration comes from the format alone, and is suspect.
    stated : ndarray of n polygons, optional
        The grid that each row states, EPSG:4490, or None.

    Returns
    -------
    Verdict
        DECLARED where the file declares a CRS itself; the evidence then warns
        if another reading fits clearly better. Else DETECTED where one reading

        - fits: at least half of the rows that state a grid lie in it; where
          fewer than 10 state one, half of all rows lie in the region, or four
          fifths if the coordinates are projected, because a plane that is not in
          PROJ's database may fall half inside by chance;
        - and beats every rival: by a sign test over the distinct points where
          the two differ in how well they fit (p < 0.01, one-sided, exact), or
          because the rival places nothing in the region.

        Else UNRESOLVED, with those that are not beaten, best first; `crs` is
        the declared one if by format and not beaten, otherwise None. BY_FORMAT
        where there is nothing to compare with.

    Raises
    ------
    UnknownCrs
        If `declared` is not a CRS.

    Notes
    -----
    Readings are screened on 400 points and scored on at most 20,000, spread evenly over the rows.
    """
    declared = normalise(declared) if declared else None
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0)))
    if region is None or region.is_empty or not rows.size:
        return without_evidence(declared, by_format)
    rows = _scored(rows, stated)
    first, second = x[rows], y[rows]
    polygons = np.full(rows.size, None, dtype=object) if stated is None else stated[rows]
    shapely.prepare(region)
    shapely.prepare(polygons[~shapely.is_missing(polygons)])
    screened = _evenly(rows.size, _SCREENED)
    cheaply = declared is not None and not by_format and not are_degrees(first, second)
    placements = _placements(first[screened], second[screened], region.bounds, declared, cheaply)
    fits = [_point_fit(each, first, second, region, polygons) for each in placements]
    fits.sort(key=lambda fit: -int(fit.measure.sum()))
    distinct = _distinct(first, second, polygons)

    def beats(best: Fit[_PointFits], rival: Fit[_PointFits]) -> bool:
        wins = _wins_sign_test(best.measure[distinct], rival.measure[distinct])
        return wins or best.inside > rival.inside == 0.0

    return conclude(fits, beats, region.bounds, declared, by_format)


def detect_polygons(
    geometries: _Polygons,
    reference: Polygon | MultiPolygon | None,
    *,
    declared: str | None,
    by_format: bool,
) -> Verdict:
    """Find the CRS of a level of polygons from how they fill a level whose CRS is known.

    Parameters
    ----------
    geometries : ndarray of n polygons
        In raw coordinates.
    reference : Polygon or MultiPolygon or None
        The parent level, or any other level, EPSG:4490.
    declared, by_format
        As `detect_points`.

    Returns
    -------
    Verdict
        As `detect_points`. A reading fits if half of the smaller outline lies
        in the larger. It beats a rival whose misfit is at least three times as
        large, and larger by a strip of 0.5 m along the outline; or one that
        brings at most a third as many of 400 vertices of the outline onto the
        reference's boundary (within 0.5 m), if it brings 20 itself. The misfit
        is twice the smaller of the areas that stick out and that are missing:
        the symmetric difference, less what a level that fills a part of its
        parent must lack.

    Raises
    ------
    UnknownCrs
        If `declared` is not a CRS.

    Notes
    -----
    A file's own declaration of a projected CRS, or of a large level, is only
    checked to place something near the reference: comparing outlines takes a
    while at national size.
    """
    declared = normalise(declared) if declared else None
    vertices = shapely.get_coordinates(geometries)
    vertices = vertices[np.isfinite(vertices).all(axis=1)]
    if reference is None or reference.is_empty or not len(vertices):
        return without_evidence(declared, by_format)
    first, second = vertices[_evenly(len(vertices), _SCREENED)].T
    is_large = len(vertices) > _MANY_VERTICES or not are_degrees(first, second)
    cheaply = declared is not None and not by_format and is_large
    placements = _placements(first, second, reference.bounds, declared, cheaply)
    placements.sort(key=lambda each: (each.name != declared, -int(each.nearby.sum())))
    placements = placements[:_COMPARED_OUTLINES]
    if cheaply and [each.name for each in placements] == [declared]:
        return Verdict(CrsStatus.DECLARED, declared, (), _believed(placements[0]))
    tiling = Tiling(outline_of(geometries), reference)
    fits = [fit for each in placements if (fit := _polygon_fit(each, tiling)) is not None]
    fits.sort(key=lambda fit: fit.measure.difference_m2)
    return conclude(
        fits, lambda one, other: one.measure.beats(other.measure), reference.bounds, declared, by_format
    )


def _evenly(count: int, at_most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, at_most)).round().astype(np.int64))


def _scored(rows: NDArray[np.int64], stated: _Polygons | None) -> NDArray[np.int64]:
    if rows.size <= _SCORED or stated is None:
        return rows[_evenly(rows.size, _SCORED)]
    # Rows that state a grid say most: half of the places are theirs.
    states = ~shapely.is_missing(stated[rows])
    parts = [rows[states], rows[~states]]
    return np.sort(np.concatenate([part[_evenly(part.size, _SCORED // 2)] for part in parts if part.size]))


def _placements(
    first: _Coordinates, second: _Coordinates, bounds: Bounds, declared: str | None, cheaply: bool
) -> list[Placement]:
    if declared and cheaply:
        only = plausible([declared], first, second, bounds, keep=declared)
        if only and only[0].nearby.any():
            return only
    return plausible(readings(first, second, bounds, declared), first, second, bounds, keep=declared)


def _point_fit(
    placement: Placement,
    first: _Coordinates,
    second: _Coordinates,
    region: Polygon | MultiPolygon,
    polygons: _Polygons,
) -> Fit[_PointFits]:
    lon, lat = to_lonlat(first, second, placement.name)
    inside = shapely.intersects_xy(region, lon, lat)
    in_stated = shapely.intersects_xy(polygons, lon, lat)
    stating = int((~shapely.is_missing(polygons)).sum())
    share, stated = float(inside.mean()), float(in_stated.sum() / stating) if stating else None
    if stated is not None and stating >= _FEWEST_STATED:
        is_good = stated >= 0.5
        words = Text(
            zh=f"使 {in_stated.sum():,}/{stating:,} 个点落入其所填网格",
            en=f"puts {in_stated.sum():,} of {stating:,} points into the grid that they state",
        )
    else:
        is_good = share >= (0.5 if are_degrees(first, second) else 0.8)
        words = Text(
            zh=f"使 {inside.sum():,}/{inside.size:,} 个点落入区域",
            en=f"puts {inside.sum():,} of {inside.size:,} points into the region",
        )
    return Fit(placement, share, stated, is_good, inside.astype(np.int8) + in_stated, words)


def _distinct(first: _Coordinates, second: _Coordinates, polygons: _Polygons) -> NDArray[np.int64]:
    # A register that puts 300 firms on one spot has one piece of evidence there, not 300.
    keys = np.column_stack([first, second, [float(id(each)) for each in polygons]])
    return np.unique(keys, axis=0, return_index=True)[1]


def _wins_sign_test(one: _PointFits, other: _PointFits) -> bool:
    wins, losses = int((one > other).sum()), int((one < other).sum())
    return bool(binom.cdf(losses, wins + losses, 0.5) < SIGNIFICANCE)


def _polygon_fit(placement: Placement, tiling: Tiling) -> Fit[Misfit] | None:
    misfit = tiling.misfit(placement.name)
    if misfit is None:
        return None
    inside = max(0.0, float(1.0 - misfit.difference_m2 / misfit.reference_m2))
    words = Text(
        zh=f"与参照的对称差为 {misfit.difference_m2 / 1e6:,.3f} km²"
        f"（{misfit.on_boundary}/{misfit.vertices} 个轮廓点在其边界上）",
        en=f"differs from the reference by {misfit.difference_m2 / 1e6:,.3f} km² "
        f"({misfit.on_boundary} of {misfit.vertices} outline points on its boundary)",
    )
    return Fit(placement, inside, None, misfit.is_good, misfit, words)


def _believed(placement: Placement) -> Text:
    name = title(placement.name)
    return Text(
        zh=f"文件声明为 {name.zh}，位置与参照相符。",
        en=f"The file declares {name.en}, which puts it where the reference is.",
    )
