"""OGC API Features Part 4: features of drafts created, replaced, updated and deleted (OGC 20-002)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import LOG_IN, Given, Identity, SiteDatabase
from api.drafts import expected_versions, must_plan
from api.layer_reading import NO_LAYER, BaseUrl, find_layer
from api.ogc.drafts import READERS, draft_layer, draft_of, etag_of
from api.ogc.items import number_of
from api.ogc.parameters import COMMON
from api.ogc.parameters import given as given_parameters
from api.ogc.sent import FEATURE_TYPES, PATCH_TYPES, SentFeature, feature_sent
from api.routes.edits import author
from gisgrid.accounts.identity import Asker, TokenKind
from gisgrid.exchange.features import add_feature, change_feature, delete_feature, uid_of
from gisgrid.model import AccountRole
from gisgrid.planning.editing import Edited

router = APIRouter(prefix="/ogc", include_in_schema=False)

_READ: Final = "GET, HEAD, OPTIONS"
_ITEMS: Final = "/collections/{layer_id}/items"
_ITEM: Final = "/collections/{layer_id}/items/{fid}"
_ANY_TAGS: Final = re.compile(r'\s*(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*\s*')


async def _raw(request: Request) -> bytes:
    """The body, heard before a transaction begins: who sends slowly holds up nobody."""
    return await request.body()


Raw = Annotated[bytes, Depends(_raw)]


@dataclass(frozen=True)
class Draft:
    """A draft that who asks may change."""

    plan: int
    session: Session
    asker: Asker


def _draft(
    request: Request, raw: Raw, layer_id: str, asker: Identity, given: Given, database: SiteDatabase
) -> Iterator[Draft]:
    plan = draft_of(layer_id)
    if plan is None:
        find_layer(layer_id, asker)
        raise HTTPException(405, headers={"Allow": _READ})
    if asker is None or given is None:
        raise LOG_IN
    with database.bearer(given.token) as session:
        if asker.role not in READERS or draft_layer(session, plan) is None:
            raise NO_LAYER
        must_plan(asker)
        given_parameters(request.query_params, (*COMMON, "land"))
        yield Draft(plan, session, asker)


DraftToChange = Annotated[Draft, Depends(_draft, scope="function")]
"""405 where the collection is no draft, 401, 404 where the draft may not be seen, then 403."""


def _feature(
    request: Request, draft: DraftToChange, raw: Raw, content_crs: Annotated[str | None, Header()] = None
) -> SentFeature:
    kinds = PATCH_TYPES if request.method == "PATCH" else FEATURE_TYPES
    return feature_sent(raw, request.headers.get("content-type"), content_crs, kinds)


Body = Annotated[SentFeature, Depends(_feature)]
"""The body as a feature, once it is known who sends it."""

IfMatch = Annotated[str | None, Header()]


def _grid(draft: DraftToChange, fid: str) -> tuple[int, str]:
    number = number_of(fid)
    return number, uid_of(draft.session, draft.plan, number)


OneGrid = Annotated[tuple[int, str], Depends(_grid)]
"""The id and the uid of the grid that the path names; 404 where there is none."""


def _expected(if_match: str | None, asker: Asker) -> dict[str, int] | None:
    """As `expected_versions`; but a tag that is none of ours matches nothing, as RFC 9110 has it."""
    if if_match is not None and _ANY_TAGS.fullmatch(if_match) and not _is_ours(if_match):
        return {}
    return expected_versions(if_match, asker, is_needed=True)


def _is_ours(if_match: str) -> bool:
    return re.fullmatch(r'\s*"[^":]{1,64}:\d{1,18}"(\s*,\s*"[^":]{1,64}:\d{1,18}")*\s*', if_match) is not None


@router.post(_ITEMS)
def create_feature(draft: DraftToChange, body: Body, base: BaseUrl, if_match: IfMatch = None) -> Response:
    """Draw a new grid; siblings give the land that they have."""
    expected = _expected(if_match, draft.asker)
    by = author(draft.asker)
    done = add_feature(
        draft.session, draft.plan, body.whole_geometry, body.properties, by=by, expected=expected
    )
    new = next(each.after for each in done.changes if each.before is None and each.after is not None)
    where = f"{base}/ogc/collections/draft-{draft.plan}/items/{new.id}"
    return Response(status_code=201, headers={"Location": where, **_told(draft, new.id, done)})


@router.put(_ITEM)
def replace_feature(draft: DraftToChange, grid: OneGrid, body: Body, if_match: IfMatch = None) -> Response:
    """Replace a grid: neighbours give or take the difference; properties not given are taken away."""
    return _changed(draft, grid, body, if_match, is_whole=True)


@router.patch(_ITEM)
def update_feature(draft: DraftToChange, grid: OneGrid, body: Body, if_match: IfMatch = None) -> Response:
    """Change what is given (a JSON merge patch), and nothing else."""
    return _changed(draft, grid, body, if_match, is_whole=False)


def _changed(
    draft: Draft, grid: tuple[int, str], body: SentFeature, if_match: str | None, *, is_whole: bool
) -> Response:
    fid, uid = grid
    expected = _expected(if_match, draft.asker)
    geometry = body.whole_geometry if is_whole else body.patched_geometry(fid)
    done = change_feature(
        draft.session,
        draft.plan,
        uid,
        geometry,
        body.properties,
        is_whole=is_whole,
        by=author(draft.asker),
        expected=expected,
    )
    return Response(status_code=204, headers=_told(draft, fid, done))


@router.delete(_ITEM)
def remove_feature(
    draft: DraftToChange,
    grid: OneGrid,
    land: Annotated[Literal["neighbours", "holder"], Query()] = "neighbours",
    if_match: IfMatch = None,
) -> Response:
    """Take a grid away; `land` says whether its neighbours take the land, which is usual, or nobody."""
    expected = _expected(if_match, draft.asker)
    by = author(draft.asker)
    done = delete_feature(draft.session, draft.plan, grid[1], land, by=by, expected=expected)
    return Response(status_code=204, headers=_told(draft, grid[0], done))


def _told(draft: Draft, fid: int, done: Edited | None) -> dict[str, str]:
    """The feature's ETag, and the number of the edit in the history of the draft."""
    etag = etag_of(draft.session, draft.plan, fid)
    told = {} if etag is None else {"ETag": etag}
    return told if done is None else told | {"X-Gisgrid-Edit": str(done.number)}


@router.options(_ITEMS)
def items_options(layer_id: str, asker: Identity) -> Response:
    """What may be done with a collection; clients ask before they offer to edit."""
    return _allowed(layer_id, asker, "POST", {"Accept-Post": ", ".join(FEATURE_TYPES)})


@router.options(_ITEM)
def item_options(layer_id: str, fid: str, asker: Identity) -> Response:
    """What may be done with a feature."""
    return _allowed(layer_id, asker, "PUT, PATCH, DELETE", {"Accept-Patch": ", ".join(PATCH_TYPES)})


def _allowed(collection: str, asker: Asker | None, writing: str, more: dict[str, str]) -> Response:
    if draft_of(collection) is None:
        find_layer(collection, asker)
    may = (
        draft_of(collection) is not None
        and asker is not None
        and asker.kind is TokenKind.ACCESS_TOKEN
        and asker.may_write
        and asker.role in (AccountRole.ADMIN, AccountRole.PLANNER)
    )
    headers = {"Allow": f"{_READ}, {writing}", **more} if may else {"Allow": _READ}
    return Response(status_code=200, headers=headers)
