"""Who is responsible at a place, for a topic, on a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import OwnSession, SiteSettings
from api.words import Bilingual
from gisgrid.model import DutyRole, PlanState
from gisgrid.supervision.duties import DepartmentName, Holder, Transfer
from gisgrid.supervision.nearby import Boundary, GridNearby
from gisgrid.supervision.posts import PostHeld
from gisgrid.supervision.responsibility import Responsible, WhoIsResponsible, who_is_responsible

router = APIRouter(tags=["responsibility"])

Degrees = Annotated[float, Query(allow_inf_nan=False, description="度，EPSG:4490。 Degrees, EPSG:4490.")]
TopicCode = Annotated[
    str | None,
    Query(max_length=64, description="事项代码，见 /api/topics。 A topic's code, from /api/topics."),
]
Day = Annotated[date | None, Query(description="日期，默认今天。 The day; today by default.")]


class GridName(BaseModel):
    """A grid by its identity and its name."""

    uid: str
    name: str


class DepartmentShown(BaseModel):
    """A department."""

    code: str
    name: Bilingual

    @classmethod
    def of(cls, department: DepartmentName) -> DepartmentShown:
        """The same, for an answer."""
        return cls(code=department.code, name=Bilingual.of(department.name))


class PostShown(BaseModel):
    """A post; `person` is null where it is vacant, or the name is not public."""

    title: str
    vacant: bool
    person: str | None
    duty_phone: str | None
    verified_on: date | None

    @classmethod
    def of(cls, post: PostHeld) -> PostShown:
        """The same, for an answer."""
        return cls(
            title=post.title,
            vacant=post.is_vacant,
            person=post.person,
            duty_phone=post.duty_phone,
            verified_on=post.verified_on,
        )


class ChainGrid(BaseModel):
    """A grid over the place, and its posts."""

    uid: str
    code: str | None
    name: str
    level: int
    level_name: Bilingual
    category: str | None
    indicative: bool
    body: str | None
    first_responsible: PostShown | None
    staff: list[PostShown]
    staff_count: int
    duty_phone: str | None
    verified_on: date | None
    owner: GridName | None
    also_claimed_by: list[GridName]

    @classmethod
    def of(cls, each: Responsible) -> ChainGrid:
        """The same, for an answer."""
        grid, posts = each.grid, each.posts
        return cls(
            uid=grid.uid,
            code=grid.code,
            name=grid.name,
            level=grid.level,
            level_name=Bilingual.of(grid.level_name),
            category=grid.category,
            indicative=grid.is_indicative,
            body=posts.body,
            first_responsible=PostShown.of(posts.first) if posts.first else None,
            staff=[PostShown.of(post) for post in posts.staff],
            staff_count=posts.staff_count,
            duty_phone=posts.duty_phone,
            verified_on=posts.verified_on,
            owner=GridName(uid=grid.owner.uid, name=grid.owner.name) if grid.owner else None,
            also_claimed_by=[GridName(uid=other.uid, name=other.name) for other in each.also],
        )


class PlanName(BaseModel):
    """The plan in force on the day."""

    id: int
    title: Bilingual
    state: PlanState


class TopicShown(BaseModel):
    """The topic asked about."""

    code: str
    name: Bilingual


class HolderShown(BaseModel):
    """A department, or the government of a grid of the chain, and its part in the topic."""

    code: str
    name: Bilingual
    role: DutyRole
    holder: Literal["department", "grid"]
    grid_uid: str | None
    basis: str | None

    @classmethod
    def of(cls, holder: Holder) -> HolderShown:
        """The same, for an answer."""
        return cls(
            code=holder.code,
            name=Bilingual.of(holder.name),
            role=holder.role,
            holder="department" if holder.grid_uid is None else "grid",
            grid_uid=holder.grid_uid,
            basis=holder.basis,
        )


class TransferShown(BaseModel):
    """The overlay that decided which department has a duty here."""

    name: Bilingual
    to: DepartmentShown
    instead_of: list[DepartmentShown]
    basis: str | None

    @classmethod
    def of(cls, transfer: Transfer) -> TransferShown:
        """The same, for an answer."""
        return cls(
            name=Bilingual(zh=transfer.name, en=transfer.name),
            to=DepartmentShown.of(transfer.to),
            instead_of=[DepartmentShown.of(each) for each in transfer.instead_of],
            basis=transfer.basis,
        )


class KeyUnitNearby(BaseModel):
    """The nearest key unit grid."""

    uid: str
    name: str
    distance_m: float


class Neighbour(BaseModel):
    """The grid across the boundary."""

    uid: str
    name: str
    parent_name: str | None
    duty_phone: str | None


class BoundaryShown(BaseModel):
    """The nearest boundary of the finest grid; `near` under 50 m. No direction on the very line."""

    distance_m: float
    direction: str | None
    neighbour: Neighbour | None
    near: bool

    @classmethod
    def of(cls, boundary: Boundary, phones: dict[str, str | None]) -> BoundaryShown:
        """The same, for an answer."""
        across = boundary.neighbour
        return cls(
            distance_m=boundary.distance_m,
            direction=boundary.direction,
            neighbour=None
            if across is None
            else Neighbour(
                uid=across.uid,
                name=across.name,
                parent_name=across.parent_name,
                duty_phone=phones.get(across.uid),
            ),
            near=boundary.is_near,
        )


class NearestGrid(BaseModel):
    """The nearest grid to a place that is left out."""

    uid: str
    name: str
    level: int
    distance_m: float
    duty_phone: str | None

    @classmethod
    def of(cls, grid: GridNearby, phones: dict[str, str | None]) -> NearestGrid:
        """The same, for an answer."""
        return cls(
            uid=grid.uid,
            name=grid.name,
            level=grid.level,
            distance_m=grid.distance_m,
            duty_phone=phones.get(grid.uid),
        )


class GapShown(BaseModel):
    """Why nobody answers for the place at some level."""

    kind: Literal["outside", "gap"]
    level: int | None


class Responsibility(BaseModel):
    """Who is responsible."""

    lon: float
    lat: float
    on: date
    plan: PlanName
    inside: bool
    overlap: bool
    chain: list[ChainGrid]
    key_units: list[ChainGrid]
    nearest_key_unit: KeyUnitNearby | None
    topic: TopicShown | None
    departments: list[HolderShown]
    transfer: TransferShown | None
    departments_missing_lead: bool
    boundary: BoundaryShown | None
    nearest: NearestGrid | None
    gap: GapShown | None
    hotline: str

    @classmethod
    def of(cls, found: WhoIsResponsible, hotline: str) -> Responsibility:
        """The same, for an answer."""
        plan, duties, key_unit, topic = found.plan, found.duties, found.nearest_key_unit, found.topic
        return cls(
            lon=found.place.lon,
            lat=found.place.lat,
            on=plan.on,
            plan=PlanName(id=plan.id, title=Bilingual.of(plan.title), state=plan.state),
            inside=bool(found.chain),
            overlap=found.is_overlap,
            chain=[ChainGrid.of(each) for each in found.chain],
            key_units=[ChainGrid.of(each) for each in found.key_units],
            nearest_key_unit=None
            if key_unit is None
            else KeyUnitNearby(uid=key_unit.uid, name=key_unit.name, distance_m=key_unit.distance_m),
            topic=TopicShown(code=topic.code, name=Bilingual.of(topic.name)) if topic else None,
            departments=[HolderShown.of(each) for each in duties.holders] if duties else [],
            transfer=TransferShown.of(duties.transfer) if duties and duties.transfer else None,
            departments_missing_lead=duties is not None and duties.is_missing_lead,
            boundary=BoundaryShown.of(found.boundary, found.phones) if found.boundary else None,
            nearest=NearestGrid.of(found.nearest, found.phones) if found.nearest else None,
            gap=GapShown(kind=found.gap.kind, level=found.gap.level) if found.gap else None,
            hotline=hotline,
        )


@router.get("/api/responsibility")
def show_responsibility(
    session: OwnSession,
    settings: SiteSettings,
    lon: Degrees,
    lat: Degrees,
    topic: TopicCode = None,
    on: Day = None,
) -> Responsibility:
    """Who is responsible at a place, for a topic, on a day; names that are not public only for accounts."""
    found = who_is_responsible(session, lon, lat, topic=topic or None, on=on)
    return Responsibility.of(found, settings.hotline)
