"""Operations on several grids at once: siblings divided anew together, and a list done as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import geopandas as gpd
import shapely
from pydantic import BaseModel, ConfigDict, Field, model_validator
from shapely.geometry.base import BaseGeometry

from gisgrid.model import UnitBasis
from gisgrid.planning.drawn import Area, Name, Uid
from gisgrid.planning.operations import (
    MOST_GRIDS,
    Adopt,
    Attributes,
    Carve,
    ChangeParent,
    Code,
    Delete,
    Divide,
    Ids,
    Merge,
    MoveVertex,
    Names,
    Operation,
    RedrawBoundary,
    Repair,
    Replace,
    Split,
)
from gisgrid.spatial import editing
from gisgrid.spatial.editing import Redrawn
from gisgrid.text import Text

MOST_OPERATIONS = 500
"""In one bulk."""


class Tile(BaseModel):
    """What one of the siblings is from now on; without `grid` a new one, with a name."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )
    grid: Uid | None = None
    area: Area
    name: Name | None = None
    code: Code | None = None
    category: Code | None = None
    basis: UnitBasis | None = None
    is_partial: bool = False

    @model_validator(mode="after")
    def _is_named_if_new(self) -> Tile:
        if (self.grid is None) == (self.name is None):
            raise ValueError("a tile names a grid, or is new and has a name")
        return self


class Retile(Operation):
    """Give siblings new outlines together: what one leaves, another takes. Some may come, and some go."""

    operation: Literal["retile"]
    holder: Uid
    kind: Literal["administrative", "unit"] = "administrative"
    tiles: Annotated[tuple[Tile, ...], Field(min_length=1, max_length=MOST_GRIDS)]
    removed: Annotated[tuple[Uid, ...], Field(max_length=MOST_GRIDS)] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Retile:
        named = [*(each.grid for each in self.tiles if each.grid is not None), *self.removed]
        if len(set(named)) < len(named):
            raise ValueError("a grid is named twice")
        return self

    @property
    def kept(self) -> tuple[Tile, ...]:
        """Those that are there."""
        return tuple(each for each in self.tiles if each.grid is not None)

    @property
    def new(self) -> tuple[Tile, ...]:
        """Those that come."""
        return tuple(each for each in self.tiles if each.grid is None)

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.holder, *(str(each.grid) for each in self.kept), *self.removed)

    @property
    def drawn(self) -> BaseGeometry:
        return shapely.GeometryCollection([each.area for each in self.tiles])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(each.name) for each in self.new)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.retile(
            grids,
            ids[self.holder],
            self.kind,
            {ids[str(each.grid)]: each.area for each in self.kept},
            removed=[ids[uid] for uid in self.removed],
            added=[each.area for each in self.new],
        )

    def summary(self, names: Names, added: int) -> Text:
        count, where = len(self.tiles) + len(self.removed), names[self.holder]
        return Text(zh=f"重划{where}的 {count} 个网格", en=f"Redrew {count} grids of {where} together")

    def columns_of_added(self, at: int) -> dict[str, Any]:
        each = self.new[at]
        return {
            "code": each.code or None,
            "category": each.category or None,
            "basis": None if each.basis is None else str(each.basis),
            "is_partial": each.is_partial,
        }


AnySingle: TypeAlias = (
    Split
    | Divide
    | Merge
    | Carve
    | RedrawBoundary
    | MoveVertex
    | Replace
    | Delete
    | ChangeParent
    | Attributes
    | Adopt
    | Retile
)


class Bulk(Operation):
    """Do operations one after the other, each on what the former left, as one edit; or none of them."""

    operation: Literal["bulk"]
    operations: Annotated[
        tuple[Annotated[AnySingle, Field(discriminator="operation")], ...],
        Field(min_length=1, max_length=MOST_OPERATIONS),
    ]

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(uid for each in self.operations for uid in each.targets))

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        raise NotImplementedError("a bulk is done one by one")

    def summary(self, names: Names, added: int) -> Text:
        return self.summary_of([])

    def summary_of(self, parts: Sequence[Text]) -> Text:
        """What was done, of what was done each time."""
        return listed(parts)


def listed(parts: Sequence[Text]) -> Text:
    """Several sentences of the history as one."""
    if len(parts) == 1:
        return parts[0]
    more_zh, more_en = (f"等 {len(parts)} 项", f" and {len(parts) - 2} more") if len(parts) > 2 else ("", "")
    return Text(
        zh="；".join(each.zh for each in parts[:2]) + more_zh,
        en="; ".join(each.en for each in parts[:2]) + more_en,
    )


AnyEdit = Annotated[AnySingle | Repair | Bulk, Field(discriminator="operation")]
"""What may be asked of a draft in one request."""
