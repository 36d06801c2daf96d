"""Finding grids, sources and receptors by name or code."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from gisgrid.codes import canonical
from gisgrid.model import (
    Enterprise,
    Grid,
    GridKind,
    Plan,
    PlanLevel,
    PlanState,
    Receptor,
    Source,
    SourceClass,
)
from gisgrid.supervision.chain import level_name
from gisgrid.text import Text

MOST_HITS: Final = 50
_TOO_MANY_TO_RANK: Final = 200
"""Of the names that contain the words, so many are ranked: to look through a million for all takes long."""

_Row: TypeAlias = Row[*tuple[Any, ...]]
_Statement: TypeAlias = Select[*tuple[Any, ...]]
Bounds: TypeAlias = tuple[float, float, float, float]


class HitKind(StrEnum):
    """What was found."""

    GRID = "grid"
    SOURCE = "source"
    RECEPTOR = "receptor"


@dataclass(frozen=True)
class Hit:
    """Something found: `id` is that of its row, as in the layers; `uid` outlives a new plan."""

    kind: HitKind
    id: int
    uid: str
    name: str
    detail: Text
    lon: float
    lat: float
    bounds: Bounds | None = None


_CLASSES: Final = {
    SourceClass.A: Text(zh="A 类", en="class A"),
    SourceClass.B: Text(zh="B 类", en="class B"),
    SourceClass.C: Text(zh="C 类", en="class C"),
    SourceClass.UNDETERMINED: Text(zh="未定类", en="class undetermined"),
}


def search(public: Session, own: Session | None, words: str, *, limit: int = 10) -> list[Hit]:
    """Find by name, code or number: equal ones first, then those that begin so, then those that contain it.

    Parameters
    ----------
    public : Session
        Sees what the public sees: the published plan's grids, and sources.
    own : Session or None
        Of who is logged in: enterprises and receptors, inside the jurisdiction. None for a visitor.
    words : str
        Any text; what has no letter or digit finds nothing.
    limit : int
        Up to `MOST_HITS`.
    """
    wanted = cleaned(words)
    if not any(each.isalnum() for each in wanted):
        return []
    limit = min(limit, MOST_HITS)
    hits = [*_grids(public, wanted), *_sources(public, wanted)]
    if own is not None:
        hits += [*_of_enterprises(own, wanted), *_receptors(own, wanted)]
    different = {(hit.kind, hit.id): hit for hit in hits}.values()
    return sorted(different, key=lambda hit: _rank(hit, wanted))[:limit]


def cleaned(words: str) -> str:
    """What was typed: half-width, without control characters and outer spaces."""
    text = unicodedata.normalize("NFKC", words)
    return "".join(each for each in text if unicodedata.category(each)[0] != "C").strip()


def _rank(hit: Hit, wanted: str) -> tuple[int, int, str]:
    name, uid, sought = hit.name.casefold(), hit.uid.casefold(), wanted.casefold()
    begins = name.startswith(sought) or uid.startswith(sought)
    is_it = sought in (name, uid)
    return (0 if is_it else 1 if begins else 2), len(hit.name), hit.name


def _contains(column: InstrumentedAttribute[Any], wanted: str) -> ColumnElement[bool]:
    """LIKE with the case as typed, upper and lower; ILIKE takes three times as long over a million names."""
    variants = dict.fromkeys((wanted, wanted.upper(), wanted.lower()))
    return or_(*(column.contains(each, autoescape=True) for each in variants))


def _begins(column: InstrumentedAttribute[Any], wanted: str) -> ColumnElement[bool]:
    """A range of text, which row-level security lets use the index; LIKE it does not."""
    code = canonical(wanted)
    return or_(*(and_(column >= each, column < each + "\U0010ffff") for each in {wanted, code}))


def _grids(session: Session, wanted: str) -> Iterable[Hit]:
    matched = (
        select(Grid.id)
        .join(Plan, Plan.id == Grid.plan_id)
        .where(
            Plan.state == PlanState.PUBLISHED,
            or_(_contains(Grid.name, wanted), _begins(Grid.code, wanted), Grid.uid == wanted),
        )
        .order_by(Grid.level, Grid.id)
        .limit(_TOO_MANY_TO_RANK)
    )
    parent = aliased(Grid)
    inside = func.ST_PointOnSurface(Grid.geometry)
    rows = session.execute(
        select(
            Grid.id,
            Grid.uid,
            Grid.name,
            Grid.kind,
            Grid.level,
            PlanLevel.name_zh,
            PlanLevel.name_en,
            parent.name.label("parent_name"),
            func.ST_X(inside).label("lon"),
            func.ST_Y(inside).label("lat"),
            func.ST_XMin(Grid.geometry).label("west"),
            func.ST_YMin(Grid.geometry).label("south"),
            func.ST_XMax(Grid.geometry).label("east"),
            func.ST_YMax(Grid.geometry).label("north"),
        )
        .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
        .outerjoin(parent, parent.id == func.coalesce(Grid.parent_id, Grid.owner_id))
        .where(Grid.id.in_(_best_ids(session, matched, wanted)))
        .order_by(Grid.level, Grid.id)
    )
    for row in rows:
        detail = _grid_kind(row)
        if row.parent_name:
            detail = Text(f"{detail.zh} · {row.parent_name}", f"{detail.en} · {row.parent_name}")
        box = (row.west, row.south, row.east, row.north)
        yield Hit(HitKind.GRID, row.id, row.uid, row.name, detail, row.lon, row.lat, box)


def _best_ids(session: Session, matched: _Statement, wanted: str) -> list[int]:
    """The ids of the best matches, so that no more geometries are read than shown."""
    rows = session.execute(matched.add_columns(Grid.name, Grid.uid)).all()
    rows = sorted(rows, key=lambda row: (wanted not in (row.name, row.uid), not row.name.startswith(wanted)))
    return [row.id for row in rows[:MOST_HITS]]


def _grid_kind(row: _Row) -> Text:
    if row.kind == GridKind.KEY:
        return Text(zh="重点监管单元网格", en="Key unit grid")
    if row.kind == GridKind.UNIT:
        return Text(zh="单元网格", en="Unit grid")
    return level_name(row.level, row.name_zh, row.name_en)


_POINT: Final = (func.ST_X(Source.geometry).label("lon"), func.ST_Y(Source.geometry).label("lat"))
_PUBLIC: Final = (Source.id, Source.uid, Source.name, Source.kind, Source.source_class, *_POINT)


def _sources(session: Session, wanted: str) -> Iterable[Hit]:
    begins = select(*_PUBLIC).where(_begins(Source.uid, wanted)).order_by(Source.uid).limit(MOST_HITS)
    contains = select(*_PUBLIC).where(_contains(Source.name, wanted)).limit(_TOO_MANY_TO_RANK)
    return _hits(session, (begins, contains), _source)


def _of_enterprises(session: Session, wanted: str) -> Iterable[Hit]:
    found = (
        select(*_PUBLIC)
        .join(Enterprise, Enterprise.id == Source.enterprise_id)
        .where(or_(_contains(Enterprise.name, wanted), _begins(Enterprise.credit_code, wanted)))
        .limit(_TOO_MANY_TO_RANK)
    )
    return _hits(session, (found,), _source)


def _receptors(session: Session, wanted: str) -> Iterable[Hit]:
    inside = func.ST_PointOnSurface(Receptor.geometry)
    found = (
        select(
            Receptor.id,
            Receptor.uid,
            Receptor.name,
            Receptor.kind,
            func.ST_X(inside).label("lon"),
            func.ST_Y(inside).label("lat"),
        )
        .where(or_(_contains(Receptor.name, wanted), Receptor.uid == wanted))
        .limit(_TOO_MANY_TO_RANK)
    )
    return _hits(session, (found,), _receptor)


def _hits(session: Session, statements: Sequence[_Statement], to_hit: Callable[[_Row], Hit]) -> Iterable[Hit]:
    for statement in statements:
        yield from (to_hit(row) for row in session.execute(statement))


def _source(row: _Row) -> Hit:
    words = _CLASSES[SourceClass(row.source_class)]
    kind = row.kind or ""
    detail = Text(
        zh=" · ".join(each for each in ("污染源", kind, words.zh) if each),
        en=" · ".join(each for each in ("Source", kind, words.en) if each),
    )
    return Hit(HitKind.SOURCE, row.id, row.uid, row.name or row.uid, detail, row.lon, row.lat)


def _receptor(row: _Row) -> Hit:
    kind = row.kind or ""
    detail = Text(
        zh=" · ".join(each for each in ("敏感目标", kind) if each),
        en=" · ".join(each for each in ("Receptor", kind) if each),
    )
    return Hit(HitKind.RECEPTOR, row.id, row.uid, row.name or row.uid, detail, row.lon, row.lat)
