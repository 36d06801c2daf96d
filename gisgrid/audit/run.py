"""The audit and the repair, from files to results."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon

from gisgrid.audit.files import read_files
from gisgrid.audit.grids import place_allowed_gaps, place_grids
from gisgrid.audit.points import Points, place_points
from gisgrid.audit.request import AuditRequest
from gisgrid.audit.result import Audit, SourceReport, SurroundingsReport
from gisgrid.crs import metric_crs_each
from gisgrid.frames import GridFrame, SizeClass, SourceFrame, check_receptors, check_sources
from gisgrid.ingest.synonyms import RECEPTOR_ROLES, SOURCE_ROLES
from gisgrid.spatial.arrangement import dissolve
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.spatial.coverage import Coverage, audit_levels
from gisgrid.spatial.quality import duplicate_ids, stacks, stated_elsewhere
from gisgrid.spatial.repair import APPLIED_AT_ONCE, Repair, repair
from gisgrid.spatial.surroundings import around

Progress = Callable[[str, float], None]


def run(request: AuditRequest, *, progress: Progress | None = None) -> Audit:
    """Audit files of grids and, where given, of sources and receptors.

    Parameters
    ----------
    request : AuditRequest
    progress : callable, optional
        Told (stage, share done in 0..1); stages are "grids", "coverage",
        "sources", "assignment", "receptors" and "surroundings".

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        If a file cannot be used; see `place_grids` and `place_points`.
    """
    tell = progress or (lambda stage, share: None)
    tell("grids", 0.0)
    tables = read_files(request)
    grids = place_grids(request, tables)
    allowed = place_allowed_gaps(request, tables, grids)
    coverage = audit_levels(
        grids.frame, tolerances=request.tolerances, allowed_gaps=allowed.polygons, progress=tell
    )
    evidence = [*grids.evidence, *allowed.evidence]
    region = _region(grids.frame) if request.sources or request.receptors else None
    sources = surroundings = None
    if request.sources is not None:
        tell("sources", 0.0)
        points = place_points(request.sources, tables, SOURCE_ROLES, "source", region, grids.frame)
        evidence.append((points.source.file, points.verdict))
        sources = _judge_sources(points, grids.frame, coverage, tell)
    if request.receptors is not None:
        tell("receptors", 0.0)
        points = place_points(request.receptors, tables, RECEPTOR_ROLES, "receptor", region, grids.frame)
        evidence.append((points.source.file, points.verdict))
        surroundings = _look_around(points, sources, request.rings_m, tell)
    return Audit(
        levels=grids.levels,
        grids=grids.frame,
        coverage=coverage,
        sources=sources,
        surroundings=surroundings,
        metric_crs=_metric_crs(grids.frame),
        evidence=tuple(evidence),
    )


def repair_files(
    request: AuditRequest,
    *,
    accept: Collection[SizeClass] = APPLIED_AT_ONCE,
    progress: Progress | None = None,
) -> tuple[Repair, tuple[Coverage, ...]]:
    """Read the level files of a request, mend them, and audit the result.

    Returns
    -------
    repair : Repair
    after : tuple of Coverage
        What is left to settle.
    """
    tables = read_files(request)
    grids = place_grids(request, tables)
    allowed = place_allowed_gaps(request, tables, grids).polygons
    mended = repair(grids.frame, accept=accept, tolerances=request.tolerances, allowed_gaps=allowed)
    after = audit_levels(mended.grids, tolerances=request.tolerances, allowed_gaps=allowed, progress=progress)
    return mended, after


def _region(grids: GridFrame) -> Polygon | MultiPolygon:
    """The land of the coarsest level; quickly where its grids do not overlap."""
    land = grids.geometry[grids["level"] == 1].to_numpy()
    whole: Polygon | MultiPolygon = dissolve(land)  # type: ignore[assignment]
    return whole if shapely.is_valid(whole) else shapely.union_all(land)  # type: ignore[return-value]


def _metric_crs(grids: GridFrame) -> tuple[str, ...]:
    bounds = shapely.bounds(grids.geometry[grids["level"] == 1].to_numpy())
    each = metric_crs_each((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    return tuple(sorted({str(name) for name in each}))


def _judge_sources(
    points: Points, grids: GridFrame, coverage: tuple[Coverage, ...], tell: Progress
) -> SourceReport:
    frame = check_sources(points.frame)
    assigned = assign(frame, grids, progress=partial(tell, "assignment"))
    missed = uncovered(frame, grids, assigned)
    missed["finding"] = _finding_at(frame, missed, coverage)
    # Inside a hole that a single level encloses: outside every grid, and yet in a gap.
    missed.loc[missed["finding"].notna(), "reason"] = "gap"
    return SourceReport(
        source=points.source,
        rows=points.rows,
        frame=frame,
        assigned=assigned,
        uncovered=missed,
        stacks=stacks(frame),
        stated_elsewhere=stated_elsewhere(frame, grids, assigned),
        duplicate_ids=duplicate_ids(frame),
    )


def _finding_at(frame: SourceFrame, missed: pd.DataFrame, coverage: tuple[Coverage, ...]) -> pd.Series:
    """The finding of the level that misses it, in which each uncovered source lies."""
    found = pd.Series(pd.NA, index=missed.index, dtype="Int64")
    for each in coverage:
        here = missed.index[(missed["level"] == each.child_level).fillna(False).to_numpy(dtype=bool)]
        spots = frame.geometry.loc[here].representative_point().to_numpy()
        source, finding = shapely.STRtree(each.findings.geometry.to_numpy()).query(
            spots, predicate="intersects"
        )
        source, first = np.unique(source, return_index=True)
        found.loc[here[source]] = each.findings.index.to_numpy()[finding[first]]
    return found


def _look_around(
    receptors: Points, sources: SourceReport | None, rings_m: tuple[float, ...], tell: Progress
) -> SurroundingsReport:
    frame = check_receptors(receptors.frame)
    near = gpd.GeoDataFrame(geometry=[], crs=frame.crs) if sources is None else sources.frame
    found = around(near, frame, rings_m, progress=partial(tell, "surroundings"))
    return SurroundingsReport(receptors.source, receptors.rows, rings_m, frame, found)
