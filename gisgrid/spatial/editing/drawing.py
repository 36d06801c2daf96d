"""Grids drawn as areas: new ones, redrawn ones, a whole set of unit grids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.editing.chains import overlaid
from gisgrid.spatial.editing.drafting import ADMINISTRATIVE, Draft, is_land, place_of
from gisgrid.spatial.editing.errors import OnOutline, TakenLand, WouldVanish
from gisgrid.spatial.editing.faces import Parted
from gisgrid.spatial.editing.result import Piece, Redrawn
from gisgrid.spatial.editing.snapping import as_drawn
from gisgrid.spatial.editing.within import beyond_holder
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text

Kind: TypeAlias = Literal["administrative", "unit", "key"]


def carve(grids: gpd.GeoDataFrame, holder: int, kind: Kind, area: BaseGeometry, *, takes: bool) -> Redrawn:
    """Draw a new grid inside a holder.

    Parameters
    ----------
    grids : GeoDataFrame
        As the module says.
    holder : int
        The parent of an administrative grid, the owner of a unit or key grid.
    kind : str
        A key grid lies over others: it takes no land from them.
    area : Polygon or MultiPolygon
        EPSG:4490; what lies beyond the holder by no more than noise is cut off.
    takes : bool
        Whether siblings give the land; otherwise nobody may have it yet.

    Raises
    ------
    SelfCrossing, OutsideHolder, TakenLand, WouldVanish, CrossesChildren, SwappedCoordinates
    """
    draft = Draft(grids, takes_free_land=True)
    land = _inside(as_drawn(grids, area), draft.shape(holder), draft.called(holder))
    if kind == "key":
        draft.added = [Piece(land, (), holder, kind)]
        return draft.finished()
    shapes = {each: draft.shape(each) for each in draft.held(holder, kind)}
    near = [each for each, shape in shapes.items() if shapely.intersects(shape, land)]
    parted = Parted.of(np.array([land, *(shapes[each] for each in near)], dtype=object))
    drawn = parted.covers[:, 0]
    donors = []
    for at, each in enumerate(near, 1):
        given = parted.land(drawn & parted.covers[:, at])
        if not is_land(given):
            drawn = drawn & ~parted.covers[:, at]
            continue
        if not takes:
            raise _taken(draft, each, given)
        donors.append(each)
        draft.redraw(each, parted.land(parted.covers[:, at] & ~parted.covers[:, 0]))
        _tell_parts(draft, each)
    new = parted.land(drawn)
    draft.added = [Piece(new, tuple(donors), holder, kind)]
    for each in donors:
        draft.give(new, each, -1)
    return draft.finished()


def replace(grids: gpd.GeoDataFrame, grid: int, area: BaseGeometry) -> Redrawn:
    """Redraw a grid: siblings give what it gains; those with the longest border take what it leaves.

    Raises
    ------
    NotSiblings, SelfCrossing, OutsideHolder, WouldVanish, CrossesChildren, SwappedCoordinates
    """
    draft = Draft(grids)
    kind, siblings = draft.kind(grid), draft.siblings(grid)
    if draft.holder(grid) is None and not siblings:
        raise _stays(draft, grid)
    land = _inside(as_drawn(grids, area), draft.room(grid), draft.room_name(grid))
    if kind == "key":
        draft.redraw(grid, land)
        return draft.finished()
    draft.takes_free_land = True
    before = {each: draft.shape(each) for each in (grid, *siblings)}
    reach = shapely.union(before[grid], land)
    near = [each for each in siblings if shapely.intersects(before[each], reach)]
    draft.witnesses = frozenset(near)  # of land that it leaves and shared with them
    parted = Parted.of(np.array([land, before[grid], *(before[each] for each in near)], dtype=object))
    drawn, own = parted.covers[:, 0], parted.covers[:, 1]
    given = {each: parted.covers[:, at] & drawn & ~own for at, each in enumerate(near, 2)}
    left = own & ~drawn & ~parted.covers[:, 2:].any(axis=1)
    taken = _heirs(draft, parted, left, near)
    draft.redraw(grid, parted.land(drawn))
    for at, each in enumerate(near, 2):
        gives, takes = parted.land(given[each]), parted.land(taken.get(each, np.zeros_like(own)))
        if gives.is_empty and takes.is_empty:
            continue
        now = (parted.covers[:, at] & ~given[each]) | taken.get(each, np.zeros_like(own))
        draft.redraw(each, parted.land(now))
        _tell_parts(draft, each)
        if not gives.is_empty:
            draft.give(gives, each, grid)
        if not takes.is_empty:
            draft.give(takes, grid, each)
    return draft.finished()


def _stays(draft: Draft, grid: int) -> OnOutline:
    return OnOutline(
        Text(
            zh=f"{draft.name(grid)}的边界是整个方案的外边界，不在这里修改。",
            en=f"The outline of {draft.name(grid)} is that of the whole plan, and is not changed here.",
        ),
        where=draft.name(grid),
        todo=Text(
            zh="请导入新的边界文件，另建方案。", en="Import a new file of the boundary, as a plan of its own."
        ),
    )


def _heirs(
    draft: Draft, parted: Parted, left: np.ndarray[tuple[int], np.dtype[np.bool_]], near: Sequence[int]
) -> dict[int, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Who takes each connected piece of the land that a grid leaves."""
    taken: dict[int, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for piece in shapely.get_parts(parted.land(left)) if left.any() else ():
        if not near:
            raise WouldVanish(
                Text(zh="没有相邻网格接收让出的土地。", en="No sibling is there to take the land left."),
                where=place_of(piece),
                todo=Text(
                    zh="请先在旁边划出网格，或不要缩小它。", en="Draw a sibling first, or do not shrink it."
                ),
            )
        heir = draft.nearest_kin(piece, near)
        inside = left & shapely.intersects(piece, shapely.point_on_surface(parted.faces))
        taken[heir] = taken.get(heir, np.zeros_like(left)) | inside
    return taken


def adopt(grids: gpd.GeoDataFrame, owner: int, areas: Sequence[BaseGeometry]) -> Redrawn:
    """Make an owner's unit grids these; those that it had go.

    Parameters
    ----------
    areas : sequence of n polygons
        That do not overlap by more than noise, inside the owner.

    Raises
    ------
    SelfCrossing, OutsideHolder, TakenLand, SwappedCoordinates
    """
    draft = Draft(grids)
    whole, called = draft.shape(owner), draft.called(owner)
    lands = [_inside(as_drawn(grids, area), whole, called) for area in areas]
    parted = Parted.of(np.array(lands, dtype=object))
    free = np.ones(len(parted.faces), dtype=bool)
    for at in range(len(lands)):
        mine = parted.covers[:, at]
        both = parted.land(mine & ~free)
        if is_land(both):
            raise TakenLand(
                Text(zh="单元网格互相重叠。", en="The unit grids overlap each other."),
                where=place_of(both),
                todo=Text(zh="请改正后重试。", en="Correct them, and try again."),
            )
        draft.added.append(Piece(parted.land(mine & free), (), owner, "unit"))
        free = free & ~mine
    draft.removed = draft.held(owner, "unit")
    return draft.finished()


def _inside(area: BaseGeometry, room: BaseGeometry, called: Text) -> BaseGeometry:
    """The area as far as it lies on the land that it may have; more than noise beyond it is refused."""
    inside, beyond = overlaid(area, room)
    parts = [each for each in shapely.get_parts(beyond) if is_land(each)]
    if parts:
        raise beyond_holder(parts, called)
    if not is_land(inside):
        raise WouldVanish(
            Text(zh="画出的范围不足 0.2 米宽。", en="What was drawn is narrower than 0.2 m."),
            where=place_of(area),
            todo=Text(zh="请重新绘制。", en="Draw it again."),
        )
    return inside


def _taken(draft: Draft, donor: int, given: BaseGeometry) -> TakenLand:
    return TakenLand(
        Text(
            zh=f"{draft.name(donor)}已占有其中 {_m2(given):,.0f} m²。",
            en=f"{draft.name(donor)} has {_m2(given):,.0f} m² of it already.",
        ),
        where=place_of(given),
        todo=Text(
            zh="请改为从相邻网格划出，或避开它。", en="Let the neighbours give the land, or keep off it."
        ),
    )


def _m2(shape: BaseGeometry) -> float:
    return float(area_m2(np.array([shape], dtype=object))[0])


def _tell_parts(draft: Draft, grid: int) -> None:
    parts = shapely.get_num_geometries(draft.shape(grid))
    if draft.kind(grid) in (ADMINISTRATIVE, "unit") and parts > 1:
        draft.notes.append(
            Text(
                zh=f"{draft.name(grid)}将分成不相连的 {parts} 块。",
                en=f"{draft.name(grid)} will lie in {parts} separate parts.",
            )
        )
