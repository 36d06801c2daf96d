"""Finding grids, sources and receptors by name or code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import AnonymousSession, Identity, OwnSession
from api.words import Bilingual
from gisgrid.supervision.search import MOST_HITS, Bounds, Hit, HitKind, search

router = APIRouter(tags=["search"])

Words = Annotated[str, Query(max_length=80, description="名称、代码或编号。 A name, code or number.")]
Limit = Annotated[int, Query(ge=1, le=MOST_HITS)]


class HitShown(BaseModel):
    """Something found: `id` is the feature's in its layer, `uid` outlives a new plan."""

    kind: HitKind
    id: str
    uid: str
    name: str
    detail: Bilingual
    lon: float
    lat: float
    bounds: Bounds | None

    @classmethod
    def of(cls, hit: Hit) -> HitShown:
        """The same, for an answer."""
        return cls(
            kind=hit.kind,
            id=str(hit.id),
            uid=hit.uid,
            name=hit.name,
            detail=Bilingual.of(hit.detail),
            lon=hit.lon,
            lat=hit.lat,
            bounds=hit.bounds,
        )


@router.get("/api/search")
def find(
    identity: Identity, public: AnonymousSession, own: OwnSession, q: Words, limit: Limit = 10
) -> list[HitShown]:
    """Find by name, code or number; enterprises and receptors for those who log in."""
    hits = search(public, None if identity is None else own, q, limit=limit)
    return [HitShown.of(each) for each in hits]
