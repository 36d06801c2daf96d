"""Collections as a request may read them: the layers, and beside them the drafts."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Annotated

from fastapi import Depends

from api.dependencies import Given, Identity, SiteDatabase
from api.layer_reading import NO_LAYER, PlanNumber, Reading, reading_of
from api.ogc.drafts import READERS, draft_layer, draft_layers, draft_of
from gisgrid.accounts.identity import Asker
from gisgrid.store.database import Database


def _collection(
    layer_id: str, identity: Identity, given: Given, database: SiteDatabase, plan: PlanNumber = None
) -> Iterator[Reading]:
    draft = draft_of(layer_id)
    if draft is None:
        yield from reading_of(layer_id, identity, given, database, plan)
        return
    if identity is None or given is None or identity.role not in READERS:
        raise NO_LAYER
    with database.bearer(given.token) as session:
        layer = draft_layer(session, draft)
        if layer is None:
            raise NO_LAYER
        yield Reading(layer, session, draft, None, True, identity)


OneCollection = Annotated[Reading, Depends(_collection, scope="function")]
"""The layer or draft that the path names, under the rights of who asks; 404 where they may not see it."""


def draft_readings(
    asker: Asker | None, token: str | None, database: Database
) -> Generator[Reading, None, None]:
    """The drafts that who asks may see, the latest first."""
    if asker is None or token is None or asker.role not in READERS:
        return
    with database.bearer(token) as session:
        for draft, layer in draft_layers(session):
            yield Reading(layer, session, draft, None, True, asker)
