"""A file brought back into a draft: what of its difference can be done, coarse to fine, as one edit.

Siblings that a file changed consistently take their new outlines together; where it leaves a gap or an
overlap, they are refused with the place, or redrawn one at a time in the file's order if that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

import numpy as np
import shapely
from pydantic import ValidationError
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError, InputError, StoreError
from gisgrid.exchange.difference import Change, Difference, Item, Refusal, compare
from gisgrid.exchange.draft import DraftRow, draft_rows
from gisgrid.exchange.former import HistoryOf
from gisgrid.exchange.placing import holder_of
from gisgrid.exchange.reading import GridFile, must_meet
from gisgrid.exchange.rounding import Areal
from gisgrid.exchange.shifted import must_not_be_shifted
from gisgrid.planning.editing import Author, Edited, check_versions, open_draft, settle
from gisgrid.planning.errors import StaleVersion
from gisgrid.planning.operations import Attributes, Carve, ChangeParent, Delete, Operation, Replace, Values
from gisgrid.planning.planned import Planned, as_one, planned
from gisgrid.planning.several import MOST_OPERATIONS, Retile, Tile
from gisgrid.spatial.changed import changed_land
from gisgrid.spatial.editing import changed_together
from gisgrid.spatial.editing.errors import LeavesGap, Overlaps
from gisgrid.store.draft_grids import write_changes
from gisgrid.text import Text

COVERED: Final = 0.999
"""Of the land of a grid that the file lacks: if its siblings there cover so much, they take its place."""


class Result(StrEnum):
    """What becomes of an item."""

    APPLIED = "applied"
    PARTLY = "partly"
    FOLLOWED = "followed"  # a coarser grid brought it there
    REFUSED = "refused"
    LEFT = "left"  # not in the file; stays as it is


@dataclass(frozen=True)
class Options:
    """How a file is taken.

    Attributes
    ----------
    removes : bool
        Whether grids that it lacks go, and neighbours take their land. Those whose
        land its other grids cover go anyway.
    redraws : bool
        Whether grids that do not fit together are redrawn one at a time: the neighbours
        give or take the difference.
    """

    removes: bool = False
    redraws: bool = False


@dataclass(frozen=True)
class Told:
    """What becomes of an item, why not, and whether redrawing one at a time might do."""

    result: Result
    refused: tuple[Refusal, ...] = ()
    can_redraw: bool = False
    is_redrawn: bool = False


@dataclass(frozen=True)
class Brought:
    """A difference and what becomes of it.

    Attributes
    ----------
    told : mapping of int to Told
        By the number of the item.
    edited : Edited or None
        None if nothing of it can be done.
    stale : StaleVersion or None
        Who changed what since the file was written.
    has_versions : bool
        Whether the file knows the version of every holder concerned.
    """

    difference: Difference
    told: Mapping[int, Told]
    edited: Edited | None
    stale: StaleVersion | None
    has_versions: bool


def bring(
    session: Session,
    plan_id: int,
    file: GridFile,
    options: Options,
    *,
    by: Author,
    expected: Mapping[str, int] | None = None,
    is_last_writer: bool = False,
    rehearse: bool = True,
) -> Brought:
    """Compare a file with a draft, and apply what differs; or say what would come of it.

    Parameters
    ----------
    expected : mapping of uid to int, optional
        The versions of the holders that whoever confirms has seen; by default those in the file.
    is_last_writer : bool
        What holds now is replaced, whatever the versions.

    Raises
    ------
    NotADraft
    InputError
        If the file is of another place or shifted, or differs in more grids than one edit can change.
    StaleVersion, VersionNeeded
        When it is to be applied, and the draft has moved on, or nobody says from where.
    """
    open_draft(session, plan_id)
    draft = draft_rows(session, plan_id)
    must_meet(file, shapely.GeometryCollection([each.geometry for each in draft.values()]))
    difference = compare(file, draft, HistoryOf(session, plan_id))
    must_not_be_shifted(file, draft, difference)
    _must_be_few(file, difference)
    work = _Work(session, plan_id, difference.items, options)
    plan = work.plan()
    if plan is None:
        return Brought(difference, work.told(), None, None, has_versions=True)
    versions = difference.versions if expected is None else expected
    if is_last_writer:
        versions = {each.uid: each.version for each in plan.holders}
    known = {each.uid: versions[each.uid] for each in plan.holders if each.uid in versions}
    stale = None
    try:
        check_versions(session, plan_id, known)
    except StaleVersion as error:
        if not rehearse:
            raise
        stale = error
    has_versions = len(known) == len(plan.holders)
    edited = settle(session, plan_id, plan, "import", by=by, expected=known, rehearse=rehearse)
    return Brought(difference, work.told(), edited, stale, has_versions)


def _must_be_few(file: GridFile, difference: Difference) -> None:
    count = sum(Change.REMOVED not in each.changes for each in difference.items)
    if count > MOST_OPERATIONS:
        raise InputError(
            Text(
                zh=f"有 {count} 个网格不同，超过一次可改的 {MOST_OPERATIONS} 个。",
                en=f"{count} grids differ, more than the {MOST_OPERATIONS} that one edit may change.",
            ),
            where=file.name,
            todo=Text(
                zh="请确认文件导出自这个草稿；或分几次导入。",
                en="Check that the file was exported from this draft, or bring it in parts.",
            ),
        )


@dataclass
class _Work:
    """Items done one group after the other, each on what the former left; all is taken back in the end."""

    session: Session
    plan_id: int
    items: Sequence[Item]
    options: Options
    steps: list[Planned] = field(default_factory=list)
    refusals: dict[int, list[Refusal]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    followed: set[int] = field(default_factory=set)
    redrawable: set[int] = field(default_factory=set)
    redrawn: set[int] = field(default_factory=set)

    def plan(self) -> Planned | None:
        """All that can be done, as one; None if nothing can."""
        for item in self.items:
            if item.refused is not None:
                self.refusals.setdefault(item.number, []).append(item.refused)
        trial = self.session.begin_nested()
        try:
            for group in self._coarse_to_fine():
                self._move(group)
                self._redraw(group)
            for item in self.items:
                self._change_values(item)
        finally:
            trial.rollback()
        if not self.steps:
            return None
        count = len(self.done)
        summary = Text(zh=f"从文件更新 {count} 个网格", en=f"Updated {count} grids from a file")
        whole = as_one(self.steps, summary)
        return whole if whole.changes else None

    def told(self) -> dict[int, Told]:
        """What became of each item."""
        return {each.number: self._told(each) for each in self.items}

    def _told(self, item: Item) -> Told:
        refused = tuple(self.refusals.get(item.number, ()))
        if item.number in self.done:
            result = Result.PARTLY if refused else Result.APPLIED
        elif refused:
            result = Result.REFUSED
        else:
            result = Result.FOLLOWED if item.number in self.followed else Result.LEFT
        number = item.number
        return Told(result, refused, number in self.redrawable, number in self.redrawn)

    def _coarse_to_fine(self) -> Iterable[list[Item]]:
        """Items of one kind and level each."""
        order = {"administrative": 0, "unit": 1, "key": 2}
        groups: dict[tuple[int, int], list[Item]] = {}
        for item in self.items:
            if item.refused is None and item.changes & {
                Change.ADDED,
                Change.REMOVED,
                Change.RESHAPED,
                Change.MOVED,
            }:
                rank = order[item.kind]
                level = item.level if item.level is not None and rank == 0 else 99
                groups.setdefault((rank, level), []).append(item)
        return [groups[key] for key in sorted(groups)]

    # One operation

    def _try(self, operation: Operation, items: Sequence[Item]) -> GisgridError | None:
        """Do an operation; the error if it is refused."""
        try:
            step = planned(self.session, self.plan_id, operation)
        except StoreError:
            raise
        except GisgridError as error:
            return error
        write_changes(self.session, self.plan_id, step.changes)
        self.steps.append(step)
        self.done |= {each.number for each in items}
        return None

    def _refuse(self, error: GisgridError, items: Sequence[Item]) -> None:
        for item in items:
            refusal = Refusal(error.what, error.where, error.todo)
            self.refusals.setdefault(item.number, []).append(refusal)

    def _do(self, operation: Operation, items: Sequence[Item]) -> None:
        error = self._try(operation, items)
        if error is not None:
            self._refuse(error, items)

    # Groups

    def _move(self, group: Sequence[Item]) -> None:
        for item in group:
            if Change.MOVED in item.changes:
                change = ChangeParent(
                    operation="change_parent", grid=item.uid or "", parent=item.holder or ""
                )
                self._do(change, [item])

    def _redraw(self, group: Sequence[Item]) -> None:
        now = draft_rows(self.session, self.plan_id)
        families: dict[str, list[Item]] = {}
        for item in group:
            if not item.changes & {Change.ADDED, Change.REMOVED, Change.RESHAPED}:
                continue
            holder = holder_of(item, now)
            if isinstance(holder, Refusal):
                self.refusals.setdefault(item.number, []).append(holder)
            elif item.uid is not None and not self._differs(item, now):
                self.followed.add(item.number)
            else:
                families.setdefault(holder, []).append(item)
        for holder, members in families.items():
            if members[0].kind == "key" or holder == "":
                self._one_by_one(members, holder)
                continue
            wanted = [each for each in members if Change.REMOVED not in each.changes]
            going = [each for each in members if Change.REMOVED in each.changes]
            wanted += [each for each in going if self.options.removes or _is_covered(each, wanted, now)]
            for cluster in _clusters(wanted, now):
                self._together(cluster, holder)

    def _differs(self, item: Item, now: Mapping[str, DraftRow]) -> bool:
        if item.uid is None or item.uid not in now:
            return False
        if item.geometry is None:
            return True
        return changed_land(now[item.uid].geometry, item.geometry) is not None

    def _together(self, cluster: Sequence[Item], holder: str) -> None:
        tiles = [_tile(each, each.geometry) for each in cluster if each.geometry is not None]
        going = tuple(str(each.uid) for each in cluster if each.geometry is None)
        if not tiles:
            self._one_by_one(cluster, holder)
            return
        kind = cast(Any, cluster[0].kind)
        try:
            retile = Retile(operation="retile", holder=holder, kind=kind, tiles=tuple(tiles), removed=going)
        except ValidationError:
            too_many = Text(zh="同一上级内相连的改动太多。", en="Too many changes hang together.")
            todo = Text(zh="请分几次导入。", en="Bring them in parts.")
            self._refuse(InputError(too_many, where=holder, todo=todo), cluster)
            return
        error = self._try(retile, cluster)
        if error is None:
            return
        if isinstance(error, LeavesGap | Overlaps):
            if self.options.redraws:
                self.redrawn |= {each.number for each in cluster}
                self._one_by_one(cluster, holder)
                return
            self.redrawable |= {each.number for each in cluster}
        self._refuse(error, cluster)

    def _one_by_one(self, items: Sequence[Item], holder: str) -> None:
        """In the file's order: neighbours give or take the difference."""
        for item in items:
            self._do(_alone(item, holder), [item])

    def _change_values(self, item: Item) -> None:
        if Change.VALUES not in item.changes or not item.values or item.uid is None:
            return
        changes = Values.model_validate(item.values)
        self._do(Attributes(operation="attributes", grid=item.uid, changes=changes), [item])


def _tile(item: Item, area: Areal) -> Tile:
    if item.uid is not None:
        return Tile(grid=item.uid, area=area)
    values = {name: item.values.get(name) for name in ("code", "category", "basis")}
    is_partial = bool(item.values.get("is_partial"))
    return Tile(area=area, name=item.name, is_partial=is_partial, **values)


def _alone(item: Item, holder: str) -> Operation:
    """What is done with an item that nobody else changes with."""
    area = item.geometry
    if area is None:
        land: Any = "holder" if item.kind == "key" else "neighbours"
        return Delete(operation="delete", grid=str(item.uid), land=land)
    if item.uid is not None:
        return Replace(operation="replace", grid=item.uid, area=area)
    values = {name: item.values.get(name) for name in ("code", "category", "basis", "supervising_level")}
    return Carve(
        operation="carve",
        kind=cast(Any, item.kind),
        holder=holder,
        area=area,
        takes=True,
        name=item.name,
        **values,
    )


def _clusters(items: Sequence[Item], now: Mapping[str, DraftRow]) -> list[list[Item]]:
    """Those that exchange land with each other, in the file's order."""
    if not items:
        return []
    by_number = {each.number: each for each in items}
    before: dict[int, BaseGeometry | None] = {
        each.number: None if each.uid is None else now[each.uid].geometry for each in items
    }
    groups = changed_together(before, {each.number: each.geometry for each in items})
    return [[by_number[number] for number in group] for group in groups]


def _is_covered(item: Item, others: Sequence[Item], now: Mapping[str, DraftRow]) -> bool:
    """Whether the land of a grid that the file lacks is other grids' there."""
    land = now[str(item.uid)].geometry
    shapes = np.array([each.geometry for each in others if each.geometry is not None], dtype=object)
    if not len(shapes):
        return False
    covered: float = shapely.intersection(shapely.union_all(shapes), land).area
    return covered >= COVERED * land.area
