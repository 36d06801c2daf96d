"""An edit in the making: who gets which land, what follows at finer levels, which vertices others get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.arrangement import SAME_PLACE_DEG
from gisgrid.spatial.edges import Floats, Geometries, directed_edges
from gisgrid.spatial.editing.chains import (
    borders_deg,
    inside,
    joined,
    outside,
    overlaid,
    through,
    vertices_of,
    without,
)
from gisgrid.spatial.editing.chains import is_land as is_more_than_rounding
from gisgrid.spatial.editing.errors import (
    CrossesChildren,
    EditFailed,
    NotSiblings,
    TooNarrow,
    WouldVanish,
)
from gisgrid.spatial.editing.noding import are_among, is_among, on_edges, unique_points
from gisgrid.spatial.editing.result import Piece, Redrawn
from gisgrid.spatial.findings import Tolerances, is_wide_enough
from gisgrid.text import Text

ADMINISTRATIVE = "administrative"
_SAME_DEG2 = 1e-15
"""Land that may appear or vanish in adding up (10 cm²)."""
_WIDE_DEG2 = 1e4
"""What is larger than a sixth of the Earth is land, and cannot be measured in a plane."""
_MARGIN_DEG = 1e-9
"""Rather more than what lies on an edge may be beside it."""

_PLAN = Text(zh="方案范围", en="the plan")
"""The land of the coarsest grids together, whose outline no edit moves."""


def is_land(shape: BaseGeometry) -> bool:
    """Whether a polygon is more than noise (0.2 m wide, 0.5 m²)."""
    if shape.is_empty or shape.area > _WIDE_DEG2:
        return not shape.is_empty
    return bool(is_wide_enough(np.array([shape], dtype=object), Tolerances())[0])


def counts(land: BaseGeometry) -> bool:
    """Whether land that changes hands is followed by finer grids: all that is more than a rounding."""
    return not land.is_empty and bool(is_more_than_rounding(np.array([land], dtype=object))[0])


def place_of(shape: BaseGeometry) -> str:
    """A place inside a geometry, for an error."""
    spot = shapely.point_on_surface(shape)
    return f"{spot.x:.6f}, {spot.y:.6f}"


@dataclass
class Draft:
    """The grids around an edit, and what becomes of them so far.

    `grids` is a frame indexed by id with `level`, `kind`, `parent`, `owner` (Int64), `name` and geometry.
    Otherwise than `frees_land` or `takes_free_land` say, each level covers afterwards what it covered before;
    `witnesses` cover some of it without a change. `matches_edges`: redrawn grids and those around exchange
    vertices that they had before, too. `is_slight`: what changes hands leaves a finer grid for nobody where
    the other side is not divided, as a hairline always does.
    """

    grids: gpd.GeoDataFrame
    frees_land: bool = False
    takes_free_land: bool = False
    matches_edges: bool = False
    is_slight: bool = False
    witnesses: frozenset[int] = frozenset()
    changed: dict[int, BaseGeometry] = field(default_factory=dict)
    added: list[Piece] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    reparented: dict[int, int] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = self.grids.index.tolist()
        self._geometry = dict(zip(ids, self.grids.geometry.to_numpy(), strict=True))
        self._level, self._kind, self._name = (
            dict(zip(ids, self.grids[column].tolist(), strict=True)) for column in ("level", "kind", "name")
        )
        above = zip(self._kind, self.grids["parent"].tolist(), self.grids["owner"].tolist(), strict=True)
        holder = {key: parent if self._kind[key] == ADMINISTRATIVE else owner for key, parent, owner in above}
        self._holder = {key: int(each) for key, each in holder.items() if each is not pd.NA}

    # What there is

    def shape(self, grid: int) -> BaseGeometry:
        """The land of a grid, as far as it is redrawn."""
        found: BaseGeometry = self.changed.get(grid) or self._geometry[grid]
        return found

    def name(self, grid: int) -> str:
        """What it is called."""
        return str(self._name[grid])

    def kind(self, grid: int) -> str:
        """Its kind."""
        return str(self._kind[grid])

    def holder(self, grid: int) -> int | None:
        """Its parent or owner; None for the coarsest."""
        return self._holder.get(grid)

    def held(self, holder: int, kind: str) -> list[int]:
        """The grids of a kind that a grid holds."""
        return [
            key
            for key, above in self._holder.items()
            if above == holder and self._kind[key] == kind and key not in self.removed
        ]

    def family(self, grid: int) -> list[int]:
        """The grids of its kind and holder, itself included; of one of the coarsest, those of its level."""
        holder = self.holder(grid)
        if holder is not None:
            return self.held(holder, self.kind(grid))
        alike = self._kin(grid)
        return [each for each in self._level if self._kin(each) == alike and each not in self.removed]

    def siblings(self, grid: int) -> list[int]:
        """The others of its family."""
        return [each for each in self.family(grid) if each != grid]

    def must_be_siblings(self, ids: Sequence[int]) -> tuple[int | None, str]:
        """The holder and kind that grids have in common; no holder if they are the coarsest."""
        first = ids[0]
        other = next((each for each in ids if self._kin(each) != self._kin(first)), None)
        if other is not None:
            raise NotSiblings(
                Text(
                    zh="这些网格不属于同一个上级，或不是同一类。",
                    en="These grids have different parents, or are of different kinds.",
                ),
                where=", ".join(self.name(each) for each in (first, other)),
                todo=Text(zh="请选择同一上级内的同类网格。", en="Choose grids of one kind and one parent."),
            )
        return self.holder(first), self.kind(first)

    def _kin(self, grid: int) -> tuple[int | None, str, int]:
        return self.holder(grid), self.kind(grid), self._level[grid]

    def room(self, grid: int) -> BaseGeometry:
        """The land that a grid may have: its holder's, or what the coarsest around it have and enclose."""
        holder = self.holder(grid)
        if holder is not None:
            return self.shape(holder)
        together = shapely.get_parts(shapely.union_all([self.shape(each) for each in self.family(grid)]))
        return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(together)))

    def room_name(self, grid: int) -> Text:
        """What that land is called."""
        holder = self.holder(grid)
        return _PLAN if holder is None else self.called(holder)

    def called(self, grid: int) -> Text:
        """Its name, in either language."""
        return Text(zh=self.name(grid), en=self.name(grid))

    # Land that changes hands

    def redraw(self, grid: int, land: BaseGeometry) -> None:
        """Let a grid have this land from now on."""
        if not is_land(land):
            raise WouldVanish(
                Text(zh=f"{self.name(grid)}将没有土地。", en=f"{self.name(grid)} would have no land left."),
                where=self.name(grid),
                todo=Text(zh="请改用合并或重画。", en="Merge it, or redraw it, instead."),
            )
        self.changed[grid] = land

    def give(self, land: BaseGeometry, giver: int, taker: int) -> None:
        """Let what a grid holds follow land that goes from `giver` to `taker` (-1, -2, …: added pieces)."""
        for kind in (ADMINISTRATIVE, "unit"):
            for child in self.held(giver, kind):
                self.follow(child, land, taker)

    def follow(self, child: int, land: BaseGeometry, taker: int) -> None:
        """Let one grid follow land that its holder gives to `taker`: whole, or the part that lies there."""
        kind = self.kind(child)
        shape = self.shape(child)
        if not shapely.intersects(shape, land):
            return
        going, staying = overlaid(shape, land)
        if not counts(going):
            return
        heirs = [] if taker < 0 else [each for each in self.held(taker, kind) if each != child]
        if not is_land(staying):
            if taker >= 0 and not heirs and kind == ADMINISTRATIVE:
                raise self._crossed(child, going, undivided=True)
            self.reparented[child] = taker
            return
        if kind != ADMINISTRATIVE and taker >= 0 and not heirs:
            self.redraw(child, staying)  # the new owner has no unit grids: nobody's there
            return
        if not heirs and (self.is_slight or not is_land(going)):
            self.frees_land = True  # the other side is not divided further
            self.cut(going, child)
            return
        if not heirs:
            raise self._crossed(child, going)
        heir = self.nearest_kin(going, heirs)
        self.redraw(child, staying)
        self.redraw(heir, joined(self.shape(heir), going))
        self.give(going, child, heir)

    def cut(self, land: BaseGeometry, grid: int) -> None:
        """Take land from a grid, and from what it holds."""
        self.redraw(grid, without(self.shape(grid), land))
        for kind in (ADMINISTRATIVE, "unit"):
            for child in self.held(grid, kind):
                if counts(inside(self.shape(child), land)):
                    self.cut(land, child)

    def hand_down(self, land: BaseGeometry, grid: int) -> None:
        """Let the grids that a grid holds have land that it got and that none of them covers."""
        heirs = self.held(grid, ADMINISTRATIVE)
        for each in heirs:
            if shapely.intersects(self.shape(each), land):
                land = outside(land, self.shape(each))
        if heirs and counts(land):
            heir = self.nearest_kin(land, heirs)
            self.redraw(heir, joined(self.shape(heir), land))
            self.hand_down(land, heir)

    def _crossed(self, child: int, going: BaseGeometry, *, undivided: bool = False) -> CrossesChildren:
        return CrossesChildren(
            Text(
                zh=f"{self.name(child)}将被划到没有下级网格的一方。"
                if undivided
                else f"这条线穿过下级网格{self.name(child)}。",
                en=f"{self.name(child)} would go to a grid that is not divided."
                if undivided
                else f"It goes through {self.name(child)}, a grid of a finer level.",
            ),
            where=f"{self.name(child)}: {place_of(going)}",
            todo=Text(
                zh="请沿下级网格的边界绘制，或先分割下级网格。",
                en="Draw along the boundaries of the finer grids, or cut those first.",
            ),
        )

    def nearest_kin(self, land: BaseGeometry, heirs: Sequence[int]) -> int:
        """The grid with the longest border with some land; of those without any, the nearest."""
        shapes = np.array([self.shape(each) for each in heirs], dtype=object)
        shared = borders_deg(land, shapes)
        if shared.max() > 0:
            return heirs[int(np.argmax(shared))]
        return heirs[int(np.argmin(shapely.distance(shapes, land)))]

    # The end

    def _units_keep_up(self) -> None:
        """Let the unit grids that tiled a grid before tile what it has now."""
        for owner in [each for each in self.changed if self.kind(each) == ADMINISTRATIVE]:
            units = [each for each in self._held_now(owner) if self._kind[each] == "unit"]
            if not units or not all(
                self._was_tiled(former) for former in {self._holder[each] for each in units}
            ):
                continue
            covered = shapely.union_all([self.shape(each) for each in units])
            for part in shapely.get_parts(outside(self.shape(owner), covered)):
                if counts(part):
                    heir = self.nearest_kin(part, units)
                    self.changed[heir] = joined(self.shape(heir), part)

    def _held_now(self, holder: int) -> list[int]:
        return [
            key
            for key, above in self._holder.items()
            if self.reparented.get(key, above) == holder and key not in self.removed
        ]

    def _was_tiled(self, owner: int) -> bool:
        """Whether the unit grids of a grid covered it before the edit."""
        units = [
            each for each, holder in self._holder.items() if holder == owner and self._kind[each] == "unit"
        ]
        whole, land = sum(self._geometry[each].area for each in units), self._geometry[owner].area
        return bool(abs(whole - land) <= _SAME_DEG2 + 1e-9 * land)

    def finished(self) -> Redrawn:
        """The result: new vertices carried into every grid that has the edge, and what must hold checked."""
        self._units_keep_up()
        self._assert_kept()
        self._meet_vertices()
        fresh = self._new_vertices()
        only: dict[int, BaseGeometry] = {}
        if len(fresh):
            box = shapely.box(*fresh.min(axis=0) - 1e-9, *fresh.max(axis=0) + 1e-9)
            keys = self.grids.index.to_numpy()
            shapes = np.array([self.shape(each) for each in keys], dtype=object)
            for key in keys[shapely.intersects(shapely.box(*shapely.bounds(shapes).T), box)]:
                if key in self.removed:
                    continue
                now = self.shape(int(key))
                led = _led(now, fresh)
                if led is now:
                    continue
                if key in self.changed:
                    self.changed[int(key)] = led
                else:
                    only[int(key)] = led
            self.added = [
                Piece(_led(each.geometry, fresh), each.of, each.holder, each.kind) for each in self.added
            ]
        # Those that only got vertices were looked at when they got them.
        self._assert_valid([*self.changed.values(), *(each.geometry for each in self.added)])
        return Redrawn(
            changed={**self.changed, **only},
            added=tuple(self.added),
            removed=tuple(self.removed),
            reparented=dict(self.reparented),
            only_vertices=frozenset(only),
            notes=tuple(self.notes),
        )

    def _meet_vertices(self) -> None:
        """Lead new edges through the vertices of other grids that lie on them."""
        shapes = [*self.changed.values(), *(each.geometry for each in self.added)]
        if not shapes:
            return
        edges = directed_edges(np.array(shapes, dtype=object))
        near = self._near(shapes)
        if self.matches_edges:
            new = edges
        else:
            new = edges.take(~are_among(edges.start, edges.end, directed_edges(near), either_way=True))
        if not len(new):
            return
        known = unique_points(shapely.get_coordinates(near))
        met = known[np.unique(on_edges(known, new, SAME_PLACE_DEG)[1])]
        if len(met):
            self.changed = {key: _led(shape, met) for key, shape in self.changed.items()}
            self.added = [
                Piece(_led(each.geometry, met), each.of, each.holder, each.kind) for each in self.added
            ]

    def _new_vertices(self) -> Floats:
        shapes = [*self.changed.values(), *(each.geometry for each in self.added)]
        if not shapes:
            return np.zeros((0, 2))
        now = vertices_of(np.array(shapes, dtype=object))
        if self.matches_edges:
            return now
        return now[~is_among(now, shapely.get_coordinates(self._near(shapes)))]

    def _near(self, shapes: Sequence[BaseGeometry]) -> Geometries:
        """The grids, as they were, whose boxes meet that of some shapes."""
        every: Geometries = self.grids.geometry.to_numpy()
        box = shapely.total_bounds(np.array(shapes, dtype=object)) + _MARGIN_DEG * np.array([-1, -1, 1, 1])
        boxes = shapely.bounds(every)
        return every[((boxes[:, :2] <= box[2:]) & (boxes[:, 2:] >= box[:2])).all(axis=1)]

    def _assert_kept(self) -> None:
        """Whether the administrative grids of each level cover, together, what they covered before."""
        if self.frees_land:
            return
        before: dict[int, list[BaseGeometry]] = {}
        after: dict[int, list[BaseGeometry]] = {}
        for grid in {*self.changed, *self.removed, *self.witnesses}:
            if self.kind(grid) != ADMINISTRATIVE:
                continue
            level = self._level[grid]
            before.setdefault(level, []).append(self._geometry[grid])
            if grid not in self.removed:
                after.setdefault(level, []).append(self.shape(grid))
        for each in self.added:
            if each.kind == ADMINISTRATIVE:
                level = self._level[each.of[0]] if each.holder is None else self._level[each.holder] + 1
                after.setdefault(level, []).append(each.geometry)
        for level, shapes in before.items():
            now = after.get(level, [])
            lost = shapely.union_all(shapes).area - shapely.union_all(now).area
            more = sum(each.area for each in now) - sum(each.area for each in shapes)
            if self.takes_free_land:
                lost, more = max(lost, 0.0), 0.0
            slack = _SAME_DEG2 + 1e-12 * sum(each.area for each in shapes)
            if abs(lost) > slack or more > slack:  # less is an overlap that is gone
                apart = shapely.symmetric_difference(shapely.union_all(shapes), shapely.union_all(now))
                if more <= slack and not is_more_than_rounding(shapely.get_parts(apart)).any():
                    continue  # hairlines between edges that were not quite the same
                raise EditFailed(
                    Text(
                        zh="结果与原来的范围不一致，没有修改。",
                        en="The result does not cover what it covered before; nothing was changed.",
                    ),
                    where="" if apart.is_empty else place_of(apart),
                    todo=Text(zh="请换一种画法，并告知管理员。", en="Draw it another way, and tell us."),
                )

    def _assert_valid(self, shapes: Iterable[BaseGeometry]) -> None:
        each = np.array(list(shapes), dtype=object)
        polygonal = np.isin(shapely.get_type_id(each), (3, 6))
        sound = polygonal & shapely.is_valid(each) & ~shapely.is_empty(each)
        if not sound.all():
            raise EditFailed(
                Text(
                    zh="结果中有无效的多边形，没有修改。",
                    en="Some polygon would be invalid; nothing was changed.",
                ),
                where="; ".join(shapely.is_valid_reason(each[~sound])),
                todo=Text(zh="请换一种画法，并告知管理员。", en="Draw it another way, and tell us."),
            )


def _led(shape: BaseGeometry, points: Floats) -> BaseGeometry:
    """A polygon through those points that lie on its edges; unless both sides of a slit in it would meet."""
    led = through(shape, points)
    return led if led is shape or shapely.is_valid(led) else shape


def must_be_wide(pieces: Sequence[BaseGeometry]) -> None:
    """Raise TooNarrow if one of the pieces is narrower than noise."""
    each = np.array(pieces, dtype=object)
    wide = is_wide_enough(each, Tolerances())
    if wide.all():
        return
    raise TooNarrow(
        Text(
            zh="会切出一块不足 0.2 米宽的细缝。",
            en="A piece narrower than 0.2 m would be cut off.",
        ),
        where=place_of(each[~wide][0]),
        todo=Text(
            zh="请让线段落在已有的界点或边界上，或离它远一些。",
            en="Let the line meet the vertex or border that is there, or keep away from it.",
        ),
    )


def in_order(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Polygons from west to east, then north to south."""
    return sorted(shapes, key=lambda each: (each.bounds[0], -each.bounds[3], each.area))


__all__ = ["ADMINISTRATIVE", "Draft", "counts", "in_order", "is_land", "must_be_wide", "place_of"]
