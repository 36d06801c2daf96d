"""Answers that need not be sent again: ETags from the count of changes of the tables they were read from.

    version = data_version(session, layer.tables)
    etag = make_etag(version, layer.id, plan_id)
    if is_fresh(request, etag):
        return not_modified(etag, private=...)
    return Response(..., headers=freshness(etag, private=...))

Read the version in the transaction that reads the rows, and before them: then
an answer is never marked newer than it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

import gisgrid
from gisgrid.model import DataVersion


def data_version(session: Session, tables: Iterable[str]) -> str:
    """How often these tables have changed; equal only where nothing did."""
    wanted = sorted(set(tables))
    found = select(DataVersion.table.label("table_name"), DataVersion.version).where(
        DataVersion.table.in_(wanted)
    )
    counts = {row.table_name: row.version for row in session.execute(found)}
    return ".".join(str(counts.get(table, 0)) for table in wanted)


def make_etag(version: str, *parts: object) -> str:
    """A strong ETag of the data's version and of all else that the answer depends on.

    Name in `parts` whatever varies: the layer, the plan, parameters, the
    language, and for internal answers the account.
    """
    text = "\x1f".join(map(str, (gisgrid.__version__, version, *parts)))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def is_fresh(request: Request, etag: str) -> bool:
    """Whether who asks has this answer already (If-None-Match)."""
    asked = request.headers.get("if-none-match", "")
    known = {each.strip().removeprefix("W/") for each in asked.split(",")}
    return "*" in known or etag in known


def freshness(etag: str, *, private: bool) -> dict[str, str]:
    """The headers of an answer that may be kept, and must be asked about before it is used again."""
    return {
        "ETag": etag,
        "Cache-Control": f"{'private' if private else 'public'}, no-cache",
        "Vary": "Accept-Encoding, Accept-Language, Authorization, Cookie",
    }


def not_modified(etag: str, *, private: bool) -> Response:
    """304: what you have still holds."""
    return Response(status_code=304, headers=freshness(etag, private=private))
