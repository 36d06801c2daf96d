"""Edits of a draft: done, tried, taken back and made again; and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Body, Header, Query
from pydantic import BaseModel

from api.dependencies import BearerSession, LoggedIn
from api.drafts import Planner, VisiblePlan, expected_versions
from api.words import Bilingual
from gisgrid.accounts.identity import Asker
from gisgrid.model import EditState
from gisgrid.planning.drawn import Uid
from gisgrid.planning.editing import Author, Edited, edit
from gisgrid.planning.history import History, history, redo, undo
from gisgrid.planning.rechecking import StoredFinding
from gisgrid.planning.several import AnyEdit
from gisgrid.planning.weighing import weight_of
from gisgrid.store.draft_grids import DraftGrid

router = APIRouter(prefix="/api/plans/{plan_id}/edits", tags=["edits"])

MOST_MOVED = 200
"""Sources that change hands are counted, and so many of them named."""

Feature = dict[str, Any]
Names = dict[int, tuple[str, str]]


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class FindingShown(BaseModel):
    """A defect among the grids that an edit touched; `id` is null for one that was only tried."""

    id: int | None
    kind: str
    size_class: str
    child_level: int
    area_m2: float
    width_m: float
    parent: Named | None
    owners: list[Named]
    geometry: dict[str, Any]


class FindingsShown(BaseModel):
    """What was wrong among them before, and what is after."""

    before: list[FindingShown]
    after: list[FindingShown]


class MovedShown(BaseModel):
    """A source that lies in another grid of a level than before."""

    uid: str
    name: str | None
    level: int
    before: Named | None
    after: Named | None


class MovedSources(BaseModel):
    """How many sources change hands, and the first of them."""

    count: int
    sources: list[MovedShown]


class LoadShown(BaseModel):
    """What a grid has to supervise, before and after."""

    uid: str
    name: str
    sources: int
    weighted: int
    sources_before: int
    weighted_before: int
    area_m2: float | None
    area_m2_before: float | None


class EditEntry(BaseModel):
    """An edit in the history of a draft."""

    number: int
    operation: str
    summary: Bilingual
    by: str
    at: datetime
    state: EditState
    bounds: list[float] | None
    touched: list[str]


class HistoryShown(BaseModel):
    """The edits, the latest first, and which of them the asker can take back or make again."""

    edits: list[EditEntry]
    can_undo: int | None
    can_redo: int | None

    @classmethod
    def of(cls, found: History) -> HistoryShown:
        """The same, for an answer."""
        entries = [
            EditEntry(**(vars(each) | {"summary": Bilingual.of(each.summary)})) for each in found.entries
        ]
        return cls(edits=entries, can_undo=found.can_undo, can_redo=found.can_redo)


class EditShown(BaseModel):
    """What an edit did, or would do: `number` is null for one that was only tried.

    `changed` leaves out grids that only got vertices on their edges.
    """

    number: int | None
    operation: str
    summary: Bilingual
    at: datetime | None
    by: str
    state: EditState
    holders: dict[str, int]
    changed: list[Feature]
    added: list[Feature]
    removed: list[str]
    findings: FindingsShown
    moved: MovedSources
    workload: list[LoadShown]
    notes: list[Bilingual]

    @classmethod
    def of(cls, done: Edited) -> EditShown:
        """The same, for an answer."""
        names = dict(done.names)
        moving = [each for each in done.changes if not each.is_outline_kept]
        moved = done.effects.moved
        return cls(
            number=done.number,
            operation=done.operation,
            summary=Bilingual.of(done.summary),
            at=done.at,
            by=done.by,
            state=done.state,
            holders=dict(done.holders),
            changed=[_feature(each.after) for each in moving if each.before and each.after],
            added=[_feature(each.after) for each in moving if each.before is None and each.after],
            removed=[each.uid for each in moving if each.after is None],
            findings=FindingsShown(
                before=[_finding(each, names) for each in done.effects.findings_before],
                after=[_finding(each, names) for each in done.effects.findings_after],
            ),
            moved=MovedSources(
                count=len({each.source_id for each in moved}),
                sources=[
                    MovedShown(
                        uid=each.uid,
                        name=each.name,
                        level=each.level,
                        before=_named(each.before, names),
                        after=_named(each.after, names),
                    )
                    for each in moved[:MOST_MOVED]
                ],
            ),
            workload=_loads(done),
            notes=[Bilingual.of(each) for each in done.notes],
        )


def _named(grid: int | None, names: Names) -> Named | None:
    if grid is None or grid not in names:
        return None
    uid, name = names[grid]
    return Named(uid=uid, name=name)


def _finding(finding: StoredFinding, names: Names) -> FindingShown:
    owners = [_named(each, names) for each in finding.owner_ids]
    return FindingShown(
        id=finding.id,
        kind=finding.kind,
        size_class=finding.size_class,
        child_level=finding.child_level,
        area_m2=finding.area_m2,
        width_m=finding.width_m,
        parent=_named(finding.parent_id, names),
        owners=[each for each in owners if each is not None],
        geometry=shapely.geometry.mapping(finding.geometry),
    )


def _feature(grid: DraftGrid) -> Feature:
    shown = ("uid", "kind", "level", "code", "name", "category", "basis", "is_partial", "supervising_level")
    return {
        "type": "Feature",
        "id": grid.uid,
        "geometry": shapely.geometry.mapping(grid.geometry),
        "properties": {column: grid.columns.get(column) for column in (*shown, "area_m2")},
    }


def _loads(done: Edited) -> list[LoadShown]:
    sides = {each.uid: each for each in done.changes if not each.is_outline_kept}
    shown = []
    for uid, load in done.loads.items():
        before, after = sides[uid].before, sides[uid].after
        shown.append(
            LoadShown(
                uid=uid,
                name=(after or before or sides[uid]).name,  # type: ignore[union-attr]
                sources=sum(load.after.values()),
                weighted=weight_of(load.after),
                sources_before=sum(load.before.values()),
                weighted_before=weight_of(load.before),
                area_m2=None if after is None else after.columns["area_m2"],
                area_m2_before=None if before is None else before.columns["area_m2"],
            )
        )
    return shown


def author(asker: Asker) -> Author:
    """Who is asking, as the history names them."""
    return Author(asker.id, asker.login)


@router.get("")
def show_history(
    plan: VisiblePlan,
    asker: LoggedIn,
    session: BearerSession,
    grid: Annotated[Uid | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> HistoryShown:
    """What was done to a draft, or to one of its grids, the latest first."""
    return HistoryShown.of(history(session, plan, by=author(asker), grid=grid, limit=limit))


@router.post("", status_code=201)
def make_edit(
    operation: Annotated[AnyEdit, Body()],
    plan: VisiblePlan,
    planner: Planner,
    session: BearerSession,
    preview: bool = False,
    if_match: Annotated[str | None, Header()] = None,
) -> EditShown:
    """Do one operation, or with `preview` say what would come of it.

    `If-Match` names the version of each grid whose members change; an access token may leave it out and
    declare `*`: then the last writer wins.
    """
    expected = expected_versions(if_match, planner, is_needed=not preview)
    return EditShown.of(
        edit(session, plan, operation, by=author(planner), expected=expected, rehearse=preview)
    )


@router.post("/undo")
def undo_edit(plan: VisiblePlan, planner: Planner, session: BearerSession) -> EditShown:
    """Take back one's own latest edit."""
    return EditShown.of(undo(session, plan, by=author(planner)))


@router.post("/redo")
def redo_edit(plan: VisiblePlan, planner: Planner, session: BearerSession) -> EditShown:
    """Make again what was taken back last."""
    return EditShown.of(redo(session, plan, by=author(planner)))
