"""Who is responsible at a place, for a topic, on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from gisgrid.model import GridKind
from gisgrid.supervision.chain import Chain, GridHere, Named, chain_at, is_covered
from gisgrid.supervision.duties import NO_DUTIES, Duties, TopicName, duties_at, topic_of
from gisgrid.supervision.errors import NotOnEarth, SwappedPlace
from gisgrid.supervision.nearby import (
    Boundary,
    GridNearby,
    boundary_at,
    nearest_child,
    nearest_key_unit,
    nearest_undivided,
)
from gisgrid.supervision.place import Place
from gisgrid.supervision.plan_of_day import PlanOfDay, plan_of_day
from gisgrid.supervision.posts import NOBODY, GridPosts, posts_of
from gisgrid.text import Text


@dataclass(frozen=True)
class Responsible:
    """A grid over the place, its posts, and who else claims the place at its level."""

    grid: GridHere
    posts: GridPosts
    also: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Why nobody answers: outside every grid, or inside one whose children of a level leave the place out."""

    kind: Literal["outside", "gap"]
    level: int | None


@dataclass(frozen=True)
class WhoIsResponsible:
    """The answer.

    Attributes
    ----------
    chain : tuple of Responsible
        From the finest administrative grid up; empty outside every grid.
    key_units : tuple of Responsible
        Key and unit grids over the place.
    duties : Duties or None
        None if no topic was named; outside every grid nobody has any.
    boundary : Boundary or None
        The nearest boundary of the finest grid.
    nearest : GridNearby or None
        The grid nearest to a place that is left out.
    phones : dict
        Duty phones of grids nearby, by uid.
    """

    place: Place
    plan: PlanOfDay
    chain: tuple[Responsible, ...]
    key_units: tuple[Responsible, ...]
    nearest_key_unit: GridNearby | None
    topic: TopicName | None
    duties: Duties | None
    boundary: Boundary | None
    nearest: GridNearby | None
    phones: dict[str, str | None]
    gap: Gap | None
    is_overlap: bool


def who_is_responsible(
    session: Session, lon: float, lat: float, *, topic: str | None = None, on: date | None = None
) -> WhoIsResponsible:
    """Find who is responsible.

    What who is asking may not know, such as a name that is not public, the
    session does not see.

    Parameters
    ----------
    lon, lat : float
        Degrees, EPSG:4490.
    topic : str, optional
        A topic's code.
    on : date, optional
        Today, by the database's calendar, if not given.

    Raises
    ------
    NotOnEarth, SwappedPlace, UnusableDate, UnknownTopic, NothingPublished
    """
    plan = plan_of_day(session, on)
    place = _place(session, plan.id, lon, lat)
    about = topic_of(session, topic) if topic is not None else None
    chain = chain_at(session, plan.id, place)
    if not chain.grids:
        _refuse_swapped(session, plan.id, lon, lat)
    boundary = boundary_at(session, plan.id, place, chain.grids[0]) if chain.grids else None
    gap, nearest = _gap(session, plan.id, place, chain)
    key_unit = None
    if not any(each.kind is GridKind.KEY for each in chain.units):
        key_unit = nearest_key_unit(session, plan.id, place)
    neighbour = boundary.neighbour if boundary else None
    beside = [each.uid for each in (neighbour, nearest) if each is not None]
    posts = posts_of(session, [*chain.uids, *beside], plan.on)
    duties = NO_DUTIES if about is not None else None
    if about is not None and chain.grids:
        bodies = {uid: held.body for uid, held in posts.items() if held.body}
        duties = duties_at(session, place, chain, bodies, about, plan.on)
    return WhoIsResponsible(
        place=place,
        plan=plan,
        chain=tuple(
            Responsible(each, posts.get(each.uid, NOBODY), tuple(chain.claimed_also(each)))
            for each in chain.grids
        ),
        key_units=tuple(Responsible(each, posts.get(each.uid, NOBODY)) for each in chain.units),
        nearest_key_unit=key_unit,
        topic=about,
        duties=duties,
        boundary=boundary,
        nearest=nearest,
        phones={uid: posts.get(uid, NOBODY).duty_phone for uid in beside},
        gap=gap,
        is_overlap=chain.is_overlap,
    )


def _gap(session: Session, plan: int, place: Place, chain: Chain) -> tuple[Gap | None, GridNearby | None]:
    if not chain.grids:
        return Gap("outside", None), nearest_undivided(session, plan, place)
    left_out = chain.gap()
    if left_out is None:
        return None, None
    parent, level = left_out
    return Gap("gap", level), nearest_child(session, plan, place, parent, level)


def _place(session: Session, plan: int, lon: float, lat: float) -> Place:
    try:
        return Place(lon, lat)
    except NotOnEarth:
        _refuse_swapped(session, plan, lon, lat)
        raise


def _refuse_swapped(session: Session, plan: int, lon: float, lat: float) -> None:
    """Raise if a place outside every grid lies inside one with its numbers exchanged."""
    try:
        other_way = Place(lat, lon)
    except NotOnEarth:
        return
    if not is_covered(session, plan, other_way):
        return
    raise SwappedPlace(
        Text(
            zh="您是否把经纬度写反了？对调之后的位置在网格内。",
            en="Have longitude and latitude changed places? The other way round they lie inside a grid.",
        ),
        where="lon, lat",
        todo=Text(
            zh=f"请改用 lon={lat:.12g}、lat={lon:.12g} 重试。",
            en=f"Try again with lon={lat:.12g} and lat={lon:.12g}.",
        ),
    )
