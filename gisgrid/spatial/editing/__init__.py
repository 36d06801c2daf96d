"""Edits of a coverage that cannot open a gap: what each makes of the outlines, at every level.

Everything happens in the plane of the stored coordinates (lon/lat, EPSG:4490), where shared edges are shared
to the last bit. `grids` is everywhere a GeoDataFrame of all grids around the edit, of any level and kind,
indexed by id, with

- `level` (1 is coarsest), `kind` ("administrative", "unit" or "key") and `name`;
- `parent` (Int64) of administrative grids and `owner` (Int64) of units and key grids, their *holder*;
- polygons.

Each operation returns a `Redrawn` or raises a `CannotEdit`; nothing is repaired silently. A holder's land
stays the same within 1e-9 degrees (0.1 mm), and every other grid whose edge gets a vertex gets the same.
"""

from __future__ import annotations

from gisgrid.spatial.editing.cutting import divide, split
from gisgrid.spatial.editing.drawing import adopt, carve, replace
from gisgrid.spatial.editing.errors import CannotEdit
from gisgrid.spatial.editing.moving import change_parent, merge, move_vertex, redraw_boundary, remove
from gisgrid.spatial.editing.result import Piece, Redrawn
from gisgrid.spatial.editing.tiling import changed_together, retile
from gisgrid.spatial.editing.tracing import trace

__all__ = [
    "CannotEdit",
    "Piece",
    "Redrawn",
    "adopt",
    "carve",
    "change_parent",
    "changed_together",
    "divide",
    "merge",
    "move_vertex",
    "redraw_boundary",
    "remove",
    "replace",
    "retile",
    "split",
    "trace",
]
