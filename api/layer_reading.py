"""Layers as a request may read them: whose eyes, which plan, how fresh."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from api.caching import data_version, make_etag
from api.dependencies import Given, Identity, SiteDatabase, SiteSettings
from api.errors import NotFound
from gisgrid.accounts.identity import Asker
from gisgrid.layer import Audience, Layer
from gisgrid.model import Plan, PlanState
from gisgrid.publication.mapstyle import Bounds
from gisgrid.store.database import Database
from gisgrid.store.tiles import TILE_VERSION
from gisgrid.text import Text
from layers import all_layers

MAX_PLAN: Final = 2**62
PlanNumber = Annotated[
    int | None, Query(alias="plan", ge=1, le=MAX_PLAN, description="规划编号；默认为现行规划。 A plan's id.")
]

NO_LAYER = NotFound(
    Text(zh="没有这个图层。", en="There is no such layer."),
    todo=Text(
        zh="可见的图层列在 /api/layers；内部图层需要登录。",
        en="/api/layers lists those you may see; internal ones need a login.",
    ),
)
_NO_PLAN = NotFound(
    Text(zh="没有这个规划，或尚未公布。", en="There is no such plan, or it is not published."),
    todo=Text(zh="可见的规划列在 /api/plans。", en="/api/plans lists those you may see."),
)


@dataclass(frozen=True)
class Summary:
    """How many rows a layer has, and where."""

    count: int
    bounds: Bounds | None


@dataclass(frozen=True)
class Reading:
    """A layer in a transaction under the rights by which it is read.

    Attributes
    ----------
    plan : int or None
        The plan whose rows are meant; None where the layer has none, or none is published.
    stated_plan : int or None
        The plan as the address names it.
    is_private : bool
        Whether the answer is for whoever asked alone.
    """

    layer: Layer
    session: Session
    plan: int | None
    stated_plan: int | None
    is_private: bool
    asker: Asker | None

    @property
    def version(self) -> str:
        """Changes whenever an answer might: definition, rows, plan, day, and the rights behind a login."""
        # Posts and transfers begin and end at midnight; the database's, as in the layers.
        today: date = self.session.execute(select(func.current_date())).scalar_one()
        rights = (self.asker.role, self.asker.jurisdiction) if self.is_private and self.asker else ("public",)
        counts = data_version(self.session, self.layer.tables)
        tag = make_etag(counts, self.layer.id, self.layer.checksum, TILE_VERSION, self.plan, today, *rights)
        return tag.strip('"')

    def summary(self, version: str) -> Summary:
        """Number of rows and their bounds; worked out once a version."""
        return _SUMMARIES.get(version) or _SUMMARIES.keep(version, self._summary())

    def _summary(self) -> Summary:
        parameters = {"plan": self.plan} if self.layer.needs_plan else {}
        # Around the layer's query, not in it: what it selects helps to say what it joins.
        rows = self.layer.rows.add_columns(self.layer.place.label("place_of_row")).subquery()
        extent = func.ST_Extent(rows.c.place_of_row)
        counted = select(
            func.count(),
            func.ST_XMin(extent),
            func.ST_YMin(extent),
            func.ST_XMax(extent),
            func.ST_YMax(extent),
        ).select_from(rows)
        count, *bounds = self.session.execute(counted, parameters).one()
        if bounds[0] is None:
            return Summary(count, None)
        west, south, east, north = (float(each) for each in bounds)
        return Summary(count, (west, south, east, north))

    def address(self, base: str, path: str, version: str) -> str:
        """An absolute address about this layer that names its plan and version."""
        query = {"v": version} | ({"plan": self.stated_plan} if self.stated_plan else {})
        return f"{base}{path}?{urlencode(query)}"


class _Summaries:
    """The latest summaries, by version: counting a million rows takes longer than a page may."""

    def __init__(self, size: int = 1024) -> None:
        self._kept: OrderedDict[str, Summary] = OrderedDict()
        self._lock = threading.Lock()
        self._size = size

    def get(self, version: str) -> Summary | None:
        with self._lock:
            if version in self._kept:
                self._kept.move_to_end(version)
            return self._kept.get(version)

    def keep(self, version: str, summary: Summary) -> Summary:
        with self._lock:
            self._kept[version] = summary
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return summary


_SUMMARIES: Final = _Summaries()


def plan_in_force(session: Session) -> int | None:
    """The published plan; None before there is one."""
    return session.execute(select(Plan.id).where(Plan.state == PlanState.PUBLISHED)).scalar_one_or_none()


def _sees(session: Session, plan: int) -> bool:
    return session.execute(select(Plan.id).where(Plan.id == plan)).first() is not None


def visible_layers(asker: Asker | None) -> list[Layer]:
    """Those that this visitor or account may see, in the order of the switcher."""
    return [
        layer for layer in all_layers().values() if asker is not None or layer.audience is Audience.PUBLIC
    ]


def find_layer(layer_id: str, asker: Asker | None) -> Layer:
    """The layer of this id, if who asks may see it.

    Raises
    ------
    NotFound
        If there is none, or it is internal and nobody is logged in.
    """
    layer = all_layers().get(layer_id)
    if layer is None or (layer.audience is Audience.INTERNAL and asker is None):
        raise NO_LAYER
    return layer


def readings(
    wanted: list[Layer], stated_plan: int | None, asker: Asker | None, token: str | None, database: Database
) -> Generator[Reading, None, None]:
    """Open layers as they are read: public ones as the public does, unless the plan is not published."""
    with ExitStack() as open_sessions:
        public = open_sessions.enter_context(database.anonymous())
        seen_by_all = stated_plan is None or _sees(public, stated_plan)
        own: Session | None = None
        needs_own = not seen_by_all or any(layer.audience is Audience.INTERNAL for layer in wanted)
        if asker is not None and token is not None and needs_own:
            own = open_sessions.enter_context(database.bearer(token))
        if not seen_by_all and (own is None or not _sees(own, stated_plan or 0)):
            raise _NO_PLAN
        plan = stated_plan or plan_in_force(public)
        for layer in wanted:
            is_private = layer.audience is Audience.INTERNAL or (layer.needs_plan and not seen_by_all)
            session = own if is_private else public
            if session is not None:
                of_plan = plan if layer.needs_plan else None
                yield Reading(layer, session, of_plan, stated_plan, is_private, asker)


def reading_of(
    layer_id: str, identity: Identity, given: Given, database: SiteDatabase, plan: PlanNumber = None
) -> Iterator[Reading]:
    """The layer that the path names; for `OneLayer`."""
    layer = find_layer(layer_id, identity)
    yield from readings([layer], plan, identity, None if given is None else given.token, database)


OneLayer = Annotated[Reading, Depends(reading_of, scope="function")]
"""The layer that the path names, under the rights of who asks; 404 where they may not see it."""


def _base(request: Request, settings: SiteSettings) -> str:
    return (settings.public_url or str(request.base_url)).rstrip("/")


BaseUrl = Annotated[str, Depends(_base)]
"""Where the site is, as who asks reaches it."""
