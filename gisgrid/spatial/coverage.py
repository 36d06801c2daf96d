"""Gaps, overlaps, protrusions and mis-nesting between each level of grids and the next coarser one.

Everything is compared in the lon/lat plane of the stored coordinates, where
shared edges are shared; metres are only measured at the end. Every face of the
arrangement of children and parents gets exactly one kind, the first that matches:

1. protrusion: covered by a child, outside every parent;
2. overlap: covered by two or more children;
3. mis-nested: covered by one child, which belongs to another parent;
4. gap: covered by no child, inside a parent that has at least one.

Children are judged against their parents as these are: where two parents overlap
and each brings its own child, or a child fills a parent that itself protrudes,
nothing is counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.frames import FindingFrame, FindingKind, GridFrame, empty_findings
from gisgrid.spatial.arrangement import Faces, arrange
from gisgrid.spatial.edges import Floats, Geometries
from gisgrid.spatial.findings import Found, Tolerances, findings_from_faces, is_wide_enough
from gisgrid.spatial.matching import edge_mismatches
from gisgrid.spatial.nest import Nest


@dataclass(frozen=True)
class Coverage:
    """How the grids of one level cover those of the nearest coarser level.

    Attributes
    ----------
    parent_level : int or None
        None where there is no coarser level: then gaps are enclosed holes.
    child_level : int
    findings : FindingFrame
        All that survive the noise filters, largest first.
    noise : mapping of FindingKind to int
        How many did not.
    undivided : tuple of int
        Parents without any child.
    edge_mismatches : GeoDataFrame
        Lines along which neighbours lack each other's vertices: `parent`
        (Int64) and `length_m`. They are no gaps.
    allowed_area_m2 : float
        Gap area that the allowed-gaps layer excuses.
    """

    parent_level: int | None
    child_level: int
    findings: FindingFrame
    noise: Mapping[FindingKind, int]
    undivided: tuple[int, ...]
    edge_mismatches: gpd.GeoDataFrame
    allowed_area_m2: float

    @property
    def edge_matched(self) -> bool:
        """Whether neighbours share every vertex of their common edges."""
        return len(self.edge_mismatches) == 0


def audit_levels(
    grids: GridFrame,
    *,
    tolerances: Tolerances | None = None,
    allowed_gaps: Geometries | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Coverage, ...]:
    """Audit every level against the next coarser one.

    Parameters
    ----------
    grids : GridFrame
        All levels of one plan, EPSG:4490.
    tolerances : Tolerances, optional
        What counts as noise, sliver and strip.
    allowed_gaps : ndarray of polygons, optional
        Land that need not be covered (lakes, sea, foreign zones), EPSG:4490.
    progress : callable, optional
        Told (what, share done in 0..1).

    Returns
    -------
    tuple of Coverage
        From coarse to fine, one for each pair of levels. A single level has one
        of its own, without parents. The coarsest of several has one too, but only
        if its grids overlap, since no parent would tell; land that they enclose
        is outside the plan, and no gap.
    """
    levels = sorted(grids["level"].unique())
    by_level = [grids[grids["level"] == level] for level in levels]
    pairs = [(None, by_level[0]), *pairwise(by_level)]
    audited = []
    for done, (parents, children) in enumerate(pairs):
        if progress is not None:
            progress("coverage", done / len(pairs))
        audited.append(audit_level(parents, children, tolerances=tolerances, allowed_gaps=allowed_gaps))
    if len(levels) == 1:
        return tuple(audited)
    top = audited[0].findings
    overlaps = top[top["kind"] == FindingKind.OVERLAP]
    overlaps.index = pd.RangeIndex(1, len(overlaps) + 1, name=top.index.name)
    return (*((replace(audited[0], findings=overlaps),) if len(overlaps) else ()), *audited[1:])


def audit_level(
    parents: GridFrame | None,
    children: GridFrame,
    *,
    tolerances: Tolerances | None = None,
    allowed_gaps: Geometries | None = None,
) -> Coverage:
    """Compare the grids of one level with those of the nearest coarser one.

    Parameters
    ----------
    parents : GridFrame or None
        n grids of one level; None if `children` are the coarsest: then gaps are
        the holes that they enclose, and nothing protrudes or is mis-nested.
    children : GridFrame
        m grids, whose `parent` is in the index of `parents` or <NA>.
    tolerances, allowed_gaps
        As in `audit_levels`.

    Returns
    -------
    Coverage

    Notes
    -----
    Edges that children and parents share cancel; only what is left goes through
    the overlay, so the cost of a clean coverage is that of sorting its edges.
    """
    tolerances = tolerances or Tolerances()
    nest = Nest.of(parents, children)
    lines = nest.residual_edges().lines()
    noded, faces = arrange(lines)
    found, value = (
        _judged(lines, faces, nest, tolerances, allowed_gaps)
        if len(faces)
        else (Found(empty_findings(), dict.fromkeys(FindingKind, 0), 0.0), np.zeros(0))
    )
    return Coverage(
        parent_level=nest.parent_level,
        child_level=nest.child_level,
        findings=found.findings,
        noise=found.noise,
        undivided=tuple(int(each) for each in nest.parent_ids[~nest.divided]),
        edge_mismatches=edge_mismatches(noded, faces, value, nest, (parents, children)),
        allowed_area_m2=found.allowed_area_m2,
    )


def _judged(
    lines: Geometries, faces: Faces, nest: Nest, tolerances: Tolerances, allowed_gaps: Geometries | None
) -> tuple[Found, Floats]:
    """The findings among the faces that `lines` enclose, which are edges that do not cancel.

    Also a number for each face, equal on both sides of an edge that bounds no finding.
    """
    state = nest.classify(faces)
    extra = nest.edges_inside(faces.geometry[state.unsettled])
    # The edges as they are: what is noded already lies beside its own origin by a rounding.
    fine = arrange(np.concatenate([lines, extra.lines()]))[1] if len(extra) else faces
    # Edges that only touch an unsettled face may close others anew; those are settled already.
    open_ = shapely.STRtree(faces.geometry[state.unsettled]).query(fine.inside, predicate="intersects")[0]
    fine = fine.take(np.isin(np.arange(len(fine)), open_))
    defects = nest.classify(fine)
    found = findings_from_faces(fine, defects.table(), nest, tolerances=tolerances, allowed_gaps=allowed_gaps)
    wide = state.unsettled.copy()
    wide[wide] = is_wide_enough(faces.geometry[wide], tolerances)
    return found, np.where(wide, state.code, state.settled_code)
