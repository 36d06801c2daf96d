"""Several siblings drawn anew together: what one leaves another takes, and the whole stays covered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.arrangement import DUST_DEG2
from gisgrid.spatial.editing.chains import borders_deg, overlaid
from gisgrid.spatial.editing.drafting import Draft, is_land, place_of
from gisgrid.spatial.editing.errors import LeavesGap, NotSiblings, Overlaps
from gisgrid.spatial.editing.faces import Parted
from gisgrid.spatial.editing.result import Piece, Redrawn
from gisgrid.spatial.editing.snapping import as_drawn
from gisgrid.spatial.editing.within import beyond_holder
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text

Key = TypeVar("Key", bound=Hashable)
Faces: TypeAlias = NDArray[np.bool_]


def retile(
    grids: gpd.GeoDataFrame,
    holder: int,
    kind: Literal["administrative", "unit"],
    areas: Mapping[int, BaseGeometry],
    *,
    removed: Sequence[int] = (),
    added: Sequence[BaseGeometry] = (),
) -> Redrawn:
    """Give siblings new outlines together.

    Land changes hands between them, and what they hold follows it; land that nobody
    had may be taken. Narrower than 0.2 m, a gap goes to the neighbour with the longest
    border, and an overlap to whom it was before.

    Parameters
    ----------
    grids : GeoDataFrame
        As `gisgrid.spatial.editing` says.
    holder : int
        Their parent or owner.
    kind : str
    areas : mapping of id to polygon
        EPSG:4490.
    removed : sequence of int
        Siblings that go, and whose land the others take.
    added : sequence of polygons
        New siblings.

    Raises
    ------
    LeavesGap, Overlaps
        If together they do not cover what they covered, and nothing else's.
    NotSiblings, OutsideHolder, SelfCrossing, WouldVanish, CrossesChildren, SwappedCoordinates
    """
    draft = Draft(grids, takes_free_land=True)
    former = [*areas, *removed]
    if any((draft.holder(each), draft.kind(each)) != (holder, kind) for each in former):
        raise NotSiblings(
            Text(
                zh=f"这些网格不都属于{draft.name(holder)}。",
                en=f"Not all of these grids belong to {draft.name(holder)}.",
            ),
            where=", ".join(draft.name(each) for each in former[:4]),
            todo=Text(zh="请只选同一上级内的同类网格。", en="Choose grids of one kind and one parent."),
        )
    shapes = [as_drawn(grids, each) for each in (*areas.values(), *added)]
    division = _Division.of(draft, holder, kind, list(areas), removed, shapes)
    division.settle(draft, holder)
    for at, grid in enumerate(areas):
        draft.redraw(grid, division.land(at))
    draft.removed = list(removed)
    for at in range(len(areas), len(shapes)):
        donors = [each for j, each in enumerate(former) if (division.old[:, j] & division.now[:, at]).any()]
        draft.added.append(Piece(division.land(at), tuple(donors), holder, kind))
    _hand_over(draft, division, list(areas), former)
    return draft.finished()


@dataclass
class _Division:
    """The faces of the former and the new outlines, and who has each before and after."""

    parted: Parted
    old: Faces  # face, former member
    now: Faces  # face, new outline; the first are of `areas`, in their order
    had: Faces  # like `now`: whether the same grid had it before
    others: dict[int, Faces] = field(default_factory=dict)  # siblings that stay as they are

    @classmethod
    def of(
        cls,
        draft: Draft,
        holder: int,
        kind: str,
        kept: Sequence[int],
        removed: Sequence[int],
        shapes: Sequence[BaseGeometry],
    ) -> _Division:
        former = [*kept, *removed]
        siblings = [each for each in draft.held(holder, kind) if each not in former]
        reach = shapely.union_all(np.array(shapes, dtype=object))
        near = [each for each in siblings if shapely.intersects(draft.shape(each), reach)]
        lands = [*shapes, *(draft.shape(each) for each in (*former, *near, holder))]
        parted = Parted.of(np.array(lands, dtype=object))
        n, m = len(shapes), len(former)
        now, old = parted.covers[:, :n].copy(), parted.covers[:, n : n + m]
        had = np.zeros_like(now)
        had[:, : len(kept)] = old[:, : len(kept)]
        others = {each: parted.covers[:, n + m + at] for at, each in enumerate(near)}
        return cls(parted, old, now, had, others)

    def land(self, at: int) -> BaseGeometry:
        """What a new outline has in the end."""
        return self.parted.land(self.now[:, at])

    def parts(self, faces: Faces) -> list[BaseGeometry]:
        """The connected pieces of some faces that are more than noise."""
        return [each for each in shapely.get_parts(self.parted.land(faces)) if is_land(each)]

    def settle(self, draft: Draft, holder: int) -> None:
        """Refuse gaps, overlaps and what lies beyond the holder; give noise to one of those concerned."""
        inside = self.parted.covers[:, -1]
        beyond = self.now & ~inside[:, None] & ~self.had
        outside = self.parts(_any(beyond))
        if outside:
            raise beyond_holder(outside, draft.called(holder))
        self.now &= ~beyond
        for sibling, theirs in self.others.items():
            taken = self.now & theirs[:, None] & ~self.had
            _refuse_overlap(self.parts(_any(taken)), draft.name(sibling))
            self.now &= ~taken
        twice = np.asarray(self.now.sum(axis=1) > 1) & _any(self.now & ~self.had)
        _refuse_overlap(self.parts(twice), None)
        for face in np.flatnonzero(twice):
            claims = np.flatnonzero(self.now[face] & self.had[face])
            first = claims if len(claims) else np.flatnonzero(self.now[face])[:1]
            self.now[face] = False
            self.now[face, first] = True
        self._fill()

    def _fill(self) -> None:
        left = _any(self.old) & ~_any(self.now)
        for theirs in self.others.values():
            left &= ~theirs
        gaps = self.parts(left)
        if gaps:
            lost_m2 = float(area_m2(np.array(gaps, dtype=object)).sum())
            raise LeavesGap(
                Text(
                    zh=f"有 {lost_m2:,.0f} m² 原有的土地不再属于任何网格。",
                    en=f"{lost_m2:,.0f} m² that a grid had would be nobody's.",
                ),
                where=place_of(gaps[0]),
                todo=Text(
                    zh="请让相邻网格的边界在此重合，或改为逐个重画。",
                    en="Let the neighbours' boundaries meet here, or have them redrawn one at a time.",
                ),
            )
        if not left.any():
            return
        lands = np.array([self.land(at) for at in range(self.now.shape[1])], dtype=object)
        spots = shapely.point_on_surface(self.parted.faces)
        for piece in shapely.get_parts(self.parted.land(left)):
            heir = int(np.argmax(borders_deg(piece, lands)))
            self.now[left & shapely.intersects(piece, spots), heir] = True


def _any(faces: Faces) -> Faces:
    """Of n faces and m members: whether any has it."""
    return np.asarray(faces.any(axis=1))


def _refuse_overlap(parts: Sequence[BaseGeometry], sibling: str | None) -> None:
    if not parts:
        return
    over_m2 = float(area_m2(np.array(parts, dtype=object)).sum())
    zh = "网格互相重叠" if sibling is None else f"与{sibling}重叠"
    en = "The grids overlap each other" if sibling is None else f"It overlaps {sibling}"
    raise Overlaps(
        Text(zh=f"{zh} {over_m2:,.0f} m²。", en=f"{en} by {over_m2:,.0f} m²."),
        where=place_of(parts[0]),
        todo=Text(
            zh="请让相邻网格的边界在此重合，或改为逐个重画。",
            en="Let the neighbours' boundaries meet here, or have them redrawn one at a time.",
        ),
    )


def _hand_over(draft: Draft, division: _Division, kept: Sequence[int], former: Sequence[int]) -> None:
    """Let what the grids hold follow the land that goes from one to another."""
    takers = [*kept, *(-1 - at for at in range(division.now.shape[1] - len(kept)))]
    for j, giver in enumerate(former):
        stays = division.now[:, j] if j < len(kept) else np.zeros(len(division.now), dtype=bool)
        for i, taker in enumerate(takers):
            if taker == giver:
                continue
            given = division.old[:, j] & division.now[:, i] & ~stays & ~division.had[:, i]
            land = division.parted.land(given)
            if not land.is_empty:
                draft.give(land, giver, taker)
    for gone in draft.removed:
        for overlay in draft.held(gone, "key"):
            shape = draft.shape(overlay)
            inside = [overlaid(shape, division.land(i))[0].area for i in range(len(takers))]
            draft.reparented[overlay] = takers[int(np.argmax(inside))]


def changed_together(
    before: Mapping[Key, BaseGeometry | None], after: Mapping[Key, BaseGeometry | None]
) -> list[list[Key]]:
    """Which of some siblings exchange land, directly or through others.

    Parameters
    ----------
    before, after : mapping of key to polygon or None
        EPSG:4490; None where the grid does not exist. Valid.

    Returns
    -------
    list of lists of keys
        Each key once, in the order given.
    """
    keys = list(before)
    nowhere = shapely.Polygon()
    zones = shapely.symmetric_difference(
        np.array([before[each] or nowhere for each in keys], dtype=object),
        np.array([after[each] or nowhere for each in keys], dtype=object),
    )
    one, other = shapely.STRtree(zones).query(zones, predicate="intersects")
    pair = one < other
    one, other = one[pair], other[pair]
    common = shapely.area(shapely.intersection(zones[one], zones[other])) > DUST_DEG2
    links = coo_array((np.ones(common.sum()), (one[common], other[common])), shape=(len(keys), len(keys)))
    number = connected_components(links, directed=False)[1]
    groups: dict[int, list[Key]] = {}
    for key, group in zip(keys, number, strict=True):
        groups.setdefault(int(group), []).append(key)
    return list(groups.values())
