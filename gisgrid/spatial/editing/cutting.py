"""Grids cut along a line."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.edges import Edges, Geometries
from gisgrid.spatial.editing.chains import pieces, polygon_of
from gisgrid.spatial.editing.drafting import Draft, in_order, must_be_wide
from gisgrid.spatial.editing.errors import LineDoesNotCut
from gisgrid.spatial.editing.result import Piece, Redrawn
from gisgrid.spatial.editing.snapping import edges_of_line, snapped
from gisgrid.spatial.measure import distance_m
from gisgrid.text import Text


def split(grids: gpd.GeoDataFrame, ids: Sequence[int], line: shapely.LineString) -> Redrawn:
    """Cut siblings along a line, open or closed; it may cross several, and each several times.

    Of each grid the largest piece keeps the id. What the grids hold goes with the
    piece that it lies on.

    Parameters
    ----------
    grids : GeoDataFrame
        As the module says.
    ids : sequence of int
        Grids of one kind and holder.
    line : LineString
        EPSG:4490; each end outside the grids, or on a border.

    Raises
    ------
    NotSiblings, LineDoesNotCut, TooNarrow, CrossesChildren, SwappedCoordinates
    """
    draft = Draft(grids)
    holder, kind = draft.must_be_siblings(ids)
    drawn = snapped(grids, line)
    edges = edges_of_line(drawn)
    made: list[tuple[BaseGeometry, int]] = []
    for grid in ids:
        kept, others = _cut(draft.shape(grid), edges)
        if not others:
            continue
        must_be_wide([kept, *others])
        draft.redraw(grid, kept)
        made += [(each, grid) for each in others]
    if not made:
        raise _does_not_cut(drawn, [draft.shape(grid) for grid in ids], [draft.name(grid) for grid in ids])
    for shape in in_order([each for each, _ in made]):
        origin = next(grid for each, grid in made if each is shape)
        draft.added.append(Piece(shape, (origin,), holder, kind))
        draft.give(shape, origin, -len(draft.added))
    return draft.finished()


def divide(grids: gpd.GeoDataFrame, owner: int, line: shapely.LineString) -> Redrawn:
    """Cut an owner's land into unit grids along a line; if it has some, cut those that the line crosses.

    Parameters
    ----------
    grids : GeoDataFrame
    owner : int
        Of any level; its own outline stays.
    line : LineString

    Raises
    ------
    LineDoesNotCut, TooNarrow, SwappedCoordinates
    """
    draft = Draft(grids)
    units = draft.held(owner, "unit")
    if units:
        shapes = np.array([draft.shape(each) for each in units], dtype=object)
        crossed = [each for each, meets in zip(units, shapely.intersects(shapes, line), strict=True) if meets]
        return split(grids, crossed or units, line)
    drawn = snapped(grids, line)
    kept, others = _cut(draft.shape(owner), edges_of_line(drawn))
    if not others:
        raise _does_not_cut(drawn, [draft.shape(owner)], [draft.name(owner)])
    must_be_wide([kept, *others])
    draft.added = [Piece(each, (owner,), owner, "unit") for each in in_order([kept, *others])]
    return draft.finished()


def _cut(polygon: BaseGeometry, line: Edges) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """The largest piece, with all parts that the line leaves whole, and the other pieces."""
    whole: list[BaseGeometry] = []
    found: list[BaseGeometry] = []
    for part in shapely.get_parts(polygon):
        cut = pieces(part, line)
        if len(cut) < 2:
            whole.append(part)
        else:
            found += list(cut)
    if not found:
        return polygon, []
    found.sort(key=lambda each: -each.area)
    return _together([found[0], *whole]), found[1:]


def _together(parts: list[BaseGeometry]) -> BaseGeometry:
    flat: Geometries = shapely.get_parts(np.array(parts, dtype=object))
    return polygon_of(flat)


def _does_not_cut(line: shapely.LineString, shapes: list[BaseGeometry], names: list[str]) -> LineDoesNotCut:
    """Says where the line ends inside a grid, and how far that is from the border."""
    ends = [shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])]
    for end in ends:
        for shape, name in zip(shapes, names, strict=True):
            if not shapely.contains_properly(shape, end):
                continue
            border = shapely.shortest_line(end, shapely.boundary(shape))
            away = distance_m(*shapely.get_coordinates(border).reshape(4, 1)).item()
            return LineDoesNotCut(
                Text(
                    zh=f"线在{name}内部结束，距边界还有 {away:.1f} 米，没有切开。",
                    en=f"The line ends inside {name}, {away:.1f} m short of its border, and cuts nothing.",
                ),
                where=f"{end.x:.6f}, {end.y:.6f}",
                todo=Text(
                    zh="请把线画到边界上或边界以外。", en="Draw it as far as the border, or beyond it."
                ),
            )
    return LineDoesNotCut(
        Text(zh="线没有切开任何选中的网格。", en="The line cuts none of the chosen grids."),
        where="{:.6f}, {:.6f}".format(*shapely.get_coordinates(line)[0]),
        todo=Text(zh="请从边界一侧画到另一侧。", en="Draw it from one side of the grid to the other."),
    )
