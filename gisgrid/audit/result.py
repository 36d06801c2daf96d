"""What an audit found; every report is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gisgrid.crs.verdict import Verdict
from gisgrid.frames import GridFrame, ReceptorFrame, Rejected, SourceFrame
from gisgrid.ingest.table import Mended
from gisgrid.spatial.coverage import Coverage
from gisgrid.text import Text


@dataclass(frozen=True)
class FileReport:
    """How one input file was read."""

    file: str
    format: str
    crs: str
    encoding: str | None
    fields: Mapping[str, str]  # role -> the file's column
    rejected: tuple[Rejected, ...]
    mended: tuple[Mended, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class LevelReport:
    """One level of grids."""

    level: int
    label: str | None  # the value of --level, where one file holds several levels
    source: FileReport
    grids: int
    parts: int
    area_m2: float
    duplicate_codes: tuple[str, ...]
    code_mismatches: tuple[int, ...]  # grid ids
    unknown_parents: tuple[int, ...] = ()  # grid ids whose stated parent is not among the coarser level's


@dataclass(frozen=True)
class SourceReport:
    """The pollution sources: where they lie and how well their location is known.

    Attributes
    ----------
    frame : SourceFrame
        The n located sources.
    assigned : DataFrame
        Indexed like `frame`, one Int64 column a level (named by its number): grid ids, <NA> where none.
    uncovered : DataFrame
        Indexed by source: `reason` ("outside" the region, "gap"), `level` (Int64,
        of the coverage that misses it), `nearest` (Int64 grid id), `distance_m`, `finding` (Int64).
    stacks : GeoDataFrame
        One row a stack: `count`, `sources` (tuple of source ids), point geometry.
    stated_elsewhere : DataFrame
        Indexed by source: `stated` and `actual` (Int64 grid ids), `distance_m` to the stated grid.
    duplicate_ids : DataFrame
        Indexed by source: `id`, for every source that shares its id with another.
    """

    source: FileReport
    rows: int
    frame: SourceFrame
    assigned: pd.DataFrame
    uncovered: pd.DataFrame
    stacks: gpd.GeoDataFrame
    stated_elsewhere: pd.DataFrame
    duplicate_ids: pd.DataFrame


@dataclass(frozen=True)
class SurroundingsReport:
    """Receptors around sources.

    Attributes
    ----------
    frame : ReceptorFrame
    around : DataFrame
        One row for each source, ring and receptor kind with a count above 0:
        `source`, `ring_m`, `kind`, `count`, `nearest` (receptor id),
        `distance_m`, `bearing_deg` (0 north, 90 east; NaN inside the receptor).
    """

    source: FileReport
    rows: int
    rings_m: tuple[float, ...]
    frame: ReceptorFrame
    around: pd.DataFrame


@dataclass(frozen=True)
class Audit:
    """Everything that an audit found; what the reports are made from."""

    levels: tuple[LevelReport, ...]
    grids: GridFrame
    coverage: tuple[Coverage, ...]
    sources: SourceReport | None
    surroundings: SurroundingsReport | None
    metric_crs: tuple[str, ...]
    evidence: tuple[tuple[str, Verdict], ...]  # (file, verdict)
