"""Edges along which neighbours lack each other's vertices: no gaps, but the seeds of some.

They show in two ways: as edges that no reverse cancels although the land on both
sides is as it should be, and as vertices that had to be inserted before a bent
plane was straightened (`edges.share_vertices`), which the grids carry as `inserted`.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.frames import STORED_CRS, GridFrame
from gisgrid.spatial.arrangement import Faces, jumps
from gisgrid.spatial.edges import Floats, Geometries, Hashes, Ints, directed_edges, vertex_hashes
from gisgrid.spatial.findings import in_metres
from gisgrid.spatial.nest import Nest

INSERTED = "inserted"
"""The column of a GridFrame that holds, as MultiPoints, vertices that its file did not have."""


def edge_mismatches(
    noded: Geometries, faces: Faces, value: Floats, nest: Nest, levels: tuple[GridFrame | None, GridFrame]
) -> gpd.GeoDataFrame:
    """Lines along which neighbours of two levels lack each other's vertices.

    Parameters
    ----------
    noded, faces
        The arrangement of the edges that do not cancel.
    value : ndarray of floats
        One a face; equal on both sides of an edge that bounds no finding.
    nest : Nest
    levels : tuple of GridFrame
        Parents, or None, and children.

    Returns
    -------
    GeoDataFrame
        `parent` (Int64, the nearest) and `length_m`.
    """
    lines = _missing(levels)
    if len(noded):
        edges, jump = jumps(noded, faces, value)
        lines = np.concatenate([lines, edges.lines()[jump == 0]])
    if not len(lines):
        return _none().copy(deep=False)
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
    frame = gpd.GeoDataFrame(geometry=merged, crs=STORED_CRS)
    land, ids = (nest.parents, nest.parent_ids) if len(nest.parents) else (nest.children, None)
    nearest = shapely.STRtree(land).nearest(shapely.line_interpolate_point(merged, 0.5, normalized=True))
    frame.insert(0, "parent", pd.array(ids[nearest] if ids is not None else [pd.NA] * len(frame), "Int64"))
    frame.insert(1, "length_m", shapely.length(in_metres(merged)))
    return frame


@cache
def _none() -> gpd.GeoDataFrame:
    columns = {"parent": pd.Series(dtype="Int64"), "length_m": pd.Series(dtype="float64")}
    return gpd.GeoDataFrame(columns, geometry=[], crs=STORED_CRS)


def _missing(levels: tuple[GridFrame | None, GridFrame]) -> Geometries:
    """Edges at vertices that were inserted into one grid because another of the two levels has them.

    Between parents alone it is the business of the coarser pair of levels.
    """
    parents, children = levels
    frames = [frame for frame in (parents, children) if frame is not None]
    if not any(INSERTED in frame and frame[INSERTED].notna().any() for frame in frames):
        return np.zeros(0, dtype=object)
    found = []
    own = {id(frame): _vertices(frame) for frame in frames}
    for frame in frames:
        vertices, was_inserted = own[id(frame)]
        wanted = own[id(children)][0][~own[id(children)][1]]
        if frame is children and parents is not None:
            wanted = np.concatenate([wanted, own[id(parents)][0][~own[id(parents)][1]]])
        lacking = vertices[was_inserted & np.isin(vertices, wanted)]
        edges = directed_edges(frame.geometry.to_numpy())
        ends = np.isin(vertex_hashes(edges.start), lacking) | np.isin(vertex_hashes(edges.end), lacking)
        carriers = np.flatnonzero(frame[INSERTED].notna().to_numpy())
        found.append(edges.take(ends & np.isin(edges.owner, carriers)).lines())
    return np.concatenate(found)


def _vertices(frame: GridFrame) -> tuple[Hashes, NDArray[np.bool_]]:
    """The vertices of all grids of a level, and which of them were inserted."""
    coordinates, owner = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    vertices = vertex_hashes(coordinates + 0.0)
    if INSERTED not in frame:
        return vertices, np.zeros(len(vertices), dtype=bool)
    points, of = shapely.get_coordinates(frame[INSERTED].to_numpy(dtype=object), return_index=True)
    own, inserted = _of_grid(vertices, owner), _of_grid(vertex_hashes(points + 0.0), of)
    return vertices, np.isin(own, inserted)


def _of_grid(vertices: Hashes, owner: Ints) -> Hashes:
    mixed: Hashes = vertices ^ (owner.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return mixed
