"""What an audit is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gisgrid.spatial.findings import Tolerances
from gisgrid.spatial.surroundings import HJ169_RINGS_M


@dataclass(frozen=True)
class LevelFile:
    """A file of grids.

    Attributes
    ----------
    path : Path
    crs : str or None
        What the user says: a CRS name, "auto", or None to believe the file.
    fields : mapping of role to column
        What the user says of code, name, parent and level; other roles are detected.
    """

    path: Path
    crs: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PointFile:
    """A file of sources or receptors; attributes as `LevelFile`, roles as `gisgrid.ingest.fields`."""

    path: Path
    crs: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRequest:
    """All that an audit needs.

    Attributes
    ----------
    level_files : tuple of LevelFile
        From coarse to fine; or a single one that holds the levels named in `levels`.
    levels : tuple of str
        Values of the level field, coarse to fine; empty where each file is a level.
    sources, receptors : PointFile or None
    allowed_gaps : Path or None
        Polygons that need not be covered.
    tolerances : Tolerances
    rings_m : tuple of float
        Radii around sources.
    encoding : str or None
        Of the text in every file that leaves it open; None to find out.
    """

    level_files: tuple[LevelFile, ...]
    levels: tuple[str, ...] = ()
    sources: PointFile | None = None
    receptors: PointFile | None = None
    allowed_gaps: Path | None = None
    tolerances: Tolerances = field(default_factory=Tolerances)
    rings_m: tuple[float, ...] = HJ169_RINGS_M
    encoding: str | None = None
