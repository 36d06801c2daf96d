"""The sensitive places around a source or a point."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import BearerSession
from gisgrid.errors import InputError
from gisgrid.supervision.place import Place
from gisgrid.supervision.vicinity import Vicinity, around_place, around_source
from gisgrid.text import Text

router = APIRouter(tags=["surroundings"])

SourceId = Annotated[
    int | None,
    Query(
        ge=1, lt=2**63, description="污染源图层中的要素编号。 The id of the feature in the layer of sources."
    ),
]
Degrees = Annotated[float | None, Query(allow_inf_nan=False)]
Radius = Annotated[float, Query(allow_inf_nan=False, description="米，1 至 20000。 Metres, 1 to 20000.")]


class Centre(BaseModel):
    """What the circle is drawn around; an estimate if not from a unit's outline."""

    lon: float
    lat: float
    name: str | None
    estimate: bool


class ReceptorShown(BaseModel):
    """A sensitive place; no direction where it touches the centre."""

    id: str
    name: str | None
    kind: str
    distance_m: float
    bearing_deg: float | None
    direction: str | None
    lon: float
    lat: float


class KindShown(BaseModel):
    """All of one kind."""

    kind: str
    count: int
    nearest_m: float


class Surroundings(BaseModel):
    """What is around: `count` of all, of which the nearest 2,000 are listed."""

    center: Centre
    radius_m: float
    count: int
    receptors: list[ReceptorShown]
    by_kind: list[KindShown]

    @classmethod
    def of(cls, found: Vicinity) -> Surroundings:
        """The same, for an answer."""
        centre = found.centre
        return cls(
            center=Centre(lon=centre.lon, lat=centre.lat, name=centre.name, estimate=centre.is_estimate),
            radius_m=found.radius_m,
            count=found.count,
            receptors=[ReceptorShown(**(vars(each) | {"id": str(each.id)})) for each in found.receptors],
            by_kind=[KindShown(**vars(each)) for each in found.kinds],
        )


@router.get("/api/surroundings")
def show_surroundings(
    session: BearerSession,
    radius_m: Radius = 500.0,
    source: SourceId = None,
    lon: Degrees = None,
    lat: Degrees = None,
) -> Surroundings:
    """The receptors around a source, or around a point, inside one's jurisdiction."""
    if source is not None and lon is None and lat is None:
        return Surroundings.of(around_source(session, source, radius_m))
    if source is None and lon is not None and lat is not None:
        return Surroundings.of(around_place(session, Place(lon, lat), radius_m))
    raise InputError(
        Text(zh="请给出污染源，或者经纬度。", en="Name a source, or a longitude and a latitude."),
        where="source, lon, lat",
        todo=Text(
            zh="例如 ?source=12&radius_m=500，或 ?lon=122.1&lat=41.2&radius_m=500。",
            en="For example ?source=12&radius_m=500, or ?lon=122.1&lat=41.2&radius_m=500.",
        ),
    )
