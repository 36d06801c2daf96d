"""What stands against a draft before it is submitted: findings, unnamed grids, vacant posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.model import CheckReason, Finding, Grid, GridKind, Plan, PlanState, Source, UncoveredSource
from gisgrid.planning.comparison import compare_plans
from gisgrid.store.answering import has_first, has_letter
from gisgrid.text import Text

_KINDS = {
    FindingKind.GAP: Text(zh="覆盖空白", en="Coverage gap"),
    FindingKind.OVERLAP: Text(zh="重叠", en="Overlap"),
    FindingKind.PROTRUSION: Text(zh="越界", en="Protrusion"),
    FindingKind.MISNESTED: Text(zh="错属", en="Mis-nested land"),
}
_TILED = 1e-6
"""Relative: how much of an owner's land its unit grids may leave out and still cover it."""


@dataclass(frozen=True)
class GridName:
    """A grid, by name."""

    uid: str
    name: str


@dataclass(frozen=True)
class Check:
    """Something that stands against a draft.

    Attributes
    ----------
    key : str
        The same as long as it stands: what a written reason is filed under.
    blocks : bool
        Whether it must be mended, or needs a written reason.
    lon, lat : float or None
        Where.
    reason : str or None
        The reason that was given last.
    """

    key: str
    kind: str
    blocks: bool
    title: Text
    grid: GridName | None
    finding: int | None
    lon: float | None
    lat: float | None
    reason: str | None = None


def checks_of(session: Session, plan_id: int) -> list[Check]:
    """What stands against a draft, what blocks it first, as far as the session sees it."""
    found = [
        *_former_base(session, plan_id),
        *_findings(session, plan_id),
        *_unnamed(session, plan_id),
        *_same_code(session, plan_id),
        *_vacant(session, plan_id),
        *_units(session, plan_id),
        *_letters(session, plan_id),
        *_uncovered(session, plan_id),
    ]
    return sorted(_with_reasons(session, plan_id, found), key=lambda each: not each.blocks)


def checks_of_base(session: Session, plan_id: int) -> list[Check]:
    """What stands against it since another plan came in force: this may happen after it was submitted."""
    return _with_reasons(session, plan_id, _former_base(session, plan_id))


def _with_reasons(session: Session, plan_id: int, found: Iterable[Check]) -> list[Check]:
    given = select(CheckReason.key, CheckReason.reason).where(CheckReason.plan_id == plan_id)
    reasons = {row.key: row.reason for row in session.execute(given.order_by(CheckReason.id))}
    return [replace(each, reason=reasons.get(each.key)) for each in found]


def _former_base(session: Session, plan_id: int) -> Iterator[Check]:
    """A revision of a plan that is no longer in force takes back what was published since."""
    base_id = session.scalar(select(Plan.base_id).where(Plan.id == plan_id))
    holds = session.scalars(select(Plan).where(Plan.state == PlanState.PUBLISHED)).one_or_none()
    if base_id is None or holds is None or base_id == holds.id:
        return
    base = session.get_one(Plan, base_id)
    count = len({each.uid for each in compare_plans(session, holds.id, base_id).grids})
    if count:
        title = Text(
            zh=f"本稿修订自《{base.title_zh}》，而《{holds.title_zh}》已经生效："
            f"发布会撤销其中 {count} 个网格的改动",
            en=f"A revision of “{base.title_en}”, while “{holds.title_en}” is in force: "
            f"to publish it takes back what changed there in {count} grids",
        )
        yield Check(f"former_base:{holds.id}", "former_base", True, title, None, None, None, None)


def _place(shape: Any) -> tuple[ColumnElement[float], ColumnElement[float]]:
    spot = func.ST_PointOnSurface(shape)
    return func.ST_X(spot).label("lon"), func.ST_Y(spot).label("lat")


def _findings(session: Session, plan_id: int) -> Iterator[Check]:
    parent, owner = aliased(Grid), aliased(Grid)
    names = func.string_agg(owner.name, aggregate_order_by(literal("、"), owner.id))
    owners = select(names).where(owner.id == Finding.owner_ids.any_()).scalar_subquery()
    rows = session.execute(
        select(
            Finding.id,
            Finding.kind,
            Finding.size_class,
            Finding.area_m2,
            Finding.width_m,
            parent.uid,
            parent.name,
            owners.label("owners"),
            *_place(Finding.geometry),
        )
        .outerjoin(parent, parent.id == Finding.parent_id)
        .where(Finding.plan_id == plan_id)
        .order_by(Finding.area_m2.desc(), Finding.id)
    )
    for row in rows:
        kind = _KINDS[FindingKind(row.kind)]
        area, width = _area(row.area_m2), _length(row.width_m)
        whose = "" if row.owners is None else f" · {row.owners}"
        yield Check(
            key=f"{row.kind}:{row.lon:.5f},{row.lat:.5f}",
            kind=str(row.kind),
            blocks=row.size_class == SizeClass.REAL,
            title=Text(
                zh=f"{kind.zh} {area}，宽 {width}{whose}", en=f"{kind.en}: {area}, {width} wide{whose}"
            ),
            grid=None if row.uid is None else GridName(row.uid, row.name),
            finding=row.id,
            lon=row.lon,
            lat=row.lat,
        )


def _area(m2: float) -> str:
    return f"{m2 / 1e6:,.2f} km²" if m2 >= 1e5 else f"{m2:,.0f} m²"


def _length(m: float) -> str:
    return f"{m / 1e3:,.1f} km" if m >= 1e3 else f"{m:,.1f} m"


def _of_grids(
    session: Session, plan_id: int, kind: str, title: Text, *conditions: ColumnElement[bool], blocks: bool
) -> Iterator[Check]:
    rows = session.execute(
        select(Grid.uid, Grid.name, *_place(Grid.geometry))
        .where(Grid.plan_id == plan_id, *conditions)
        .order_by(Grid.level, Grid.code, Grid.id)
    )
    for row in rows:
        yield Check(
            f"{kind}:{row.uid}", kind, blocks, title, GridName(row.uid, row.name), None, row.lon, row.lat
        )


def _unnamed(session: Session, plan_id: int) -> Iterator[Check]:
    title = Text(zh="网格没有名称", en="The grid has no name")
    is_unnamed = or_(func.trim(Grid.name).in_(("", "—", "-")), Grid.name == Grid.code)
    yield from _of_grids(session, plan_id, "unnamed", title, is_unnamed, blocks=True)


def _same_code(session: Session, plan_id: int) -> Iterator[Check]:
    other = aliased(Grid)
    is_taken = (
        exists()
        .where(other.plan_id == Grid.plan_id, other.code == Grid.code, other.id != Grid.id)
        .correlate(Grid)
    )
    title = Text(zh="编码与别的网格相同", en="Another grid has the same code")
    yield from _of_grids(session, plan_id, "same_code", title, is_taken, blocks=True)


def _vacant(session: Session, plan_id: int) -> Iterator[Check]:
    title = Text(zh="第一责任人空缺", en="No first responsible person")
    is_level = Grid.kind == GridKind.ADMINISTRATIVE
    yield from _of_grids(session, plan_id, "vacant", title, is_level, ~has_first(), blocks=True)


def _letters(session: Session, plan_id: int) -> Iterator[Check]:
    title = Text(zh="没有环境监管责任状", en="No responsibility letter")
    is_level = Grid.kind == GridKind.ADMINISTRATIVE
    yield from _of_grids(session, plan_id, "no_letter", title, is_level, ~has_letter(), blocks=False)


def _units(session: Session, plan_id: int) -> Iterator[Check]:
    """Owners whose unit grids are not marked as partial and leave some of their land out."""
    unit, partial = aliased(Grid), aliased(Grid)
    whole = (
        select(func.sum(func.ST_Area(unit.geometry)))
        .where(unit.owner_id == Grid.id, unit.kind == GridKind.UNIT)
        .correlate(Grid)
        .scalar_subquery()
    )
    is_partial = (
        exists()
        .where(partial.owner_id == Grid.id, partial.kind == GridKind.UNIT, partial.is_partial)
        .correlate(Grid)
    )
    lacks = func.abs(whole - func.ST_Area(Grid.geometry)) > _TILED * func.ST_Area(Grid.geometry)
    title = Text(
        zh="单元网格没有铺满，也没有标为部分覆盖", en="Its unit grids neither tile it nor are partial"
    )
    yield from _of_grids(session, plan_id, "unit_gap", title, lacks, ~is_partial, blocks=True)


def _uncovered(session: Session, plan_id: int) -> Iterator[Check]:
    rows = session.execute(
        select(
            Source.uid,
            Source.name,
            func.ST_X(Source.geometry).label("lon"),
            func.ST_Y(Source.geometry).label("lat"),
        )
        .join(UncoveredSource, UncoveredSource.source_id == Source.id)
        .where(UncoveredSource.plan_id == plan_id)
        .order_by(Source.uid)
    )
    for row in rows:
        name = row.name or row.uid
        title = Text(zh=f"污染源不在任何网格里：{name}", en=f"A source in no grid: {name}")
        yield Check(f"uncovered:{row.uid}", "uncovered", False, title, None, None, row.lon, row.lat)
