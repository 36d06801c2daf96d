"""Boundaries moved, grids merged, taken away, or put under another parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.editing.chains import borders_deg, inside, joined, pieces, polygon_of, without
from gisgrid.spatial.editing.drafting import ADMINISTRATIVE, Draft, counts, is_land, must_be_wide, place_of
from gisgrid.spatial.editing.errors import (
    LastGrid,
    LineDoesNotCut,
    NotFound,
    NotNeighbours,
    NotSiblings,
    OnOutline,
    SelfCrossing,
    WouldVanish,
)
from gisgrid.spatial.editing.result import Redrawn
from gisgrid.spatial.editing.snapping import SNAP_DEG, edges_near, edges_of_line, snap_points, snapped
from gisgrid.text import Text


def merge(grids: gpd.GeoDataFrame, ids: Sequence[int], into: int) -> Redrawn:
    """Make one grid of siblings that touch along edges; what the others held goes to the one that stays.

    Raises
    ------
    NotSiblings, NotNeighbours
    """
    draft = Draft(grids)
    draft.must_be_siblings(ids)
    land, rest = draft.shape(into), [each for each in dict.fromkeys(ids) if each != into]
    while rest:
        shapes = np.array([draft.shape(each) for each in rest], dtype=object)
        shared = borders_deg(land, shapes)
        at = int(np.argmax(shared))
        if shared[at] <= 0 and not is_land(inside(shapes[at], land)):
            raise NotNeighbours(
                Text(
                    zh=f"{draft.name(rest[at])}与其他选中的网格没有公共边界。",
                    en=f"{draft.name(rest[at])} shares no border with the others.",
                ),
                where=place_of(shapes[at]),
                todo=Text(zh="只能合并相邻的网格。", en="Only neighbours can be merged."),
            )
        land = joined(land, shapes[at])
        draft.removed.append(rest.pop(at))
    draft.changed[into] = land
    for gone in draft.removed:
        for kind in (ADMINISTRATIVE, "unit", "key"):
            for child in draft.held(gone, kind):
                draft.reparented[child] = into
    return draft.finished()


def redraw_boundary(grids: gpd.GeoDataFrame, one: int, other: int, line: shapely.LineString) -> Redrawn:
    """Draw the common boundary of two siblings anew; together they keep their land.

    Each side of the line goes to the grid that had more of it.

    Raises
    ------
    NotSiblings, NotNeighbours, LineDoesNotCut, WouldVanish, TooNarrow, CrossesChildren
    """
    draft = Draft(grids)
    draft.must_be_siblings([one, other])
    first, second = draft.shape(one), draft.shape(other)
    if borders_deg(first, np.array([second], dtype=object))[0] <= 0:
        raise NotNeighbours(
            Text(zh="这两个网格没有公共边界。", en="These two grids have no common border."),
            where=f"{draft.name(one)}, {draft.name(other)}",
            todo=Text(zh="请选择相邻的两个网格。", en="Choose two neighbours."),
        )
    drawn = snapped(grids, line)
    whole = joined(first, second)
    parts = [each for part in shapely.get_parts(whole) for each in pieces(part, edges_of_line(drawn))]
    if len(parts) <= shapely.get_num_geometries(whole):
        raise LineDoesNotCut(
            Text(
                zh="新边界没有把两个网格分开。",
                en="The new boundary does not part the two grids.",
            ),
            where="{:.6f}, {:.6f}".format(*drawn.coords[-1]),
            todo=Text(
                zh="请从两者共同范围的一侧画到另一侧。",
                en="Draw it from one side of their common land to the other.",
            ),
        )
    must_be_wide(parts)
    of_first = np.array([inside(each, first).area >= inside(each, second).area for each in parts], dtype=bool)
    if of_first.all() or not of_first.any():
        loser = other if of_first.all() else one
        raise WouldVanish(
            Text(zh=f"{draft.name(loser)}将没有土地。", en=f"{draft.name(loser)} would have no land left."),
            where=draft.name(loser),
            todo=Text(zh="请改用合并，或画得近一些。", en="Merge them, or draw it nearer to the old one."),
        )
    faces = np.array(parts, dtype=object)
    now_first, now_second = polygon_of(faces[of_first]), polygon_of(faces[~of_first])
    _hand_over(draft, {one: now_first, other: now_second})
    return draft.finished()


def _hand_over(draft: Draft, now: dict[int, BaseGeometry]) -> None:
    """Let grids have new land, and what they hold follow."""
    before = {grid: draft.shape(grid) for grid in now}
    for grid, land in now.items():
        draft.redraw(grid, land)
    for giver in now:
        for taker in now:
            if giver == taker:
                continue
            going = inside(before[giver], now[taker])
            if counts(going):
                draft.give(going, giver, taker)


def move_vertex(
    grids: gpd.GeoDataFrame, ids: Sequence[int], at: tuple[float, float], to: tuple[float, float]
) -> Redrawn:
    """Move a vertex of a boundary that siblings share, in every grid that has it.

    Parameters
    ----------
    ids : sequence of int
        Siblings that have the vertex.
    at, to : (lon, lat)
        Degrees.

    Raises
    ------
    NotSiblings, NotFound, OnOutline, SelfCrossing, WouldVanish, CrossesChildren
    """
    draft = Draft(grids)
    draft.must_be_siblings(ids)
    spot = np.array([at])
    edges = edges_near(grids, np.concatenate([spot[0], spot[0]]))
    vertex = snap_points(spot, edges)[0] if len(edges) else spot[0]
    if not any(_has(draft.shape(grid), vertex) for grid in ids):
        raise NotFound(
            Text(zh="这里没有界点。", en="There is no vertex here."),
            where=f"{at[0]:.6f}, {at[1]:.6f}",
            todo=Text(zh="请点击已有的界点。", en="Choose a vertex of the boundary."),
        )
    carriers = [each for each in draft.family(ids[0]) if _has(draft.shape(each), vertex)]
    if shapely.distance(shapely.boundary(draft.room(ids[0])), shapely.Point(vertex)) <= SNAP_DEG:
        raise _on_outline(draft, ids[0], at)
    place = np.array([to])
    around = edges_near(grids, np.concatenate([place[0], place[0]]))
    goal = snap_points(place, around)[0] if len(around) else place[0]
    now = {each: _moved(draft.shape(each), vertex, goal) for each in carriers}
    for grid, land in now.items():
        if not shapely.is_valid(land):
            raise SelfCrossing(
                Text(
                    zh=f"{draft.name(grid)}的边界会自相交。",
                    en=f"The outline of {draft.name(grid)} would cross itself.",
                ),
                where=f"{to[0]:.6f}, {to[1]:.6f}",
                todo=Text(zh="请移动得近一些。", en="Move it less far."),
            )
    _same_land(draft, now, to)
    _hand_over(draft, now)
    return draft.finished()


def _on_outline(draft: Draft, grid: int, at: tuple[float, float]) -> OnOutline:
    called, is_coarsest = draft.room_name(grid), draft.holder(grid) is None
    return OnOutline(
        Text(
            zh=f"这个界点在{called.zh}的边界上。",
            en=f"This vertex is on the outline of {called.en}.",
        ),
        where=f"{at[0]:.6f}, {at[1]:.6f}",
        todo=Text(
            zh="方案的外边界不在这里修改；请导入新的边界文件，另建方案。"
            if is_coarsest
            else f"请在上一级修改{called.zh}的边界。",
            en="It is not changed here; import a new file of the boundary, as a plan of its own."
            if is_coarsest
            else f"Change the outline of {called.en} at the level above.",
        ),
    )


def _same_land(draft: Draft, now: dict[int, BaseGeometry], to: tuple[float, float]) -> None:
    """Raise SelfCrossing if the moved vertex would reach beyond the grids that share it."""
    before = shapely.union_all([draft.shape(each) for each in now])
    after = shapely.union_all(list(now.values()))
    lost = shapely.symmetric_difference(before, after)
    parts = [each for each in shapely.get_parts(lost) if each.geom_type == "Polygon" and is_land(each)]
    if parts:
        raise SelfCrossing(
            Text(zh="界点会越过相邻网格的边界。", en="The vertex would pass the border of another grid."),
            where=f"{to[0]:.6f}, {to[1]:.6f}",
            todo=Text(
                zh="请移动得近一些，或改用“重画边界”。", en="Move it less far, or redraw the boundary."
            ),
        )


def _has(shape: BaseGeometry, vertex: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool((shapely.get_coordinates(shape) == vertex).all(axis=1).any())


def _moved(
    shape: BaseGeometry,
    vertex: np.ndarray[tuple[int], np.dtype[np.float64]],
    goal: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> BaseGeometry:
    coordinates = shapely.get_coordinates(shape)
    coordinates[(coordinates == vertex).all(axis=1)] = goal
    moved = shapely.set_coordinates(shape, coordinates)
    return shapely.remove_repeated_points(moved, 0.0)


def _why_not_freed(draft: Draft, grid: int) -> Text | None:
    """Why nobody may have the land of a grid of the hierarchy; None where that is allowed."""
    name, called = draft.name(grid), draft.room_name(grid)
    if not draft.siblings(grid):
        return Text(zh=f"{name}是{called.zh}的最后一个网格。", en=f"{name} is the last grid of {called.en}.")
    if draft.holder(grid) is None:
        return Text(
            zh=f"{name}没有上级网格，它的土地不能空出。", en=f"{name} has no parent: its land cannot be left."
        )
    if draft.held(grid, ADMINISTRATIVE):
        return Text(zh=f"{name}还有下级网格。", en=f"{name} is divided into grids itself.")
    return None


def remove(
    grids: gpd.GeoDataFrame,
    grid: int,
    *,
    land: Literal["neighbours", "holder"] = "neighbours",
    to: int | None = None,
) -> Redrawn:
    """Take a grid away.

    Parameters
    ----------
    land : str
        "neighbours": the sibling `to`, or that with the longest border, takes the land and all
        that the grid held; "holder": nobody has it from now on.
    to : int, optional

    Raises
    ------
    NotSiblings, NotNeighbours, LastGrid
    """
    draft = Draft(grids, frees_land=land == "holder")
    kind, called = draft.kind(grid), draft.room_name(grid)
    siblings = draft.siblings(grid)
    draft.removed = [grid]
    if kind == "key":
        return draft.finished()
    if land == "holder":
        why = _why_not_freed(draft, grid) if kind == ADMINISTRATIVE else None
        if why is not None:
            raise LastGrid(
                why,
                where=draft.name(grid),
                todo=Text(zh="请让相邻网格接收土地。", en="Let the neighbours take the land."),
            )
        draft.removed += [*draft.held(grid, "unit"), *draft.held(grid, "key")]
        return draft.finished()
    if to is not None and to not in siblings:
        raise NotSiblings(
            Text(zh="接收土地的应是同级相邻网格。", en="The land goes to a sibling."),
            where=draft.name(to),
            todo=Text(zh="请选择同一上级的网格。", en="Choose a grid of the same parent."),
        )
    if not siblings:
        raise LastGrid(
            Text(
                zh=f"{draft.name(grid)}是{called.zh}的最后一个网格。",
                en=f"{draft.name(grid)} is the last grid of {called.en}.",
            ),
            where=draft.name(grid),
            todo=Text(zh="没有相邻网格可以接收土地。", en="There is no neighbour that could take the land."),
        )
    heir = _heir(draft, grid, [to] if to is not None else siblings)
    draft.changed[heir] = joined(draft.shape(heir), draft.shape(grid))
    for below in (ADMINISTRATIVE, "unit", "key"):
        for child in draft.held(grid, below):
            draft.reparented[child] = heir
    return draft.finished()


def _heir(draft: Draft, grid: int, heirs: Sequence[int]) -> int:
    shapes = np.array([draft.shape(each) for each in heirs], dtype=object)
    shared = borders_deg(draft.shape(grid), shapes)
    if shared.max() <= 0:
        shared = shapely.area(shapely.intersection(shapes, draft.shape(grid)))  # they overlap
    if shared.max() <= 0:
        raise NotNeighbours(
            Text(
                zh=f"{draft.name(grid)}与接收的网格没有公共边界。",
                en=f"{draft.name(grid)} shares no border with the grid that would take it.",
            ),
            where=place_of(draft.shape(grid)),
            todo=Text(zh="请选择相邻的网格。", en="Choose a neighbour."),
        )
    return heirs[int(np.argmax(shared))]


def change_parent(grids: gpd.GeoDataFrame, grid: int, parent: int) -> Redrawn:
    """Put an administrative grid under another parent of the same level and the same grandparent.

    Its land goes along, unless it lies in the new parent already.

    Raises
    ------
    NotSiblings, LastGrid
    """
    draft = Draft(grids)
    former = draft.holder(grid)
    if draft.kind(grid) != ADMINISTRATIVE or former is None or former == parent:
        raise NotSiblings(
            Text(zh="这个网格不能改到这个上级。", en="This grid cannot go to that parent."),
            where=f"{draft.name(grid)}, {draft.name(parent)}",
            todo=Text(zh="请选择另一个同级的上级网格。", en="Choose another parent of the same level."),
        )
    draft.must_be_siblings([former, parent])
    if not draft.siblings(grid):
        raise LastGrid(
            Text(
                zh=f"{draft.name(grid)}是{draft.name(former)}的最后一个网格。",
                en=f"{draft.name(grid)} is the last grid of {draft.name(former)}.",
            ),
            where=draft.name(grid),
            todo=Text(zh="请改为合并两个上级。", en="Merge the two parents instead."),
        )
    draft.reparented[grid] = parent
    land = inside(draft.shape(grid), draft.shape(former))
    if is_land(land):
        draft.redraw(former, without(draft.shape(former), land))
        draft.redraw(parent, joined(draft.shape(parent), land))
        for unit in draft.held(former, "unit"):
            draft.follow(unit, land, parent)
    return draft.finished()
