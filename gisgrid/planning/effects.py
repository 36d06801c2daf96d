"""What follows from an edit: findings, and the grids in which sources lie, of what was touched and no more.

The result is what `gisgrid.planning.recompute` would make of the whole plan; a test compares the two.
"""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA
from gisgrid.planning.reassigning import Moved, Near, moved_of, store_moved, store_uncovered
from gisgrid.planning.rechecking import (
    Scope,
    StoredFinding,
    administrative_of,
    coarsest_level,
    findings_of,
    recheck,
)
from gisgrid.planning.recompute import recompute_plan
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.store.behind import Behind
from gisgrid.store.draft_grids import Around, Bounds, DraftGrid, GridChange, bounds_of, frame_of

_ADMINISTRATIVE = "administrative"


@dataclass(frozen=True)
class Effects:
    """What an edit changed beside the grids themselves.

    Attributes
    ----------
    findings_before, findings_after : tuple of StoredFinding
    moved : tuple of Moved
    is_of_all : bool
        The whole plan was computed anew, and it is not told which sources moved.
    """

    findings_before: tuple[StoredFinding, ...]
    findings_after: tuple[StoredFinding, ...]
    moved: tuple[Moved, ...]
    is_of_all: bool = False


@dataclass(frozen=True)
class Touched:
    """The administrative grids whose land changed, before and after, and where.

    Attributes
    ----------
    levels : mapping of level to ids
        Of grids that changed, came or went.
    holders : mapping of level to ids
        Of grids on that level whose division is to be looked at anew.
    parentless : frozenset of int
        Levels of those that have no parent.
    bounds : Bounds or None
        Of the land that changed hands; None where none did.
    """

    levels: Mapping[int, frozenset[int]]
    holders: Mapping[int, frozenset[int]]
    parentless: frozenset[int]
    bounds: Bounds | None

    @property
    def grids(self) -> frozenset[int]:
        """All of them, of any level."""
        return frozenset[int]().union(*self.levels.values())

    @classmethod
    def by(cls, changes: Iterable[GridChange]) -> Touched:
        """What a set of changes touched."""
        levels: dict[int, set[int]] = {}
        holders: dict[int, set[int]] = {}
        parentless: set[int] = set()
        boxes: list[Bounds] = []
        for change in changes:
            if change.is_outline_kept:
                continue
            sides = [side for side in (change.before, change.after) if side is not None]
            if len(sides) == 2 and not _moves_land(change):
                continue
            boxes += _changed_land(change)
            for side in sides:
                if side.columns["kind"] != _ADMINISTRATIVE:
                    continue
                level = int(side.columns["level"])
                levels.setdefault(level, set()).add(side.id)
                holders.setdefault(level, set()).add(side.id)
                if side.columns["parent_id"] is None:
                    parentless.add(level)
                else:
                    holders.setdefault(level - 1, set()).add(int(side.columns["parent_id"]))
        return cls(
            {level: frozenset(ids) for level, ids in levels.items()},
            {level: frozenset(ids) for level, ids in holders.items()},
            frozenset(parentless),
            bounds_of(boxes),
        )


def _moves_land(change: GridChange) -> bool:
    """Whether the grid's outline, or whose it is, changes; not so with a new name."""
    assert change.before is not None  # noqa: S101 -- asked of grids that stay
    assert change.after is not None  # noqa: S101
    return change.before.holder != change.after.holder or change.before.geometry != change.after.geometry


def _changed_land(change: GridChange) -> list[Bounds]:
    sides = [side.geometry for side in (change.before, change.after) if side is not None]
    land = sides[0]
    if len(sides) == 2:
        assert change.before is not None  # noqa: S101
        assert change.after is not None  # noqa: S101
        if change.before.holder == change.after.holder:
            land = shapely.symmetric_difference(sides[0], sides[1])
    return [] if land.is_empty else [land.bounds]


def _divided_or_undivided(
    session: Session, changes: Collection[GridChange], scopes: Iterable[Scope]
) -> list[Bounds]:
    """Where grids get their first child or lose their last: other sources are covered there than before."""
    held = {parent: len(children) for scope in scopes for parent, children in scope.held.items()}
    more: Counter[int] = Counter()
    for change in changes:
        for side, count in ((change.before, -1), (change.after, 1)):
            if side is not None and side.columns["parent_id"] is not None:
                more[int(side.columns["parent_id"])] += count
    turned = [parent for parent, count in more.items() if count and held.get(parent, 0) in (0, -count)]
    if not turned:
        return []
    return [(row.w, row.s, row.e, row.n) for row in session.execute(_BOXES, {"ids": turned})]


_BOXES = text(
    f"""SELECT public.ST_XMin(g.geometry) AS w, public.ST_YMin(g.geometry) AS s,
        public.ST_XMax(g.geometry) AS e, public.ST_YMax(g.geometry) AS n
    FROM {SCHEMA}.grid g WHERE g.id = ANY (:ids)"""
)


def _scopes(session: Session, plan_id: int, touched: Touched) -> list[Scope]:
    """What is to be audited anew, from coarse to fine."""
    levels = {level + 1 for level in touched.holders} | touched.parentless
    top = coarsest_level(session, plan_id) if touched.parentless else None
    top = top if top in levels else None
    below = sorted(levels - {top})
    around = Scope.around(
        session,
        plan_id,
        {level: touched.holders.get(level - 1, ()) for level in below},
        {level: touched.levels.get(level, ()) for level in below},
    )
    return [*(() if top is None else [Scope.of_coarsest(session, plan_id, top)]), *around]


@dataclass(frozen=True)
class Follow:
    """What is to be brought up to date once changes are written; looked up before they are.

    follow = Follow.of(session, plan_id, changes)
    placing = behind.do(placing_plan)
    behind.do(write_changes, plan_id, changes)
    effects = follow.up(behind, placing)

    Attributes
    ----------
    plan_id : int
    touched : Touched
    scopes : tuple of Scope
        What is to be audited.
    near : Near or None
        The sources that may lie elsewhere now; None where no land of administrative grids changes.
    grids : mapping of id to DraftGrid
        All administrative grids that take part, as they will be.
    removed : frozenset of int
    """

    plan_id: int
    touched: Touched
    scopes: tuple[Scope, ...]
    near: Near | None
    grids: Mapping[int, DraftGrid]
    removed: frozenset[int]

    @classmethod
    def of(
        cls,
        session: Session,
        plan_id: int,
        changes: Collection[GridChange],
        *,
        known: Around | None = None,
    ) -> Follow:
        """What these changes touch; `known` are grids that were read already, as they are before."""
        touched = Touched.by(changes)
        scopes = _scopes(session, plan_id, touched)
        if touched.bounds is not None:
            turned = _divided_or_undivided(session, changes, scopes)
            touched = replace(touched, bounds=bounds_of([touched.bounds, *turned]))
        near, grids = None, {}
        if touched.grids and touched.bounds is not None:
            findings = [each.id for scope in scopes for each in scope.stored if each.id is not None]
            near = Near.to(
                session,
                plan_id,
                touched.bounds,
                grids=touched.grids,
                findings=findings,
                levels=touched.levels,
            )
            grids = _taking_part(session, plan_id, changes, touched, scopes, near, known)
        removed = {each.before.id for each in changes if each.before is not None and each.after is None}
        return cls(plan_id, touched, tuple(scopes), near, grids, frozenset(removed))

    def up(self, behind: Behind, placing: Future[int | None]) -> Effects:
        """Bring findings and assignments up to date; `placing` is the plan whose grids place sources."""
        before = tuple(each for scope in self.scopes for each in scope.stored)
        if self.touched.bounds is None:
            return Effects(before, before, ())
        grids = frame_of(self.grids, texts=("path",))
        if placing.result() == self.plan_id:
            # Nothing was published yet: who oversees which source follows this draft.
            recompute_plan(behind.session, self.plan_id, within=self.touched.bounds)
            return Effects(before, tuple(findings_of(behind.session, self.plan_id)), (), is_of_all=True)
        if self.near is None:
            return Effects(before, before, ())
        assigned = assign(self.near.sources, grids)
        moved = moved_of(self.near, assigned, self.touched.levels)
        behind.do(store_moved, self.plan_id, moved, self.removed)
        missed = uncovered(self.near.sources, grids, assigned)
        after = tuple(each for scope in self.scopes for each in recheck(behind, self.plan_id, scope, grids))
        findings_stay = {each.id for each in before} == {each.id for each in after}
        store_uncovered(behind, self.plan_id, self.near, missed, findings_stay=findings_stay)
        return Effects(before, after, moved)


def _taking_part(
    session: Session,
    plan_id: int,
    changes: Collection[GridChange],
    touched: Touched,
    scopes: Collection[Scope],
    near: Near,
    known: Around | None,
) -> dict[int, DraftGrid]:
    """The administrative grids around all that is touched, as they will be."""
    holders = frozenset[int]().union(
        *touched.holders.values(), *([*scope.held, *scope.beside] for scope in scopes), near.nearest_divided
    )
    new = {each.after.id for each in changes if each.before is None and each.after is not None}
    if known is None or not (known.has(near.bounds, holders - new) and near.nearest <= known.grids.keys()):
        known = Around.read(session, plan_id, near.bounds, holders | near.nearest)
    return administrative_of(known.after(changes, near.bounds, holders | near.nearest))
