"""Drafts as files for other tools, and files brought back: the difference first, then one edit."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Header, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import BearerSession
from api.drafts import Planner, PlanReader, VisiblePlan, expected_versions
from api.routes.edits import EditShown, author
from api.uploads import MAX_FILE_BYTES, UploadedFile
from api.words import Bilingual
from gisgrid.exchange.bringing import Brought, Options, Result, Told, bring
from gisgrid.exchange.difference import Change, Item, Refusal
from gisgrid.exchange.reading import GridFile, read_grid_file
from gisgrid.exchange.writing import MEDIA_TYPES, SUFFIXES, DraftFormat, write_draft
from gisgrid.frames import Rejected
from gisgrid.planning.errors import StaleVersion

router = APIRouter(prefix="/api/plans/{plan_id}", tags=["exchange"])

MOST_NOTED = 200
"""Rows that cannot be used are counted, and so many of them named."""


class RefusalShown(BaseModel):
    """Why something is not done."""

    reason: Bilingual
    where: str
    todo: Bilingual | None

    @classmethod
    def of(cls, given: Refusal) -> RefusalShown:
        """The same, for an answer."""
        todo = None if given.todo is None else Bilingual.of(given.todo)
        return cls(reason=Bilingual.of(given.what), where=given.where, todo=todo)


class ItemShown(BaseModel):
    """A grid that the file has otherwise than the draft, and what becomes of it.

    `row` counts as in the file; null where the file lacks the grid. `can_redraw`: it does not fit its
    neighbours, and could be redrawn with `redraws`.
    """

    number: int
    row: int | None
    uid: str | None
    name: str
    kind: str
    level: int | None
    changes: list[Change]
    values: dict[str, Any]
    former: dict[str, Any]
    holder: str | None
    bounds: list[float] | None
    area_m2_before: float | None
    area_m2_after: float | None
    differs_m2: float | None
    moved_m: float | None
    result: Result
    refused: list[RefusalShown]
    can_redraw: bool
    is_redrawn: bool

    @classmethod
    def of(cls, item: Item, told: Told) -> ItemShown:
        """The same, for an answer."""
        return cls(
            number=item.number,
            row=item.row,
            uid=item.uid,
            name=item.name,
            kind=item.kind,
            level=item.level,
            changes=sorted(item.changes),
            values=dict(item.values),
            former=dict(item.former),
            holder=item.holder,
            bounds=None if item.land is None else [float(each) for each in shapely.bounds(item.land)],
            area_m2_before=item.area_m2_before,
            area_m2_after=item.area_m2_after,
            differs_m2=item.differs_m2,
            moved_m=item.moved_m,
            result=told.result,
            refused=[RefusalShown.of(each) for each in told.refused],
            can_redraw=told.can_redraw,
            is_redrawn=told.is_redrawn,
        )


class RowShown(BaseModel):
    """A row of the file that cannot be used."""

    row: int
    reason: Bilingual

    @classmethod
    def of(cls, given: Rejected) -> RowShown:
        """The same, for an answer."""
        return cls(row=given.row, reason=Bilingual.of(given.reason))


class Since(BaseModel):
    """An edit of the draft that came after the file was written."""

    number: int
    by: str
    summary: Bilingual


class StaleShown(BaseModel):
    """That the draft has moved on, and by whom."""

    reason: Bilingual
    where: str
    changed: list[Since]

    @classmethod
    def of(cls, error: StaleVersion) -> StaleShown:
        """The same, for an answer."""
        changed = [
            Since(number=each.number, by=each.by, summary=Bilingual.of(each.summary))
            for each in error.changed
        ]
        return cls(reason=Bilingual.of(error.what), where=error.where, changed=changed)


class ImportShown(BaseModel):
    """The difference, what becomes of each grid, and the edit; `edit.number` is null until it is applied."""

    file: str
    format: str
    crs: str
    items: list[ItemShown]
    unchanged: int
    behind: list[str]
    rejected_count: int
    rejected: list[RowShown]
    notes: list[Bilingual]
    stale: StaleShown | None
    has_versions: bool
    edit: EditShown | None

    @classmethod
    def of(cls, file: GridFile, done: Brought) -> ImportShown:
        """The same, for an answer."""
        return cls(
            file=file.name,
            format=file.format,
            crs=file.crs,
            items=[ItemShown.of(each, done.told[each.number]) for each in done.difference.items],
            unchanged=done.difference.unchanged,
            behind=list(done.difference.behind),
            rejected_count=len(file.rejected),
            rejected=[RowShown.of(each) for each in file.rejected[:MOST_NOTED]],
            notes=[Bilingual.of(each) for each in file.notes],
            stale=None if done.stale is None else StaleShown.of(done.stale),
            has_versions=done.has_versions,
            edit=None if done.edited is None else EditShown.of(done.edited),
        )


@router.get("/export", response_class=FileResponse)
def export_draft(
    request: Request,
    plan: VisiblePlan,
    reader: PlanReader,
    session: BearerSession,
    wanted: Annotated[DraftFormat, Query(alias="format")] = DraftFormat.GPKG,
) -> Response:
    """The grids of a plan in one's jurisdiction as a file, every coordinate as it is stored, in EPSG:4490."""
    folder = Path(tempfile.mkdtemp(prefix="gisgrid-export-"))
    try:
        path = write_draft(session, plan, wanted, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        path,
        media_type=MEDIA_TYPES[wanted],
        filename=f"gisgrid-plan-{plan}-{date.today().isoformat()}{SUFFIXES[wanted]}",
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


@router.post(
    "/imports",
    max_body_size=MAX_FILE_BYTES,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def import_file(
    plan: VisiblePlan,
    planner: Planner,
    upload: UploadedFile,
    session: BearerSession,
    apply: bool = False,
    removes: bool = False,
    redraws: bool = False,
    crs: Annotated[str | None, Query(max_length=100)] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> ImportShown:
    """What a file of grids has otherwise than the draft; with `apply`, change the draft so, as one edit.

    `removes`: grids that the file lacks go. `redraws`: grids that do not fit their neighbours are redrawn one
    at a time. `crs`: what the file is in, whatever it declares, such as `gcj02`. The versions in the file
    decide whether the draft has moved on, unless `If-Match` names others, or an access token says `*` or
    declares that the last writer wins.
    """
    said = if_match is not None or planner.last_writer_wins
    expected = expected_versions(if_match, planner, is_needed=apply) if said else None
    is_last_writer = apply and said and expected is None
    file = read_grid_file(upload.path, upload.name, crs)
    options = Options(removes=removes, redraws=redraws)
    done = bring(
        session,
        plan,
        file,
        options,
        by=author(planner),
        expected=expected,
        is_last_writer=is_last_writer,
        rehearse=not apply,
    )
    return ImportShown.of(file, done)
