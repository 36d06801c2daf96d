"""What a planner may do to the grids of a draft: each operation is its parameters.

It says what it makes of the grids.

The geometry is `gisgrid.spatial.editing`'s. An operation names grids by uid; `targets` are those that must be
there before it begins, and `drawn` is what was drawn, if anything.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import geopandas as gpd
import shapely
from pydantic import BaseModel, ConfigDict, Field, model_validator
from shapely.geometry.base import BaseGeometry

from gisgrid.model import UnitBasis
from gisgrid.planning.drawn import Area, Line, Name, Place, Uid
from gisgrid.spatial import editing
from gisgrid.spatial.editing import Redrawn
from gisgrid.text import Text

Ids: TypeAlias = Mapping[str, int]
"""The ids of grids by uid."""
Names: TypeAlias = Mapping[str, str]

Code = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Key = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
MOST_GRIDS = 200
MOST_FINDINGS = 1_000
Uids = Annotated[tuple[Uid, ...], Field(min_length=1, max_length=MOST_GRIDS)]
AtLeastTwo = Annotated[tuple[Uid, ...], Field(min_length=2, max_length=MOST_GRIDS)]
Two = Annotated[tuple[Uid, ...], Field(min_length=2, max_length=2)]
GivenNames = Annotated[tuple[Name, ...], Field(max_length=MOST_GRIDS)]


class Operation(BaseModel):
    """What all operations share."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )
    operation: str

    @property
    @abstractmethod
    def targets(self) -> tuple[str, ...]:
        """The uids of grids that it is about."""

    @property
    def drawn(self) -> BaseGeometry | None:
        """What was drawn."""
        return None

    @property
    def spans_targets(self) -> bool:
        """Whether what happens may happen anywhere around the targets, or only where something is drawn."""
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """What the grids that it adds shall be called, as far as that was said."""
        return ()

    @abstractmethod
    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        """What it makes of the outlines."""

    @abstractmethod
    def summary(self, names: Names, added: int) -> Text:
        """What was done, in a sentence for the history."""

    def columns_of_added(self, at: int) -> dict[str, Any]:
        """What a grid that it adds (the first: 0) has beside outline, name and place in the hierarchy."""
        return {}

    def changed_columns(self) -> dict[str, dict[str, Any]]:
        """Other columns of existing grids that change, by uid."""
        return {}


def _listed(uids: Sequence[str], names: Names) -> str:
    shown = "、".join(names[uid] for uid in uids[:4])
    return shown if len(uids) <= 4 else f"{shown}…（{len(uids)}）"


class Split(Operation):
    """Cut grids along a line."""

    operation: Literal["split"]
    grids: Uids
    line: Line
    names_of_added: GivenNames = Field(default=(), alias="names")

    @property
    def targets(self) -> tuple[str, ...]:
        return self.grids

    @property
    def drawn(self) -> BaseGeometry:
        return self.line

    @property
    def names(self) -> tuple[str, ...]:
        return self.names_of_added

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.split(grids, [ids[uid] for uid in self.grids], self.line)

    def summary(self, names: Names, added: int) -> Text:
        which = _listed(self.grids, names)
        return Text(zh=f"沿线分割{which}，新增 {added} 个网格", en=f"Split {which}: {added} grids more")


class Divide(Operation):
    """Cut an owner's land into unit grids along a line."""

    operation: Literal["divide"]
    owner: Uid
    line: Line
    names_of_added: GivenNames = Field(default=(), alias="names")
    basis: UnitBasis | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.owner,)

    @property
    def drawn(self) -> BaseGeometry:
        return self.line

    @property
    def names(self) -> tuple[str, ...]:
        return self.names_of_added

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.divide(grids, ids[self.owner], self.line)

    def summary(self, names: Names, added: int) -> Text:
        which = names[self.owner]
        return Text(zh=f"把{which}划分出 {added} 个单元网格", en=f"Divided {which}: {added} unit grids more")

    def columns_of_added(self, at: int) -> dict[str, Any]:
        return {"basis": None if self.basis is None else str(self.basis)}


class Merge(Operation):
    """Make one grid of several neighbours."""

    operation: Literal["merge"]
    grids: AtLeastTwo
    into: Uid | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _keeps_one_of_them(self) -> Merge:
        if len({*self.grids}) < len(self.grids):
            raise ValueError("`grids` names one twice")
        if self.into is not None and self.into not in self.grids:
            raise ValueError("`into` must be one of `grids`")
        return self

    @property
    def keeper(self) -> str:
        return self.into or self.grids[0]

    @property
    def targets(self) -> tuple[str, ...]:
        return self.grids

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.merge(grids, [ids[uid] for uid in self.grids], ids[self.keeper])

    def summary(self, names: Names, added: int) -> Text:
        gone = [uid for uid in self.grids if uid != self.keeper]
        return Text(
            zh=f"把{_listed(gone, names)}并入{names[self.keeper]}",
            en=f"Merged {_listed(gone, names)} into {names[self.keeper]}",
        )

    def changed_columns(self) -> dict[str, dict[str, Any]]:
        return {} if self.name is None else {self.keeper: {"name": self.name}}


class Carve(Operation):
    """Draw a new grid inside a holder: on land that its siblings give, or that nobody has."""

    operation: Literal["carve"]
    kind: Literal["administrative", "unit", "key"]
    holder: Uid
    area: Area
    takes: bool = False
    name: Name
    code: Code | None = None
    category: Code | None = None
    basis: UnitBasis | None = None
    supervising_level: Annotated[int, Field(ge=1, le=20)] | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.holder,)

    @property
    def drawn(self) -> BaseGeometry:
        return self.area

    @property
    def spans_targets(self) -> bool:
        return False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.carve(grids, ids[self.holder], self.kind, self.area, takes=self.takes)

    def summary(self, names: Names, added: int) -> Text:
        zh = {"key": "重点监管单元", "unit": "单元网格", "administrative": "网格"}[self.kind]
        en = {"key": "key grid", "unit": "unit grid", "administrative": "grid"}[self.kind]
        where = names[self.holder]
        return Text(zh=f"在{where}划出{zh}{self.name}", en=f"Drew the {en} {self.name} in {where}")

    def columns_of_added(self, at: int) -> dict[str, Any]:
        level = self.supervising_level
        return {
            "code": self.code or None,
            "category": self.category or None,
            "basis": None if self.basis is None else str(self.basis),
            "supervising_level": 1 if level is None and self.kind == "key" else level,
        }


class RedrawBoundary(Operation):
    """Draw the common boundary of two siblings anew."""

    operation: Literal["redraw_boundary"]
    grids: Two
    line: Line

    @property
    def targets(self) -> tuple[str, ...]:
        return self.grids

    @property
    def drawn(self) -> BaseGeometry:
        return self.line

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.redraw_boundary(grids, ids[self.grids[0]], ids[self.grids[1]], self.line)

    def summary(self, names: Names, added: int) -> Text:
        one, other = (names[uid] for uid in self.grids)
        return Text(zh=f"重画{one}与{other}的边界", en=f"Redrew the boundary of {one} and {other}")


class MoveVertex(Operation):
    """Move one vertex of a shared boundary."""

    operation: Literal["move_vertex"]
    grids: Uids
    at: Place
    to: Place

    @property
    def targets(self) -> tuple[str, ...]:
        return self.grids

    @property
    def drawn(self) -> BaseGeometry:
        return shapely.LineString([self.at, self.to]) if self.at != self.to else shapely.Point(self.at)

    @property
    def spans_targets(self) -> bool:
        return False

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.move_vertex(grids, [ids[uid] for uid in self.grids], self.at, self.to)

    def summary(self, names: Names, added: int) -> Text:
        which = _listed(self.grids, names)
        return Text(zh=f"移动{which}的一个界点", en=f"Moved a boundary point of {which}")


class Replace(Operation):
    """Redraw a grid: its neighbours give or take the difference."""

    operation: Literal["replace"]
    grid: Uid
    area: Area

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.grid,)

    @property
    def drawn(self) -> BaseGeometry:
        return self.area

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.replace(grids, ids[self.grid], self.area)

    def summary(self, names: Names, added: int) -> Text:
        return Text(zh=f"重画{names[self.grid]}", en=f"Redrew {names[self.grid]}")


class Delete(Operation):
    """Take a grid away: its neighbours take the land, or nobody does."""

    operation: Literal["delete"]
    grid: Uid
    land: Literal["neighbours", "holder"] = "neighbours"
    to: Uid | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.grid,) if self.to is None else (self.grid, self.to)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        heir = None if self.to is None else ids[self.to]
        return editing.remove(grids, ids[self.grid], land=self.land, to=heir)

    def summary(self, names: Names, added: int) -> Text:
        return Text(zh=f"删除{names[self.grid]}", en=f"Deleted {names[self.grid]}")


class ChangeParent(Operation):
    """Put a grid, with its land, under another parent."""

    operation: Literal["change_parent"]
    grid: Uid
    parent: Uid

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.grid, self.parent)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.change_parent(grids, ids[self.grid], ids[self.parent])

    def summary(self, names: Names, added: int) -> Text:
        grid, parent = names[self.grid], names[self.parent]
        return Text(zh=f"把{grid}划归{parent}", en=f"Put {grid} under {parent}")


class Values(BaseModel):
    """What a grid has beside its outline; what is not given stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    name: Name | None = None
    code: Code | None = None
    category: Code | None = None
    basis: UnitBasis | None = None
    is_partial: bool | None = None
    supervising_level: Annotated[int, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Values:
        if not self.model_fields_set or ("name" in self.model_fields_set and self.name is None):
            raise ValueError("nothing to change, or a name taken away")
        if "is_partial" in self.model_fields_set and self.is_partial is None:
            raise ValueError("is_partial is true or false")
        return self


class Attributes(Operation):
    """Change what a grid has beside its outline."""

    operation: Literal["attributes"]
    grid: Uid
    changes: Values

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.grid,)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return Redrawn(changed={}, added=(), removed=(), reparented={}, only_vertices=frozenset())

    def summary(self, names: Names, added: int) -> Text:
        which = names[self.grid]
        if self.changes.name is not None and self.changes.name != which:
            return Text(zh=f"{which}改名为{self.changes.name}", en=f"Renamed {which} to {self.changes.name}")
        return Text(zh=f"修改{which}的属性", en=f"Changed the attributes of {which}")

    def changed_columns(self) -> dict[str, dict[str, Any]]:
        given = self.changes.model_dump(mode="json", exclude_unset=True)
        return {self.grid: {key: (None if value == "" else value) for key, value in given.items()}}


class AdoptedUnit(BaseModel):
    """A unit grid of a suggestion."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )
    area: Area
    name: Name


class Adopt(Operation):
    """Take a suggestion: an owner's unit grids become these."""

    operation: Literal["adopt"]
    owner: Uid
    units: Annotated[tuple[AdoptedUnit, ...], Field(min_length=1, max_length=MOST_GRIDS)]
    basis: UnitBasis | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.owner,)

    @property
    def drawn(self) -> BaseGeometry:
        return shapely.GeometryCollection([each.area for each in self.units])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.units)

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return editing.adopt(grids, ids[self.owner], [each.area for each in self.units])

    def summary(self, names: Names, added: int) -> Text:
        which = names[self.owner]
        return Text(
            zh=f"{which}采用 {added} 个单元网格的建议", en=f"Took {added} suggested unit grids for {which}"
        )

    def columns_of_added(self, at: int) -> dict[str, Any]:
        return {"basis": None if self.basis is None else str(self.basis)}


class Repair(Operation):
    """Mend findings: these, and all of these sizes; `gisgrid.planning.repairing` finds them.

    Noise is no finding of its own: it is named by the keys under which it is proposed.
    """

    operation: Literal["repair"]
    findings: Annotated[tuple[int, ...], Field(max_length=MOST_FINDINGS)] | None = None
    noise: Annotated[tuple[Key, ...], Field(max_length=MOST_FINDINGS)] | None = None
    classes: (
        Annotated[tuple[Literal["noise", "sliver", "strip", "real"], ...], Field(max_length=4)] | None
    ) = None

    @model_validator(mode="after")
    def _names_some(self) -> Repair:
        if not self.findings and not self.noise and not self.classes:
            raise ValueError("neither findings, noise nor classes")
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        return ()

    def redraw(self, grids: gpd.GeoDataFrame, ids: Ids) -> Redrawn:
        return Redrawn()

    def summary(self, names: Names, added: int) -> Text:
        return Text(zh="修补", en="Mended")


AnyOperation = Annotated[
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
    | Repair,
    Field(discriminator="operation"),
]
