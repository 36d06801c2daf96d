"""The grids of a draft as files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.ingest.named import Named
from gisgrid.model import Grid

COLUMNS: Final = (
    Named("uid", "uid 网格uid 唯一标识 唯一标识码 uuid guid globalid"),
    Named("kind", "kind 网格种类"),
    Named("level", "level 级别 层级 网格级别"),
    Named("code", "code 网格编码 编码 区划代码 代码"),
    Named("name", "name 网格名称 名称 名字"),
    Named("category", "category 网格类别 行政类别 类别 网格类型 类型"),
    Named("parent_uid", "parentuid holderuid owneruid 上级uid"),
    Named("basis", "basis 划分依据 依据"),
    Named("is_partial", "ispartial partial 部分覆盖"),
    Named("superv_lvl", "supervlvl supervisinglevel 监管级别"),
    Named("version", "version 版本"),
    Named("holder_ver", "holderver 上级版本"),
)
"""The columns of a file. None has more than ten characters: a shapefile's names may not have more."""

DBF_BYTES: Final = 254
"""Of one text in a shapefile."""

WRITABLE: Final = ("code", "name", "category", "basis", "is_partial", "supervising_level")
"""What a file may change of a grid beside its outline and its holder."""


@dataclass(frozen=True)
class DraftRow:
    """A grid of a draft.

    Attributes
    ----------
    values : mapping
        What `WRITABLE` names.
    holder : str or None
        The uid of its parent, or of a unit or key grid's owner.
    version : int
        Of the grids that it holds.
    holder_version : int or None
        None for the coarsest, and where the holder is beyond one's jurisdiction.
    geometry : MultiPolygon
        EPSG:4490, as it is stored.
    """

    id: int
    uid: str
    kind: str
    level: int
    values: dict[str, Any]
    holder: str | None
    version: int
    holder_version: int | None
    area_m2: float
    geometry: BaseGeometry

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.values["name"])


def draft_rows(
    session: Session, plan_id: int, *, uid: str | None = None, meets: BaseGeometry | None = None
) -> dict[str, DraftRow]:
    """The grids of a plan in one's jurisdiction by uid, coarse to fine, overlays last.

    Parameters
    ----------
    uid : str, optional
        This one only.
    meets : geometry, optional
        Those only that meet the box around it, if no uid is given; EPSG:4490.
    """
    holder = aliased(Grid)
    wanted = [Grid.plan_id == plan_id]
    if uid is not None:
        wanted.append(Grid.uid == uid)
    elif meets is not None:
        wanted.append(Grid.geometry.intersects(func.ST_MakeEnvelope(*meets.bounds, 4490)))
    rows = session.execute(
        select(
            Grid.id,
            Grid.uid,
            Grid.kind,
            Grid.level,
            Grid.code,
            Grid.name,
            Grid.category,
            Grid.basis,
            Grid.is_partial,
            Grid.supervising_level,
            Grid.path,
            Grid.version,
            holder.version.label("holder_version"),
            Grid.area_m2,
            func.ST_AsBinary(Grid.geometry).label("wkb"),
        )
        .outerjoin(holder, holder.id == func.coalesce(Grid.owner_id, Grid.parent_id))
        .where(*wanted)
        .order_by(Grid.is_overlay, Grid.level, Grid.id)
    ).all()
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    return {
        row.uid: DraftRow(
            row.id,
            row.uid,
            str(row.kind),
            row.level,
            {
                "code": row.code,
                "name": row.name,
                "category": row.category,
                "basis": None if row.basis is None else str(row.basis),
                "is_partial": bool(row.is_partial),
                "supervising_level": row.supervising_level,
            },
            row.path[-2] if len(row.path) > 1 else None,
            row.version,
            row.holder_version,
            row.area_m2,
            shape,
        )
        for row, shape in zip(rows, shapes, strict=True)
    }
