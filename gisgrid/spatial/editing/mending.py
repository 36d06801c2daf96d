"""One defect of a coverage mended: land given, cut off, or a grid put under the parent in which it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.frames import FindingKind
from gisgrid.spatial.arrangement import arrange, dissolve
from gisgrid.spatial.edges import directed_edges
from gisgrid.spatial.editing.chains import borders_deg, inside, joined, without
from gisgrid.spatial.editing.drafting import ADMINISTRATIVE, Draft
from gisgrid.spatial.editing.noding import near_box
from gisgrid.spatial.editing.result import Redrawn
from gisgrid.spatial.merging import SPIKE_DEG

Action: TypeAlias = Literal["give", "cut", "reparent", "none"]


@dataclass(frozen=True)
class Defect:
    """A finding of an audit, as `gisgrid.spatial.coverage` gives it.

    Attributes
    ----------
    kind : str
        A FindingKind.
    land : Polygon or MultiPolygon
        EPSG:4490.
    parent : int or None
        Whose land it is.
    owners : sequence of int
        Who covers it.
    neighbours : sequence of int
        The grids around it, the longest common border first.
    is_slight : bool
        Whether it is noise or a sliver: the finer levels follow what becomes of it.
    """

    kind: str
    land: BaseGeometry
    parent: int | None
    owners: Sequence[int]
    neighbours: Sequence[int]
    is_slight: bool = False


@dataclass(frozen=True)
class Remedy:
    """What mends a defect; `receiver` gets the land, or is the parent to come under, or None."""

    action: Action
    receiver: int | None


NOTHING = Remedy("none", None)


def remedy(grids: gpd.GeoDataFrame, defect: Defect) -> Remedy:
    """How a defect is mended.

    A gap goes to the child of its parent with the longest common border; an overlap
    to the claimant with the longest border that is the parent's own, if one is; what
    protrudes is cut off; mis-nested land goes to the neighbour that belongs there,
    and a grid that lies mostly in another parent changes its parent.

    Parameters
    ----------
    grids : GeoDataFrame
        As `gisgrid.spatial.editing` says.
    defect : Defect
    """
    draft = Draft(grids)
    known = [each for each in defect.neighbours if each in grids.index]
    own = [each for each in known if draft.holder(each) == defect.parent]
    if any(each not in grids.index for each in defect.owners):
        return NOTHING
    match defect.kind:
        case FindingKind.GAP:
            return Remedy("give", own[0]) if own else NOTHING
        case FindingKind.PROTRUSION:
            return Remedy("cut", None)
        case FindingKind.OVERLAP:
            claims = [each for each in defect.owners if draft.holder(each) == defect.parent]
            return Remedy("give", _longest(draft, defect.land, claims or list(defect.owners)))
        case _:
            (owner,) = defect.owners
            if defect.parent is not None and _lies_mostly_in(draft, owner, defect.parent):
                return Remedy("reparent", defect.parent)
            return Remedy("give", own[0]) if own else NOTHING


def _longest(draft: Draft, land: BaseGeometry, claims: Sequence[int]) -> int:
    rests = np.array([without(draft.shape(each), land) for each in claims], dtype=object)
    return claims[int(np.argmax(borders_deg(land, rests)))]


def _lies_mostly_in(draft: Draft, grid: int, parent: int) -> bool:
    shape = draft.shape(grid)
    return bool(inside(shape, draft.shape(parent)).area > shape.area / 2)


def mend(grids: gpd.GeoDataFrame, defect: Defect, chosen: Remedy | None = None) -> Redrawn:
    """Mend a defect as `remedy` says, or as was `chosen` by it; nothing changes where nothing is said.

    Raises
    ------
    WouldVanish, CrossesChildren
    """
    chosen = chosen or remedy(grids, defect)
    draft = Draft(
        grids,
        takes_free_land=defect.kind == FindingKind.GAP,
        frees_land=defect.kind == FindingKind.PROTRUSION,
        matches_edges=True,
        is_slight=defect.is_slight,
        witnesses=frozenset(defect.owners),
    )
    land = _exact(draft, defect) if defect.is_slight else defect.land
    if chosen.action == "reparent" and chosen.receiver is not None:
        (owner,) = defect.owners
        draft.reparented[owner] = chosen.receiver
    elif chosen.action != "none":
        for owner in defect.owners:
            if chosen.receiver is None and defect.is_slight:
                draft.cut(land, owner)
            elif owner != chosen.receiver:
                draft.redraw(owner, without(draft.shape(owner), land))
                if chosen.receiver is not None:
                    draft.give(land, owner, chosen.receiver)
            else:
                draft.changed.setdefault(owner, draft.shape(owner))  # for its vertices
        if chosen.receiver is not None and chosen.receiver not in defect.owners:
            draft.redraw(chosen.receiver, joined(draft.shape(chosen.receiver), land))
            if defect.is_slight:
                draft.hand_down(land, chosen.receiver)
    return draft.finished()


def _exact(draft: Draft, defect: Defect) -> BaseGeometry:
    """The land of a hairline to its very tips, which a finding lacks where they are narrower than 0.2 mm.

    Without them, neighbours would part by that much along metres of their boundary.
    """
    concerned = {*defect.owners, *defect.neighbours}
    if defect.parent is not None:
        concerned |= {defect.parent, *draft.held(defect.parent, ADMINISTRATIVE)}
    shapes = np.array(
        [draft.shape(each) for each in sorted(concerned & set(draft.grids.index))], dtype=object
    )
    box = np.array(defect.land.bounds) + SPIKE_DEG * np.array([-1, -1, 1, 1])
    faces = arrange(near_box(directed_edges(shapes), box).lines())[1]
    shapely.prepare(defect.land)
    chosen = faces.geometry[shapely.intersects(defect.land, faces.inside)]
    whole: BaseGeometry = dissolve(chosen) if len(chosen) else defect.land  # type: ignore[assignment]
    return whole
