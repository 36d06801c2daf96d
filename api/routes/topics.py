"""The topics that decide between departments."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from api.caching import data_version, freshness, is_fresh, make_etag, not_modified
from api.dependencies import AnonymousSession
from api.words import Bilingual
from gisgrid.model import Topic

router = APIRouter(tags=["responsibility"])


class TopicShown(BaseModel):
    """A topic, and words by which people look for it."""

    code: str
    name: Bilingual
    keywords: list[str]


@router.get("/api/topics", response_model=list[TopicShown])
def list_topics(request: Request, session: AnonymousSession) -> Response:
    """The topics, the most usual first."""
    etag = make_etag(data_version(session, ["topic"]), "topics")
    if is_fresh(request, etag):
        return not_modified(etag, private=False)
    rows = session.execute(
        select(Topic.code, Topic.name_zh, Topic.name_en, Topic.keywords).order_by(Topic.position, Topic.id)
    )
    topics = [
        TopicShown(code=row.code, name=Bilingual(zh=row.name_zh, en=row.name_en), keywords=row.keywords)
        for row in rows
    ]
    return JSONResponse(
        [each.model_dump(mode="json") for each in topics], headers=freshness(etag, private=False)
    )
