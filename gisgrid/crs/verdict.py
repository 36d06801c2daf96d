"""What the CRS detective concluded, and from which evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gisgrid.text import Text


class CrsStatus(StrEnum):
    """How the CRS of a file came to be known."""

    GIVEN = "given"  # by the user, with an option
    DECLARED = "declared"  # by the file
    BY_FORMAT = "by_format"  # GeoJSON and its like: believed, but suspect
    DETECTED = "detected"  # a clear winner on the evidence
    UNRESOLVED = "unresolved"  # several candidates fit alike


@dataclass(frozen=True)
class Candidate:
    """One way to read the coordinates, and how well it fits.

    Attributes
    ----------
    crs : str
        A name that `to_lonlat` and the command's options accept: "EPSG:4550",
        "gcj02", "bd09", and with "+swapped" when the axes are in the other order.
    same_as : tuple of str
        Other names that place the data within a metre of this one.
    inside : float
        0..1. For points the share inside the region; for polygons 1 minus the
        area of the symmetric difference with the reference, over the reference's area.
    stated : float or None
        0..1, the share of points inside the grid that their own row states.
    spread_m : float
        The largest distance between the positions that `crs` and `same_as` give: the residual uncertainty.
    """

    crs: str
    same_as: tuple[str, ...]
    inside: float
    stated: float | None
    spread_m: float


@dataclass(frozen=True)
class Verdict:
    """The CRS to read a file in, or why there is none."""

    status: CrsStatus
    crs: str | None
    candidates: tuple[Candidate, ...]
    evidence: Text
