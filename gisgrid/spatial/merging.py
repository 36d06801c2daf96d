"""Faces with the same defect joined to findings, and parted where only rounding joins them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.arrangement import Faces, dissolve
from gisgrid.spatial.edges import Geometries, Ints

SPIKE_DEG = 1e-9
"""What is narrower than twice this (0.2 mm) is no land: a vertex beside an edge that it should be on."""

SHORTER_DEG = 1e-7
"""An outline that loses more than this (1 cm) with its spikes had some that matter."""


def merge_faces(faces: Faces, defects: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join faces of one kind, parent and owners that share an edge.

    Where a vertex lies beside an edge by a rounding, spikes run along the edge
    and tie together what does not touch; they are taken off first.

    Parameters
    ----------
    faces : Faces
        Of one arrangement, lon/lat.
    defects : DataFrame
        `face` (position in `faces`), `kind`, `parent` and `owners`.

    Returns
    -------
    GeoDataFrame
        `kind`, `parent`, `owners`, `faces` (tuple of positions; each is in one
        row only) and polygons; a MultiPolygon where only a spike holds a face together.
    """
    keys: list[Any] = []
    members: list[tuple[int, ...]] = []
    parts: list[Geometries] = []
    for key, group in defects.groupby(["kind", "parent", "owners"], sort=True)["face"]:
        at = group.to_numpy()
        whole = faces.geometry[at] if len(at) == 1 else shapely.get_parts(dissolve(faces.geometry[at]))
        joined, part = _parted(without_spikes(whole), faces, at)
        keys += [key] * len(joined)
        members += [tuple(at[part == each].tolist()) for each in range(len(joined))]
        parts.append(joined)
    return gpd.GeoDataFrame(
        {
            "kind": pd.Series([key[0] for key in keys], dtype=object),
            "parent": np.array([key[1] for key in keys], dtype=np.int64),
            "owners": pd.Series([key[2] for key in keys], dtype=object),
            "faces": pd.Series(members, dtype=object),
        },
        geometry=np.concatenate(parts) if parts else [],
        crs=STORED_CRS,
    )


def _parted(joined: Geometries, faces: Faces, at: Ints) -> tuple[Geometries, Ints]:
    """Polygons of some faces, each with a face of its own, and which of them each face is in."""
    if len(joined) == 1:
        return joined, np.zeros(len(at), dtype=np.int64)
    part = shapely.STRtree(joined).nearest(faces.inside[at])
    alone = np.setdiff1d(np.arange(len(joined)), part)
    if len(alone):
        # A face that falls in two without its spikes is still one face.
        goes_to = np.arange(len(joined))
        within = shapely.STRtree(faces.geometry[at]).nearest(shapely.point_on_surface(joined[alone]))
        goes_to[alone] = part[within]
        kept, part = np.unique(part, return_inverse=True)
        joined = np.array([_together(joined[goes_to == each]) for each in kept], dtype=object)
    return joined, part


def _together(polygons: Geometries) -> object:
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def without_spikes(polygons: Geometries) -> Geometries:
    """n polygons without what is narrower than 0.2 mm; they may fall apart, and are more than n then.

    Only where that changes something; what is that narrow as a whole stays as it is.
    """
    eroded = shapely.buffer(polygons, -SPIKE_DEG, join_style="mitre")
    shorter = shapely.length(polygons) - shapely.length(eroded) > SHORTER_DEG
    spiked = ~shapely.is_empty(eroded) & (shorter | (shapely.get_num_geometries(eroded) > 1))
    if not spiked.any():
        return polygons
    opened = shapely.get_parts(shapely.buffer(eroded[spiked], SPIKE_DEG, join_style="mitre"))
    return np.concatenate([polygons[~spiked], opened])
