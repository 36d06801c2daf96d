"""What was drawn, brought onto the vertices and edges that it means; and checked first."""

from __future__ import annotations

from typing import Final, TypeVar, cast

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.arrangement import segments
from gisgrid.spatial.edges import Edges, Floats, directed_edges
from gisgrid.spatial.editing.errors import SelfCrossing, SwappedCoordinates
from gisgrid.spatial.editing.noding import box_of, led_through, near_box, unique_points
from gisgrid.text import Text

Drawn = TypeVar("Drawn", bound=BaseGeometry)

SNAP_DEG: Final = 5e-9
"""Half a millimetre: browsers round to nine decimals, so a vertex that was met comes back beside itself."""


def edges_near(grids: gpd.GeoDataFrame, box: Floats, margin: float = SNAP_DEG) -> Edges:
    """The edges of all grids that come near a box."""
    shapes = grids.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    near = (bounds[:, :2] <= box[2:] + margin).all(axis=1) & (bounds[:, 2:] >= box[:2] - margin).all(axis=1)
    return near_box(directed_edges(shapes[near]), box, margin)


def snapped(grids: gpd.GeoDataFrame, drawn: Drawn) -> Drawn:
    """The drawn geometry with each vertex on the grid's vertex, else the edge, that it all but meets.

    A line is also led through the vertices that it all but meets. Not so the edges of a polygon, most of
    which are there already: that would take land from grids, or give them some.

    Parameters
    ----------
    grids : GeoDataFrame
        EPSG:4490.
    drawn : LineString, Polygon or MultiPolygon
        EPSG:4490.

    Raises
    ------
    SwappedCoordinates
        If it lies nowhere near the grids, and would with its coordinates exchanged.
    """
    _must_lie_there(grids, drawn)
    coordinates = shapely.get_coordinates(drawn)
    edges = edges_near(grids, box_of(coordinates))
    if not len(edges):
        return drawn
    moved: Drawn = shapely.set_coordinates(drawn, snap_points(coordinates, edges))
    if not isinstance(moved, shapely.LineString):
        return moved
    vertices = unique_points(np.concatenate([edges.start, edges.end]))
    led = led_through(edges_of_line(moved), vertices, SNAP_DEG)
    return cast(Drawn, shapely.LineString([*led.start[:1], *led.end])) if len(led) else moved


def snap_points(points: Floats, edges: Edges, tolerance: float = SNAP_DEG) -> Floats:
    """n points, each on the vertex within the tolerance, else on the foot of its nearest edge within it."""
    places = points.copy()
    vertices = unique_points(np.concatenate([edges.start, edges.end]))
    point, vertex = shapely.STRtree(np.asarray(shapely.points(vertices), dtype=object)).query_nearest(
        shapely.points(points), max_distance=tolerance, all_matches=False
    )
    places[point] = vertices[vertex]
    rest = np.setdiff1d(np.arange(len(points)), point)
    if len(rest):
        tree = shapely.STRtree(edges.lines())
        at, edge = tree.query_nearest(shapely.points(points[rest]), max_distance=tolerance, all_matches=False)
        start, end = edges.start[edge], edges.end[edge]
        along = end - start
        share = np.einsum("ij,ij->i", points[rest[at]] - start, along) / np.einsum("ij,ij->i", along, along)
        places[rest[at]] = start + share[:, None] * along
    return places


def _must_lie_there(grids: gpd.GeoDataFrame, drawn: BaseGeometry) -> None:
    west, south, east, north = grids.total_bounds
    region = shapely.box(west, south, east, north)
    if shapely.intersects(region, drawn):
        return
    exchanged = shapely.transform(drawn, lambda each: each[:, ::-1])
    if shapely.intersects(region, exchanged):
        raise SwappedCoordinates(
            Text(zh="经度和纬度可能对调了。", en="Longitude and latitude have probably changed places."),
            where="{:.6f}, {:.6f}".format(*shapely.get_coordinates(drawn)[0]),
            todo=Text(zh="坐标应先经度、后纬度。", en="Give longitude first, then latitude."),
        )


def must_be_simple(area: BaseGeometry) -> None:
    """Raise SelfCrossing if a polygon's outline crosses itself, with the place."""
    if shapely.is_valid(area):
        return
    reason = shapely.is_valid_reason(area)
    where = reason[reason.find("[") + 1 : -1].replace(" ", ", ") if "[" in reason else ""
    raise SelfCrossing(
        Text(zh="画出的边界自相交。", en="The outline that was drawn crosses itself."),
        where=where,
        todo=Text(zh="请重新绘制，不要让边界交叉。", en="Draw it again without crossing it."),
    )


def as_drawn(grids: gpd.GeoDataFrame, area: BaseGeometry) -> BaseGeometry:
    """A drawn polygon on the vertices and edges that it means; SelfCrossing if it is none."""
    must_be_simple(area)
    land = snapped(grids, area)
    must_be_simple(land)
    return shapely.orient_polygons(land)


def edges_of_line(line: shapely.LineString) -> Edges:
    """The edges of a line as it was drawn."""
    edges = segments(np.array([line], dtype=object))
    proper = (edges.start != edges.end).any(axis=1)
    return edges.take(proper)
