"""OGC API Features Part 4: features of drafts created, replaced, updated and deleted (OGC 20-002)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Given, Identity, LoggedIn, SiteDatabase
from api.drafts import expected_versions, must_plan
from api.errors import NotFound, Unprocessable, UnsupportedMedia
from api.layer_reading import NO_LAYER, BaseUrl, find_layer
from api.ogc.drafts import READERS, draft_layer, draft_of, etag_of
from api.ogc.items import MAX_FID
from api.routes.edits import author
from gisgrid.accounts.identity import Asker
from gisgrid.crs.served import CRS84, ServedCrs, served_crs
from gisgrid.errors import InputError
from gisgrid.exchange.features import add_feature, change_feature, delete_feature
from gisgrid.exchange.reading import Areal
from gisgrid.model import AccountRole
from gisgrid.planning.drawn import area_given
from gisgrid.planning.editing import Edited
from gisgrid.text import Text

router = APIRouter(include_in_schema=False)

_READ: Final = "GET, HEAD, OPTIONS"
_BODIES: Final = frozenset(
    ("application/geo+json", "application/json", "application/vnd.geo+json", "application/merge-patch+json")
)
_ITEMS: Final = "/collections/{layer_id}/items"
_ITEM: Final = "/collections/{layer_id}/items/{fid}"
_AS_FEATURE: Final = Text(zh="请发送 GeoJSON 要素。", en="Send a GeoJSON feature.")


@dataclass(frozen=True)
class Draft:
    """A draft that who asks may change."""

    plan: int
    session: Session
    asker: Asker


def _draft(layer_id: str, asker: LoggedIn, given: Given, database: SiteDatabase) -> Iterator[Draft]:
    plan = draft_of(layer_id)
    if plan is None:
        find_layer(layer_id, asker)
        raise HTTPException(405, headers={"Allow": _READ})
    assert given is not None  # noqa: S101 -- or nobody would be logged in
    with database.bearer(given.token) as session:
        if asker.role not in READERS or draft_layer(session, plan) is None:
            raise NO_LAYER
        must_plan(asker)
        yield Draft(plan, session, asker)


DraftToChange = Annotated[Draft, Depends(_draft, scope="function")]
"""404 where the draft may not be seen, 405 where the collection is no draft, then 403."""


@dataclass(frozen=True)
class Sent:
    """A GeoJSON feature as it came; only what it has."""

    members: dict[str, Any]
    crs: ServedCrs

    @property
    def properties(self) -> dict[str, Any]:
        """Its properties."""
        found = self.members.get("properties")
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise _unusable("properties")
        return found

    @property
    def geometry(self) -> Areal | None:
        """Its geometry, EPSG:4490, longitude first."""
        found = self.members.get("geometry")
        return None if found is None else area_given(found, is_flipped=self.crs.is_flipped)


def _unusable(where: str) -> Unprocessable:
    return Unprocessable(
        Text(zh="请求内容不是可用的 GeoJSON 要素。", en="The body is no GeoJSON feature that can be used."),
        where=where,
        todo=_AS_FEATURE,
    )


async def _sent(
    request: Request, draft: DraftToChange, content_crs: Annotated[str | None, Header()] = None
) -> Sent:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in _BODIES:
        raise UnsupportedMedia(
            Text(zh="不接受这种内容。", en="Such content is not accepted."), where=kind[:60], todo=_AS_FEATURE
        )
    try:
        members = json.loads(await request.body(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _unusable("") from None
    if not isinstance(members, dict):
        raise _unusable("")
    crs = CRS84 if content_crs is None else served_crs(content_crs)
    if not crs.is_geographic:
        raise InputError(
            Text(zh="写入时坐标应为经纬度。", en="Coordinates that are written are in degrees."),
            where=content_crs or "",
            todo=Text(zh="可用 CRS84、EPSG:4326、EPSG:4490。", en="Use CRS84, EPSG:4326 or EPSG:4490."),
        )
    return Sent(members, crs)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


Body = Annotated[Sent, Depends(_sent)]
"""The body as a feature, once it is known who sends it."""

IfMatch = Annotated[str | None, Header()]


def _fid(fid: str) -> int:
    if not fid.isascii() or not fid.isdecimal() or int(fid[:19]) > MAX_FID or len(fid) > 19:
        raise NotFound(
            Text(zh="没有这个要素。", en="There is no such feature."),
            todo=Text(zh="请从 items 中选取编号。", en="Take an id from the collection's items."),
        )
    return int(fid)


def _must_be_feature(body: Sent) -> None:
    if body.members.get("type") != "Feature":
        raise _unusable("type")


@router.post(_ITEMS)
def create_feature(draft: DraftToChange, body: Body, base: BaseUrl, if_match: IfMatch = None) -> Response:
    """Draw a new grid; siblings give the land that they have."""
    expected = expected_versions(if_match, draft.asker, is_needed=True)
    _must_be_feature(body)
    geometry = body.geometry
    if geometry is None:
        raise _unusable("geometry")
    by = author(draft.asker)
    done = add_feature(draft.session, draft.plan, geometry, body.properties, by=by, expected=expected)
    new = next(each.after for each in done.changes if each.before is None and each.after is not None)
    where = f"{base}/ogc/collections/draft-{draft.plan}/items/{new.id}"
    return Response(status_code=201, headers={"Location": where, **_tag(draft, new.id)})


@router.put(_ITEM)
def replace_feature(draft: DraftToChange, fid: str, body: Body, if_match: IfMatch = None) -> Response:
    """Replace a grid: neighbours give or take the difference; properties not given are taken away."""
    _must_be_feature(body)
    if body.members.get("geometry") is None:
        raise _unusable("geometry")
    return _changed(draft, _fid(fid), body, if_match, is_whole=True)


@router.patch(_ITEM)
def update_feature(draft: DraftToChange, fid: str, body: Body, if_match: IfMatch = None) -> Response:
    """Change what is given (a JSON merge patch), and nothing else."""
    return _changed(draft, _fid(fid), body, if_match, is_whole=False)


def _changed(draft: Draft, fid: int, body: Sent, if_match: str | None, *, is_whole: bool) -> Response:
    expected = expected_versions(if_match, draft.asker, is_needed=True)
    change_feature(
        draft.session,
        draft.plan,
        fid,
        body.geometry,
        body.properties,
        is_whole=is_whole,
        by=author(draft.asker),
        expected=expected,
    )
    return Response(status_code=204, headers=_tag(draft, fid))


@router.delete(_ITEM)
def remove_feature(
    draft: DraftToChange,
    fid: str,
    land: Annotated[Literal["neighbours", "holder"], Query()] = "neighbours",
    if_match: IfMatch = None,
) -> Response:
    """Take a grid away; `land` says whether its neighbours take the land, which is usual, or nobody."""
    expected = expected_versions(if_match, draft.asker, is_needed=True)
    by = author(draft.asker)
    done: Edited = delete_feature(draft.session, draft.plan, _fid(fid), land, by=by, expected=expected)
    return Response(status_code=204, headers={"X-Gisgrid-Edit": str(done.number)})


def _tag(draft: Draft, fid: int) -> dict[str, str]:
    found = etag_of(draft.session, draft.plan, fid)
    return {} if found is None else {"ETag": found}


@router.options(_ITEMS)
def items_options(layer_id: str, asker: Identity) -> Response:
    """What may be done with a collection; clients ask before they offer to edit."""
    return _allowed(layer_id, asker, "POST")


@router.options(_ITEM)
def item_options(layer_id: str, fid: str, asker: Identity) -> Response:
    """What may be done with a feature."""
    return _allowed(layer_id, asker, "PUT, PATCH, DELETE")


def _allowed(collection: str, asker: Asker | None, writing: str) -> Response:
    may = (
        draft_of(collection) is not None
        and asker is not None
        and asker.may_write
        and asker.role in (AccountRole.ADMIN, AccountRole.PLANNER)
    )
    headers = {"Allow": f"{_READ}, {writing}" if may else _READ}
    if may and "PATCH" in writing:
        headers["Accept-Patch"] = "application/merge-patch+json"
    return Response(status_code=204, headers=headers)
