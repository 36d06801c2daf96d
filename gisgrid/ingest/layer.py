"""One layer as its format's reader hands it over, before its rows are checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gisgrid.frames import Rejected
from gisgrid.text import Text


@dataclass(frozen=True)
class RawLayer:
    """Rows of untrusted attributes and geometry.

    Attributes
    ----------
    attributes : pyarrow.Table
        n rows under the file's column names.
    wkb : pyarrow.Array of n binaries, or None
        Geometry as the file has it; None for a table without geometry.
    row : ndarray of n int64
        Row numbers as their owner counts.
    raw_wkb : bool
        The WKB is the file's own bytes, which nobody has parsed yet.
    curved : ndarray of n bool, or None
        Rows whose curves were replaced by straight segments.
    """

    attributes: pa.Table
    wkb: pa.Array | None
    row: NDArray[np.int64]
    format: str
    crs: str | None = None
    by_format: bool = False
    encoding: str | None = None
    raw_wkb: bool = False
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Text, ...] = ()

    def with_notes(self, *notes: Text) -> RawLayer:
        """The same layer with more notes."""
        return replace(self, notes=(*self.notes, *notes))
