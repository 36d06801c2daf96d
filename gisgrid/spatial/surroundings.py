"""What sensitive places lie around each pollution source, how near, and in which direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.errors import InputError
from gisgrid.frames import ReceptorFrame, SourceFrame
from gisgrid.spatial.crowd import Crowd, tally_points
from gisgrid.spatial.measure import CHORD_LIMIT_M, Floats, Geometries
from gisgrid.spatial.shapes import Pieces, near_pairs, pieces_of
from gisgrid.spatial.tally import Tally, merged, tally_pairs
from gisgrid.text import Text

Ints = NDArray[np.int64]
Progress = Callable[[float], None]

HJ169_RINGS_M: Final = (500.0, 5000.0)
"""Radii within which sensitive receptors are surveyed: 500 m and 5 km from the site
(HJ 169-2018, 建设项目环境风险评价技术导则, annex D, table D.1)."""

NO_KIND: Final = "未分类 unspecified"
"""The kind of receptors for which the register states none."""


def around(
    sources: SourceFrame,
    receptors: ReceptorFrame,
    rings_m: Sequence[float] = HJ169_RINGS_M,
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Count the receptors around each source, and find the nearest.

    Rings are discs: a receptor at 300 m counts at 500 m and at 5 km. Distances
    are geodesics; lines and polygons are measured from their edge, and one that
    lies in or crosses another is at distance 0 with no bearing.

    Parameters
    ----------
    sources : SourceFrame
        n points, lines or polygons, EPSG:4490.
    receptors : ReceptorFrame
        m points, lines or polygons, EPSG:4490; `kind` may be missing (`NO_KIND`).
    rings_m : sequence of float
        Radii in metres, up to 100 km. A receptor exactly at the radius counts.
    progress : callable, optional
        Told the share done in 0..1.

    Returns
    -------
    DataFrame
        One row for each source, ring and kind with a count above 0, in the order
        of `sources`: `source` (its index), `ring_m`, `kind`, `count`, `nearest`
        (receptor's index; the smallest of several within 0.1 mm), `distance_m`,
        `bearing_deg` (from the source; 0 north, 90 east, NaN at distance 0).

    Raises
    ------
    InputError
        If there is no ring, or one that is not above 0 and up to 100 km.

    Notes
    -----
    Between points the counts are those of pyproj.Geod. Pairs of points are never
    listed unless they are few, so dense cities need no memory. Distances from and
    to lines and polygons are true to 0.1 m.
    """
    rings = _checked(rings_m)
    kinds = pd.Categorical(receptors["kind"].astype("object").fillna(NO_KIND).astype("str"))
    found = merged(_parts(sources, receptors, kinds.codes.astype(np.int64), rings, progress), len(rings))
    at, ring = np.nonzero(found.count)
    order = np.lexsort((found.kind[at], ring, found.source[at]))
    at, ring = at[order], ring[order]
    named = pd.Categorical.from_codes(found.kind[at], categories=kinds.categories)
    return pd.DataFrame(
        {
            "source": sources.index.to_numpy()[found.source[at]],
            "ring_m": rings[ring],
            "kind": pd.Series(named).astype("str"),
            "count": found.count[at, ring],
            "nearest": receptors.index.to_numpy()[found.receptor[at]],
            "distance_m": found.distance_m[at],
            "bearing_deg": found.bearing_deg[at],
        }
    )


def _checked(rings_m: Sequence[float]) -> Floats:
    rings = np.unique(np.asarray(list(rings_m), dtype=np.float64))
    if not len(rings) or not np.all((rings > 0) & (rings <= CHORD_LIMIT_M)):
        given = ", ".join(f"{each:g}" for each in rings_m) or "-"
        raise InputError(
            Text(zh=f"半径无效：{given}。", en=f"These rings cannot be used: {given}."),
            todo=Text(
                zh="请给出一个或多个大于 0、不超过 100000 的半径（米），例如 500,5000。",
                en="Give one or more radii in metres, above 0 and up to 100000, for example 500,5000.",
            ),
        )
    return rings


def _parts(
    sources: SourceFrame, receptors: ReceptorFrame, kind: Ints, rings_m: Floats, progress: Progress | None
) -> Iterator[Tally]:
    """What is found, in parts: one source and kind may come in several, a pair of rows in one only."""
    rank = np.empty(len(receptors), dtype=np.int64)
    rank[np.argsort(receptors.index.to_numpy(), kind="stable")] = np.arange(len(receptors))
    (source_points, source_shapes), (receptor_points, receptor_shapes) = (
        _points_and_shapes(frame.geometry.to_numpy()) for frame in (sources, receptors)
    )

    def tell(share: float) -> None:
        if progress is not None:
            progress(share)

    for part, share in tally_points(_crowd(source_points), _crowd(receptor_points), kind, rank, rings_m):
        yield part
        tell(share)
    for here, there in (
        (source_points, receptor_shapes),
        (source_shapes, receptor_points),
        (source_shapes, receptor_shapes),
    ):
        for pairs, share in near_pairs(here, there, float(rings_m[-1])):
            receptor = pairs["receptor"].to_numpy()
            yield tally_pairs(
                pairs["source"].to_numpy(),
                receptor,
                kind[receptor],
                rank[receptor],
                pairs["distance_m"].to_numpy(),
                pairs["bearing_deg"].to_numpy(),
                rings_m,
            )
            tell(share)


def _points_and_shapes(geometries: Geometries) -> tuple[Pieces, Pieces]:
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    is_point = shapely.get_type_id(geometries) == 0
    points, shapes = np.flatnonzero(present & is_point), np.flatnonzero(present & ~is_point)
    return Pieces(geometries[points], points, are_points=True), pieces_of(geometries[shapes], shapes)


def _crowd(points: Pieces) -> Crowd:
    lon, lat = shapely.get_coordinates(points.geometry).T
    return Crowd(points.row, lon, lat)
