"""Which departments have a duty at a place, for a topic, on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Date, Row, and_, any_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.model import Department, Duty, DutyRole, DutyTransfer, Topic
from gisgrid.supervision.chain import Chain
from gisgrid.supervision.errors import UnknownTopic
from gisgrid.supervision.place import Place, covers
from gisgrid.text import Text

_Row: TypeAlias = Row[*tuple[Any, ...]]
_ROLES: Final = tuple(DutyRole)
"""The weightiest first."""


@dataclass(frozen=True)
class TopicName:
    """A topic."""

    id: int
    code: str
    name: Text


@dataclass(frozen=True)
class DepartmentName:
    """A department."""

    code: str
    name: Text


@dataclass(frozen=True)
class Holder:
    """Who has a part in the topic: a department, or the government of a grid of the chain (`grid_uid`)."""

    code: str
    name: Text
    role: DutyRole
    grid_uid: str | None
    basis: str | None
    position: int
    department_id: int | None


@dataclass(frozen=True)
class Transfer:
    """The overlay that handed duties to another department."""

    name: str
    to: DepartmentName
    instead_of: tuple[DepartmentName, ...]
    basis: str | None


@dataclass(frozen=True)
class Duties:
    """Who does what about a topic: leads first."""

    holders: tuple[Holder, ...]
    transfer: Transfer | None

    @property
    def is_missing_lead(self) -> bool:
        """Whether nobody leads."""
        return not any(each.role is DutyRole.LEAD for each in self.holders)


NO_DUTIES: Final = Duties((), None)


def topic_of(session: Session, code: str) -> TopicName:
    """The topic with this code.

    Raises
    ------
    UnknownTopic
        If there is none.
    """
    found = session.execute(_TOPIC, {"code": code}).one_or_none() if code.isprintable() else None
    if found is None:
        raise UnknownTopic(
            Text(zh="没有这个事项。", en="There is no such topic."),
            where="topic",
            todo=Text(
                zh="请从 /api/topics 所列的事项中选择。", en="Choose one of those that /api/topics lists."
            ),
        )
    return TopicName(found.id, code, Text(found.name_zh, found.name_en))


def duties_at(
    session: Session, place: Place, chain: Chain, bodies: dict[str, str], topic: TopicName, on: date
) -> Duties:
    """Who has a duty at a place.

    A duty may be restricted to a subtree of grids; of several for the same
    department (or level of government) the one with the smallest subtree holds.
    Then transfers whose polygon contains the place replace departments by
    another, the newest first; a duty is handed over once.

    Parameters
    ----------
    bodies : dict
        What the government of a grid of the chain is called, by the grid's uid.
    """
    asked = {"topic": topic.id, "on": on}
    duties = session.execute(_DUTIES, {**asked, "uids": chain.uids}).all()
    transfers = session.execute(_TRANSFERS, {**asked, **place.values}).all()
    holders = _most_specific(duties, chain, bodies)
    handed, transfer = _handed_over(holders, transfers)
    return Duties(tuple(sorted(_once(handed), key=_order)), transfer)


def _most_specific(rows: Sequence[_Row], chain: Chain, bodies: dict[str, str]) -> list[Holder]:
    nearness = {uid: len(chain.uids) - at for at, uid in enumerate(chain.uids)}

    def closeness(row: _Row) -> int:
        return nearness.get(row.grid_uid, 0)

    closest: dict[tuple[int | None, int | None], int] = {}
    for row in rows:
        who = (row.department_id, row.grid_level)
        closest[who] = max(closest.get(who, 0), closeness(row))
    kept = [row for row in rows if closeness(row) == closest[row.department_id, row.grid_level]]
    return [holder for row in kept if (holder := _holder(row, chain, bodies)) is not None]


def _holder(row: _Row, chain: Chain, bodies: dict[str, str]) -> Holder | None:
    """None where the place lies in no grid of the level whose government has the duty."""
    role = DutyRole(row.role)
    if row.department_id is not None:
        name = Text(row.name_zh, row.name_en)
        return Holder(row.code, name, role, None, row.basis, row.position, row.department_id)
    for grid in chain.grids:
        if grid.level == row.grid_level:
            body = bodies.get(grid.uid) or grid.name
            return Holder(grid.uid, Text(body, body), role, grid.uid, row.basis, -grid.level, None)
    return None


def _handed_over(holders: list[Holder], transfers: Sequence[_Row]) -> tuple[list[Holder], Transfer | None]:
    """The holders after the transfers, and the first transfer that changed anything."""
    handed, open_holders = (
        [each for each in holders if each.department_id is None],
        [each for each in holders if each.department_id is not None],
    )
    decided: Transfer | None = None
    for row in transfers:
        taken = [each for each in open_holders if _takes(row, each)]
        open_holders = [each for each in open_holders if not _takes(row, each)]
        to = DepartmentName(row.code, Text(row.name_zh, row.name_en))
        handed += [
            replace(
                each,
                code=to.code,
                name=to.name,
                basis=row.basis or each.basis,
                position=row.position,
                department_id=row.department_id,
            )
            for each in taken
        ]
        if taken and decided is None:
            replaced = dict.fromkeys(DepartmentName(each.code, each.name) for each in taken)
            decided = Transfer(row.name, to, tuple(replaced), row.basis)
    return handed + open_holders, decided


def _takes(transfer: _Row, holder: Holder) -> bool:
    named = transfer.from_department_ids
    return holder.department_id != transfer.department_id and (not named or holder.department_id in named)


def _once(holders: Iterable[Holder]) -> Iterable[Holder]:
    """Each holder in its weightiest role only."""
    weightiest: dict[tuple[bool, str], Holder] = {}
    for holder in sorted(holders, key=_order):
        weightiest.setdefault((holder.grid_uid is None, holder.code), holder)
    return weightiest.values()


def _order(holder: Holder) -> tuple[int, int, str]:
    return _ROLES.index(holder.role), holder.position, holder.code


_ABOUT: Final = bindparam("topic", type_=BigInteger)
_ON: Final = bindparam("on", type_=Date)
_TOPIC: Final = select(Topic.id, Topic.name_zh, Topic.name_en).where(Topic.code == bindparam("code"))


def _valid(of: type[Duty] | type[DutyTransfer]) -> ColumnElement[bool]:
    begun = or_(of.valid_from.is_(None), of.valid_from <= _ON)
    return and_(begun, or_(of.valid_to.is_(None), of.valid_to > _ON))


_HOLDER: Final = (
    Department.id.label("department_id"),
    Department.code,
    Department.name_zh,
    Department.name_en,
    Department.position,
)
_DUTIES: Final = (
    select(Duty.role, Duty.grid_level, Duty.grid_uid, Duty.basis, *_HOLDER)
    .outerjoin(Department, Department.id == Duty.department_id)
    .where(
        Duty.topic_id == _ABOUT,
        or_(Duty.grid_uid.is_(None), Duty.grid_uid.in_(bindparam("uids", expanding=True))),
        _valid(Duty),
    )
    .order_by(Duty.id)
)
_TRANSFERS: Final = (
    select(DutyTransfer.name, DutyTransfer.from_department_ids, DutyTransfer.basis, *_HOLDER)
    .join(Department, Department.id == DutyTransfer.to_department_id)
    .where(
        covers(DutyTransfer.geometry.expression),
        or_(func.cardinality(DutyTransfer.topic_ids) == 0, any_(DutyTransfer.topic_ids) == _ABOUT),
        _valid(DutyTransfer),
    )
    .order_by(DutyTransfer.valid_from.desc().nulls_last(), DutyTransfer.uid)
)
