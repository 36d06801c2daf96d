"""Whether two outlines are the same land, whatever their vertices."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.merging import SPIKE_DEG, without_spikes


def changed_land(before: BaseGeometry, after: BaseGeometry) -> BaseGeometry | None:
    """The land that one polygon has and the other has not; None if they are the same within 1e-9 degrees.

    Parameters
    ----------
    before, after : Polygon or MultiPolygon
        Valid, EPSG:4490.
    """
    if before.equals(after):
        return None
    parts = shapely.get_parts(shapely.symmetric_difference(before, after))
    wide = parts[~shapely.is_empty(shapely.buffer(parts, -SPIKE_DEG, join_style="mitre"))]
    if not len(wide):
        return None
    # A spike runs along an edge that got a vertex: drawn, it would be a triangle on a neighbour's land.
    whole: BaseGeometry = shapely.multipolygons(without_spikes(np.asarray(wide)))  # type: ignore[assignment]
    return whole
