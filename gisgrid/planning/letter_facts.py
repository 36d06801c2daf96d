"""What a responsibility letter (环境监管责任状) says of the two grids, as the plan has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, Row, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from gisgrid.model import (
    Assignment,
    Duty,
    DutyRole,
    Grid,
    GridKind,
    Person,
    Plan,
    PlanLevel,
    PlanState,
    Post,
    PostKind,
    Responsibility,
    Source,
    SourceClass,
    Topic,
)
from gisgrid.planning.checks import GridName
from gisgrid.planning.first_posts import FirstPost, first_posts
from gisgrid.planning.letters import LetterKept, letters_of, today_of
from gisgrid.store.answering import TODAY, holds_today
from gisgrid.text import Text

_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class PlanFacts:
    """The plan that a letter is drawn up from."""

    title: Text
    territory: Text
    state: PlanState
    approval_number: str | None


@dataclass(frozen=True)
class Party:
    """One of the two grids.

    Attributes
    ----------
    body : str or None
        The government that signs, where the post names it.
    title, person : str or None
        Of the first responsible person; no title: no such post is known, no person: it is vacant.
    """

    grid: GridName
    code: str | None
    level_name: Text
    body: str | None
    title: str | None
    person: str | None


@dataclass(frozen=True)
class SubGrid:
    """A grid directly below, or laid over, the lower one; `person` None: vacant, or nobody is named."""

    name: str
    code: str | None
    area_m2: float
    person: str | None


@dataclass(frozen=True)
class TopicDuty:
    """What the lower grid's government does about a topic."""

    topic: Text
    role: DutyRole


@dataclass(frozen=True)
class LetterFacts:
    """All of it.

    Attributes
    ----------
    area_m2 : float
        Ellipsoidal, of the lower grid.
    sources : mapping of SourceClass to int
    children, units, keys : tuple of SubGrid
        Grids of the next level; its own unit grids; key unit grids that meet it.
    staff : tuple of str
        Supervisors in post today.
    staff_posts : int
        Supervisors' posts, vacant ones too.
    duties : tuple of TopicDuty
        Leads first.
    previous : LetterKept or None
        The last letter between the two.
    """

    plan: PlanFacts
    upper: Party
    lower: Party
    area_m2: float
    is_indicative: bool
    sources: Mapping[SourceClass, int]
    children: tuple[SubGrid, ...]
    units: tuple[SubGrid, ...]
    keys: tuple[SubGrid, ...]
    staff: tuple[str, ...]
    staff_posts: int
    duties: tuple[TopicDuty, ...]
    previous: LetterKept | None
    made_on: date


def facts_of(session: Session, plan_id: int, lower: Sequence[str]) -> list[LetterFacts]:
    """What letters between these grids and those above them say, in the order of the uids.

    Grids that the asker does not oversee are left out; see `pairs.every_pair_of`.
    """
    found = _Found(session, plan_id, lower)
    return [found.letter(uid) for uid in lower if uid in found.rows]


class _Found:
    """What all the letters need, each kind in one statement."""

    def __init__(self, session: Session, plan_id: int, lower: Sequence[str]) -> None:
        self.on = today_of(session)
        self.told = {
            each.lower.grid.uid: each for each in letters_of(session, plan_id, lower=lower, today=self.on)
        }
        self.rows = {row.uid: row for row in session.execute(_GRIDS, {"plan": plan_id, "uids": [*self.told]})}
        ids = [row.id for row in self.rows.values()]
        self.plan = _plan(session, plan_id)
        self.levels = _level_names(session, plan_id)
        self.uppers = _uppers(session, plan_id, {each.upper.grid.uid for each in self.told.values()})
        self.below = session.execute(_BELOW, {"ids": ids}).all()
        self.keys = _keys(session, plan_id, ids)
        self.sources = _sources(session, plan_id, ids)
        self.staff = _staff(session, self.rows)
        self.duties = session.execute(_DUTIES, {"levels": [row.level for row in self.rows.values()]}).all()
        self.posts = first_posts(session, {*self.rows, *self.uppers, *(row.uid for row in self.below)})

    def letter(self, uid: str) -> LetterFacts:
        row, told = self.rows[uid], self.told[uid]
        upper = self.uppers.get(told.upper.grid.uid)
        staff = self.staff.get(uid, [])
        return LetterFacts(
            plan=self.plan,
            upper=self._party(told.upper.grid, upper),
            lower=self._party(told.lower.grid, row),
            area_m2=row.area_m2,
            is_indicative=row.is_indicative,
            sources=self.sources.get(row.id, {}),
            children=self._below(row.id, GridKind.ADMINISTRATIVE),
            units=self._below(row.id, GridKind.UNIT),
            keys=tuple(self.keys.get(row.id, ())),
            staff=tuple(name for name in staff if name is not None),
            staff_posts=len(staff),
            duties=_own_duties(self.duties, row.level, row.path),
            previous=next(iter(told.letters), None),
            made_on=self.on,
        )

    def _party(self, grid: GridName, row: _Row | None) -> Party:
        post = self.posts.get(grid.uid)
        holder = post and post.holder(self.on)
        return Party(
            grid=grid,
            code=row.code if row else None,
            level_name=(row and self.levels.get(row.level)) or Text("", ""),
            body=post.body if post else None,
            title=post.title if post else None,
            person=holder.name if holder else None,
        )

    def _below(self, holder: int, kind: GridKind) -> tuple[SubGrid, ...]:
        return tuple(
            SubGrid(row.name, row.code, row.area_m2, self._person(row.uid))
            for row in self.below
            if row.holder == holder and row.kind == kind
        )

    def _person(self, uid: str) -> str | None:
        post: FirstPost | None = self.posts.get(uid)
        holder = post and post.holder(self.on)
        return holder.name if holder else None


_IDS: Final = bindparam("ids", expanding=True, type_=BigInteger)
_GRIDS: Final = select(
    Grid.id, Grid.uid, Grid.code, Grid.level, Grid.path, Grid.area_m2, Grid.is_indicative
).where(Grid.plan_id == bindparam("plan"), Grid.uid.in_(bindparam("uids", expanding=True)))
_HOLDER: Final = func.coalesce(Grid.owner_id, Grid.parent_id)
_BELOW: Final = (
    select(Grid.uid, Grid.name, Grid.code, Grid.area_m2, Grid.kind, _HOLDER.label("holder"))
    .where(
        _HOLDER.in_(_IDS),
        Grid.kind.in_((GridKind.ADMINISTRATIVE, GridKind.UNIT)),
    )
    .order_by(Grid.code.nulls_last(), Grid.id)
)
_DUTIES: Final = (
    select(Duty.topic_id, Topic.name_zh, Topic.name_en, Duty.role, Duty.grid_level, Duty.grid_uid)
    .join(Topic, Topic.id == Duty.topic_id)
    .where(
        Duty.grid_level.in_(bindparam("levels", expanding=True)),
        or_(Duty.valid_from.is_(None), Duty.valid_from <= TODAY),
        or_(Duty.valid_to.is_(None), Duty.valid_to > TODAY),
    )
    .order_by(Topic.position, Topic.id, Duty.id)
)


def _plan(session: Session, plan_id: int) -> PlanFacts:
    plan = session.get_one(Plan, plan_id)
    return PlanFacts(
        Text(plan.title_zh, plan.title_en),
        Text(plan.territory_zh, plan.territory_en),
        plan.state,
        plan.approval_number,
    )


def _level_names(session: Session, plan_id: int) -> dict[int, Text]:
    rows = session.scalars(select(PlanLevel).where(PlanLevel.plan_id == plan_id))
    return {row.level: Text(row.name_zh, row.name_en) for row in rows}


def _uppers(session: Session, plan_id: int, uids: Collection[str]) -> dict[str, _Row]:
    """Of the plan, or as far as one sees them only there of the one in force."""
    rows = session.execute(
        select(Grid.uid, Grid.code, Grid.level)
        .join(Plan, Plan.id == Grid.plan_id)
        .where(Grid.uid.in_(sorted(uids)), or_(Plan.id == plan_id, Plan.state == PlanState.PUBLISHED))
        .order_by(Plan.id == plan_id)
    )
    return {row.uid: row for row in rows}


def _keys(session: Session, plan_id: int, ids: Collection[int]) -> dict[int, list[SubGrid]]:
    """Key grids that meet these; who does not see the draft's level 1 sees those of the plan in force."""
    sees_top = session.scalar(
        select(exists().where(Grid.plan_id == plan_id, Grid.level == 1, ~Grid.is_overlay))
    )
    key = aliased(Grid)
    of_plan = (
        key.plan_id == plan_id
        if sees_top
        else key.plan_id.in_(select(Plan.id).where(Plan.state == PlanState.PUBLISHED))
    )
    rows = session.execute(
        select(Grid.id.label("lower"), key.name, key.code, key.area_m2)
        .join(
            key,
            and_(
                key.geometry.op("&&")(Grid.geometry),
                func.ST_Intersects(key.geometry, Grid.geometry),
                not_(func.ST_Touches(key.geometry, Grid.geometry)),
            ),
        )
        .where(Grid.id.in_(sorted(ids)), key.kind == GridKind.KEY, of_plan)
        .order_by(key.code.nulls_last(), key.id)
    )
    found: dict[int, list[SubGrid]] = {}
    for row in rows:
        found.setdefault(row.lower, []).append(SubGrid(row.name, row.code, row.area_m2, None))
    return found


def _sources(session: Session, plan_id: int, ids: Collection[int]) -> dict[int, dict[SourceClass, int]]:
    rows = session.execute(
        select(Assignment.grid_id, Source.source_class, func.count().label("number"))
        .join(Source, Source.id == Assignment.source_id)
        .where(Assignment.plan_id == plan_id, Assignment.grid_id.in_(sorted(ids)))
        .group_by(Assignment.grid_id, Source.source_class)
    )
    counted: dict[int, dict[SourceClass, int]] = {}
    for row in rows:
        counted.setdefault(row.grid_id, {})[SourceClass(row.source_class)] = row.number
    return counted


def _staff(session: Session, uids: Collection[str]) -> dict[str, list[str | None]]:
    """A name for each supervisor's post, None where it is vacant."""
    rows = session.execute(
        select(Post.grid_uid, Person.name)
        .outerjoin(Responsibility, and_(Responsibility.post_id == Post.id, holds_today()))
        .outerjoin(Person, Person.id == Responsibility.person_id)
        .where(Post.grid_uid.in_(sorted(uids)), Post.kind == PostKind.SUPERVISOR)
        .order_by(Post.number, Post.id)
    )
    found: dict[str, list[str | None]] = {}
    for row in rows:
        found.setdefault(row.grid_uid, []).append(row.name)
    return found


def _own_duties(rows: Sequence[_Row], level: int, path: Sequence[str]) -> tuple[TopicDuty, ...]:
    """Of several duties about one topic those for the smallest subtree hold; the weightiest role of them."""
    nearness = {uid: at for at, uid in enumerate(path, 1)} | {None: 0}
    closest: dict[int, tuple[int, int, TopicDuty]] = {}
    roles = tuple(DutyRole)
    for row in rows:
        if row.grid_level != level or row.grid_uid not in nearness:
            continue
        rank = -nearness[row.grid_uid], roles.index(DutyRole(row.role))
        duty = TopicDuty(Text(row.name_zh, row.name_en), DutyRole(row.role))
        known = closest.get(row.topic_id)
        if known is None or rank < known[:2]:
            closest[row.topic_id] = *rank, duty
    return tuple(sorted((duty for *_, duty in closest.values()), key=lambda each: roles.index(each.role)))
