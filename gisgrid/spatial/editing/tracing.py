"""The way along existing boundaries between two points."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gisgrid.spatial.edges import directed_edges
from gisgrid.spatial.editing.errors import NotFound
from gisgrid.spatial.editing.noding import led_through, unique_edges, vertex_numbers
from gisgrid.spatial.editing.snapping import snap_points
from gisgrid.text import Text

_METRES_PER_DEGREE = 111_000.0


def trace(
    grids: gpd.GeoDataFrame, start: tuple[float, float], end: tuple[float, float], *, within_m: float = 50.0
) -> shapely.LineString:
    """The shortest way along the boundaries of grids from one point to another.

    Parameters
    ----------
    grids : GeoDataFrame
        Whose boundaries may be followed.
    start, end : (lon, lat)
        Degrees; each is brought onto the nearest vertex or edge.
    within_m : float
        How far away that may be.

    Returns
    -------
    LineString
        EPSG:4490; its coordinates are those of the grids, exactly.

    Raises
    ------
    NotFound
        If no boundary is that near, or none leads from one to the other.
    """
    if grids.empty:
        raise _nothing_near(start)
    edges = unique_edges(directed_edges(grids.geometry.to_numpy()))
    asked = np.array([start, end])
    ends = snap_points(asked, edges, within_m / _METRES_PER_DEGREE)
    off = (ends == asked).all(axis=1)
    on = shapely.distance(shapely.multilinestrings(edges.lines()), shapely.points(asked[off])) < 1e-9
    if off.any() and not on.all():
        raise _nothing_near(asked[off][0].tolist())
    edges = led_through(edges, ends)
    first, last, at = vertex_numbers(edges.start, edges.end, ends)
    count = int(max(first.max(), last.max(), at.max())) + 1
    squeeze = np.cos(np.radians(edges.start[:, 1]))
    length = np.hypot((edges.end[:, 0] - edges.start[:, 0]) * squeeze, edges.end[:, 1] - edges.start[:, 1])
    graph = coo_array((length, (first, last)), shape=(count, count)).tocsr()
    far, before = dijkstra(graph, directed=False, indices=int(at[0]), return_predecessors=True)
    if not np.isfinite(far[at[1]]) or at[0] == at[1]:
        raise NotFound(
            Text(zh="没有边界连接这两点。", en="No boundary leads from one to the other."),
            where="{:.6f}, {:.6f}".format(*asked[1]),
            todo=Text(zh="请选择同一条边界上的两点。", en="Choose two points of one boundary."),
        )
    places = np.zeros((count, 2))
    places[first], places[last] = edges.start, edges.end
    way = [int(at[1])]
    while way[-1] != at[0]:
        way.append(int(before[way[-1]]))
    return shapely.LineString(places[way[::-1]])


def _nothing_near(place: Sequence[float]) -> NotFound:
    return NotFound(
        Text(zh="附近没有边界。", en="There is no boundary near by."),
        where="{:.6f}, {:.6f}".format(*place),
        todo=Text(zh="请点在边界上。", en="Choose a point on a boundary."),
    )
