"""What the page must know before anything else: which city, which plan, which levels."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from api.basemaps import base_map
from api.caching import data_version, freshness, is_fresh, make_etag, not_modified
from api.dependencies import AnonymousSession, SiteSettings
from api.routes.plans import PlanShown
from api.words import Bilingual
from gisgrid.crs.metric import metric_crs_of
from gisgrid.planning.plans import Bounds, published_territory
from gisgrid.settings import Settings
from gisgrid.text import Text

router = APIRouter(tags=["site"])

_TABLES: Final = ("grid", "plan", "plan_level", "responsibility")
_CHINA: Final[Bounds] = (73.5, 18.1, 135.1, 53.6)
"""Where to look while no plan is published."""
_UNNAMED: Final = Text(zh="", en="")


class LevelShown(BaseModel):
    """A level of the plan."""

    level: int
    name: Bilingual
    count: int


class BaseMapShown(BaseModel):
    """Where the base map's tiles are, on this site."""

    tiles: list[str]
    attribution: str
    labels: list[str] | None


class Site(BaseModel):
    """The site; until a plan is published, `plan` is null and the city has no name."""

    city: Bilingual
    bounds: Bounds
    plan: PlanShown | None
    levels: list[LevelShown]
    hotline: str
    verified_on: date | None
    basemap: BaseMapShown | None
    metric_crs: str


@router.get("/api/site", response_model=Site)
def show_site(request: Request, session: AnonymousSession, settings: SiteSettings) -> Response:
    """The city, its plan and its levels."""
    basemap = _basemap(settings)
    etag = make_etag(data_version(session, _TABLES), "site", settings.hotline, basemap)
    if is_fresh(request, etag):
        return not_modified(etag, private=False)
    # Counting the grids of a nation takes a quarter of a second; they change with the version.
    kept: tuple[str, Site] | None = getattr(request.app.state, "site", None)
    if kept is None or kept[0] != etag:
        kept = request.app.state.site = (etag, _site(session, settings, basemap))
    return JSONResponse(kept[1].model_dump(mode="json"), headers=freshness(etag, private=False))


def _site(session: Session, settings: Settings, basemap: BaseMapShown | None) -> Site:
    territory = published_territory(session)
    bounds = territory.bounds if territory and territory.bounds else _CHINA
    return Site(
        city=Bilingual.of(territory.name if territory else _UNNAMED),
        bounds=bounds,
        plan=PlanShown.of(territory.plan) if territory else None,
        levels=[
            LevelShown(level=each.level, name=Bilingual.of(each.name), count=each.count)
            for each in (territory.levels if territory else ())
        ],
        hotline=settings.hotline,
        verified_on=territory.verified_on if territory else None,
        basemap=basemap,
        metric_crs=metric_crs_of(bounds),
    )


def _basemap(settings: Settings) -> BaseMapShown | None:
    chosen = base_map(settings)
    if chosen is None:
        return None
    return BaseMapShown(
        tiles=["/basemap/{z}/{x}/{y}"],
        attribution=chosen.attribution,
        labels=["/basemap/labels/{z}/{x}/{y}"] if chosen.labels else None,
    )
