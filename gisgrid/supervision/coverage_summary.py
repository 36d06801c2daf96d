"""What is not covered, in figures: for a plan, inside a jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.model import Finding, Grid, GridKind, PlanLevel, Post, PostKind, Responsibility, UncoveredSource
from gisgrid.supervision.chain import level_name
from gisgrid.text import Text


@dataclass(frozen=True)
class FindingSum:
    """The findings of one kind and size: how many, and their area."""

    kind: FindingKind
    size_class: SizeClass
    count: int
    area_m2: float


@dataclass(frozen=True)
class LevelSum:
    """One level: its grids, what its division of the level above lacks, and grids without a first person."""

    level: int
    name: Text
    grids: int
    gaps: int
    gap_area_m2: float
    overlaps: int
    overlap_area_m2: float
    without_first: int


@dataclass(frozen=True)
class CoverageSummary:
    """The figures; `vacant_posts` are posts that nobody holds today."""

    findings: tuple[FindingSum, ...]
    uncovered_sources: int
    vacant_posts: int
    gap_area_m2: float
    overlap_area_m2: float
    by_level: tuple[LevelSum, ...]


def coverage_of(session: Session, plan: int, *, jurisdiction: str | None = None) -> CoverageSummary:
    """Sum up what the audit found in a plan, as far as the session sees it.

    Parameters
    ----------
    jurisdiction : str, optional
        The uid of the grid to which posts and grids are confined; None: all.
    """
    rows = session.execute(
        select(
            Finding.kind,
            Finding.size_class,
            Finding.child_level,
            func.count().label("count"),
            func.sum(Finding.area_m2).label("area_m2"),
        )
        .where(Finding.plan_id == plan)
        .group_by(Finding.kind, Finding.size_class, Finding.child_level)
    ).all()
    found = [
        (row.child_level, FindingSum(FindingKind(row.kind), SizeClass(row.size_class), row[3], row.area_m2))
        for row in rows
    ]
    uncovered = session.execute(
        select(func.count()).select_from(UncoveredSource).where(UncoveredSource.plan_id == plan)
    ).scalar_one()
    within = true() if jurisdiction is None else Grid.path.contains([jurisdiction])
    every = [each for _, each in found]
    return CoverageSummary(
        findings=tuple(_by_kind(every)),
        uncovered_sources=uncovered,
        vacant_posts=_vacant_posts(session, plan, within),
        gap_area_m2=_area(every, FindingKind.GAP),
        overlap_area_m2=_area(every, FindingKind.OVERLAP),
        by_level=tuple(_by_level(session, plan, within, found)),
    )


def _by_kind(found: Sequence[FindingSum]) -> list[FindingSum]:
    """One line a kind and size, the levels added up; in the order of the enums."""
    summed = []
    for kind in FindingKind:
        for size in SizeClass:
            these = [each for each in found if each.kind is kind and each.size_class is size]
            if these:
                count, area_m2 = sum(each.count for each in these), sum(each.area_m2 for each in these)
                summed.append(FindingSum(kind, size, count, area_m2))
    return summed


def _area(found: Sequence[FindingSum], kind: FindingKind) -> float:
    return float(sum(each.area_m2 for each in found if each.kind is kind))


def _count(found: Sequence[FindingSum], kind: FindingKind) -> int:
    return sum(each.count for each in found if each.kind is kind)


def held_today() -> ColumnElement[bool]:
    """Whether somebody holds a post today."""
    today = func.current_date()
    return exists(Responsibility.id).where(
        Responsibility.post_id == Post.id,
        Responsibility.valid_from <= today,
        or_(Responsibility.valid_to.is_(None), Responsibility.valid_to > today),
    )


def _vacant_posts(session: Session, plan: int, within: ColumnElement[bool]) -> int:
    vacant = (
        select(func.count())
        .select_from(Post)
        .join(Grid, and_(Grid.uid == Post.grid_uid, Grid.plan_id == plan))
        .where(within, ~held_today())
    )
    return session.execute(vacant).scalar_one()


def _by_level(
    session: Session, plan: int, within: ColumnElement[bool], found: Sequence[tuple[int, FindingSum]]
) -> list[LevelSum]:
    has_first = (
        exists(Post.id)
        .where(Post.grid_uid == Grid.uid, Post.kind == PostKind.FIRST, held_today())
        .correlate(Grid)
    )
    rows = session.execute(
        select(
            Grid.level,
            func.max(PlanLevel.name_zh).label("zh"),
            func.max(PlanLevel.name_en).label("en"),
            func.count().label("grids"),
            func.count().filter(~has_first).label("without_first"),
        )
        .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
        .where(Grid.plan_id == plan, Grid.kind == GridKind.ADMINISTRATIVE, within)
        .group_by(Grid.level)
        .order_by(Grid.level)
    )
    sums = []
    for row in rows:
        here = [each for level, each in found if level == row.level]
        sums.append(
            LevelSum(
                level=row.level,
                name=level_name(row.level, row.zh, row.en),
                grids=row.grids,
                gaps=_count(here, FindingKind.GAP),
                gap_area_m2=_area(here, FindingKind.GAP),
                overlaps=_count(here, FindingKind.OVERLAP),
                overlap_area_m2=_area(here, FindingKind.OVERLAP),
                without_first=row.without_first,
            )
        )
    return sums
