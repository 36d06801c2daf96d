"""Drafts as collections: `draft-7` has the grids of draft 7, which OGC API Features Part 4 may change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy import Integer, case, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape
from gisgrid.model import AccountRole, Grid, GridKind, Plan, PlanState
from gisgrid.text import Text
from layers._look import BASIS_WORDS

_DRAFT: Final = re.compile(r"draft-([1-9][0-9]{0,17})")
READERS: Final = (AccountRole.ADMIN, AccountRole.PLANNER, AccountRole.APPROVER, AccountRole.ANALYST)
READ_ONLY: Final = ("uid", "area_m2", "version", "holder_version")
"""Fields that are not written; a uid that differs is refused, the others are passed over."""

_Holder = aliased(Grid)
_DEPTH: Final = func.cardinality(Grid.path)

_KINDS: Final = {
    GridKind.ADMINISTRATIVE.value: Text(zh="行政区划网格", en="administrative division"),
    GridKind.UNIT.value: Text(zh="单元网格", en="unit grid"),
    GridKind.KEY.value: Text(zh="重点监管单元", en="key grid"),
}

LAYER: Final = Layer(
    id="draft",
    title=Text(zh="草稿", en="Draft"),
    about=Text(
        zh="草稿的全部网格，可以修改。替换几何即重画：相邻网格让出或接收差额；超出上级范围会被拒绝。"
        "请求要带 If-Match（上级网格的版本，即 ETag）；令牌可以声明“后写者胜”。",
        en="All grids of a draft, which may be changed. To replace a geometry is to redraw: neighbours give "
        "or take the difference; what leaves the parent is refused. Requests carry If-Match with the ETag, "
        "which is the version of the holder; a token may declare that the last writer wins.",
    ),
    group=Group.GRIDS,
    audience=Audience.INTERNAL,
    shape=Shape.POLYGON,
    rows=select(
        Grid.id,
        Grid.geometry,
        Grid.uid,
        Grid.kind,
        Grid.level,
        Grid.code,
        Grid.name,
        Grid.category,
        case((_DEPTH > 1, Grid.path[_DEPTH - 1])).label("parent_uid"),
        Grid.basis,
        Grid.is_partial,
        Grid.supervising_level,
        Grid.area_m2,
        Grid.version,
        _Holder.version.label("holder_version"),
    )
    .select_from(Grid)
    .outerjoin(_Holder, _Holder.id == func.coalesce(Grid.owner_id, Grid.parent_id))
    .where(Grid.plan_id == PLAN),
    columns=(
        Column("uid", Text(zh="唯一标识", en="Identity")),
        Column("kind", Text(zh="种类", en="Kind"), words=_KINDS),
        Column("level", Text(zh="级别", en="Level"), Kind.INTEGER),
        Column("code", Text(zh="编码", en="Code")),
        Column("name", Text(zh="名称", en="Name")),
        Column("category", Text(zh="类别", en="Category")),
        Column("parent_uid", Text(zh="上级网格", en="Parent or owner")),
        Column("basis", Text(zh="划分依据", en="Basis"), words=BASIS_WORDS),
        Column("is_partial", Text(zh="部分覆盖", en="Covers its owner in part"), Kind.BOOLEAN),
        Column("supervising_level", Text(zh="监管级别", en="Supervising level"), Kind.INTEGER),
        Column("area_m2", Text(zh="面积", en="Area"), Kind.NUMBER, unit="m2"),
        Column("version", Text(zh="版本", en="Version"), Kind.INTEGER),
        Column("holder_version", Text(zh="上级版本", en="Version of the holder"), Kind.INTEGER),
    ),
    style=(),
    legend=(),
    name_column="name",
)


_DRAFTS: Final = select(Plan.id, Plan.title_zh, Plan.title_en).where(Plan.state == PlanState.DRAFT)


def draft_of(collection: str) -> int | None:
    """The id of the plan that a collection's id names; None if it names none."""
    found = _DRAFT.fullmatch(collection)
    return None if found is None else int(found[1])


def draft_layer(session: Session, plan_id: int) -> Layer | None:
    """The collection of a draft; None if the session sees no such draft."""
    row = session.execute(_DRAFTS.where(Plan.id == plan_id)).one_or_none()
    return None if row is None else _titled(plan_id, row.title_zh, row.title_en)


def _titled(plan_id: int, zh: str, en: str) -> Layer:
    return replace(LAYER, id=f"draft-{plan_id}", title=Text(zh=f"草稿：{zh}", en=f"Draft: {en}"))


def draft_layers(session: Session) -> Iterator[tuple[int, Layer]]:
    """The collections of the drafts that the session sees, the latest first."""
    rows = session.execute(_DRAFTS.order_by(Plan.id.desc())).all()
    return ((row.id, _titled(row.id, row.title_zh, row.title_en)) for row in rows)


def etag_of(session: Session, plan_id: int, grid_id: int) -> str | None:
    """The ETag of a grid of a draft: the version of its holder; of a coarsest grid, its own."""
    holder = aliased(Grid)
    row = session.execute(
        select(
            func.coalesce(holder.uid, Grid.uid).label("uid"),
            func.coalesce(holder.version, Grid.version, type_=Integer).label("version"),
        )
        .select_from(Grid)
        .outerjoin(holder, holder.id == func.coalesce(Grid.owner_id, Grid.parent_id))
        .where(Grid.plan_id == plan_id, Grid.id == grid_id)
    ).one_or_none()
    return None if row is None else f'"{row.uid}:{row.version}"'
