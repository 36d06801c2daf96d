"""Each grid of a plan with the one above it: what is filed and signed goes between the two."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.model import Grid, GridKind, Plan, PlanState
from gisgrid.planning.checks import GridName
from gisgrid.planning.errors import UnknownGrid
from gisgrid.store.overseen import IS_BELOW, OVERSEES
from gisgrid.text import Text

_UPPER_UID: Final = Grid.path[func.cardinality(Grid.path) - 1]


@dataclass(frozen=True)
class Pair:
    """A grid and the one above it.

    Attributes
    ----------
    lower_id : int
        The lower grid's row in the plan.
    level : int
        The lower grid's.
    is_below : bool
        Whether the lower grid lies below that of who asks: false for one's own grid.
    """

    lower_id: int
    lower: GridName
    level: int
    upper: GridName
    is_below: bool


def pairs_of(
    session: Session, plan_id: int, *, lower: Collection[str] | None = None, upper: str | None = None
) -> list[Pair]:
    """The pairs whose lower grid the asker oversees, coarse to fine.

    Parameters
    ----------
    lower : collection of str, optional
        Uids of the lower grids; by default all.
    upper : str, optional
        The uid of the upper grid; by default any.
    """
    above, plan = aliased(Grid), aliased(Plan)
    # In a draft one sees no grid above one's own; in the plan in force all do.
    named_in_force = (
        select(above.name)
        .join(plan, plan.id == above.plan_id)
        .where(above.uid == _UPPER_UID, (plan.id == plan_id) | (plan.state == PlanState.PUBLISHED))
        .order_by(plan.id != plan_id)
        .limit(1)
        .correlate(Grid)
        .scalar_subquery()
    )
    wanted = (
        select(
            Grid.id,
            Grid.uid,
            Grid.name,
            Grid.level,
            _UPPER_UID.label("upper_uid"),
            func.coalesce(named_in_force, _UPPER_UID).label("upper_name"),
            IS_BELOW.label("is_below"),
        )
        .where(
            Grid.plan_id == plan_id,
            Grid.kind == GridKind.ADMINISTRATIVE,
            Grid.level >= 2,
            func.cardinality(Grid.path) >= 2,
            OVERSEES,
        )
        .order_by(Grid.level, Grid.code.nulls_last(), Grid.uid)
    )
    if lower is not None:
        wanted = wanted.where(Grid.uid.in_(sorted(set(lower))))
    if upper is not None:
        wanted = wanted.where(_UPPER_UID.in_([upper]))
    return [
        Pair(
            row.id,
            GridName(row.uid, row.name),
            row.level,
            GridName(row.upper_uid, row.upper_name),
            row.is_below,
        )
        for row in session.execute(wanted)
    ]


def pair_of(session: Session, plan_id: int, lower: str) -> Pair:
    """The pair with this lower grid.

    Raises
    ------
    UnknownGrid
        If the plan has no such grid below another, or the asker does not oversee it.
    """
    return every_pair_of(session, plan_id, [lower])[0]


def every_pair_of(session: Session, plan_id: int, lower: Collection[str]) -> list[Pair]:
    """The pairs with these lower grids.

    Raises
    ------
    UnknownGrid
        If one of them is missing; see `pair_of`.
    """
    # No text with a NUL is a grid's, and the database takes none.
    found = pairs_of(session, plan_id, lower=[each for each in lower if "\x00" not in each])
    lacking = set(lower) - {each.lower.uid for each in found}
    if lacking:
        raise UnknownGrid(
            Text(
                zh="方案里没有这个有上级的网格，或您不能查看。",
                en="The plan has no such grid below another, or you may not see it.",
            ),
            where=", ".join(sorted(lacking)[:5]).replace("\x00", "␀"),
            todo=Text(zh="请刷新后从列表中选择。", en="Reload, and choose one of the list."),
        )
    return found
