"""What a file holds, before anyone has decided what its columns and coordinates mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.frames import Rejected
from gisgrid.text import Text


@dataclass(frozen=True)
class Mended:
    """A polygon that crosses itself, and is analysed through its valid interpretation.

    The file is not changed; `row` counts as in `Rejected`.
    """

    row: int
    reason: Text


@dataclass(frozen=True)
class Table:
    """The rows of one layer of one file, safe to work with.

    Attributes
    ----------
    file : str
        The file's name, as its owner knows it (no folder).
    rows : DataFrame
        n rows of attributes under the file's own column names, without the
        geometry; text stays text, so that codes keep their leading zeros. The
        index `row` counts as in `Rejected`.
    geometry : ndarray of n geometries, or None
        Two-dimensional shapely geometries in the file's coordinates, never
        empty, never with NaN; None for a table without geometry (CSV, Excel).
    crs : str or None
        The CRS that the file declares, as "EPSG:4490" where it has a code, else as WKT.
    by_format : bool
        The declaration comes from the format alone (GeoJSON, KML, TopoJSON are
        "lon/lat WGS 84" by standard, whatever the author put in): suspect.
    format : str
        "GeoPackage", "GeoJSON", "Shapefile", "GeoParquet", "FlatGeobuf", "KML", "TopoJSON", "CSV", "Excel".
    encoding : str or None
        How text was decoded, where the format leaves it open.
    rejected : tuple of Rejected
        Rows that cannot be used: they are not in `rows`.
    mended : tuple of Mended
        Rows of `rows` whose polygon was invalid.
    notes : tuple of Text
        What else its owner should know (which layer of several was read, ...).
    """

    file: str
    rows: pd.DataFrame
    geometry: NDArray[np.object_] | None
    crs: str | None
    by_format: bool
    format: str
    encoding: str | None = None
    rejected: tuple[Rejected, ...] = ()
    mended: tuple[Mended, ...] = ()
    notes: tuple[Text, ...] = ()
