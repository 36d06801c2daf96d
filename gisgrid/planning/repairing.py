"""Defects of a draft mended: one, some, or all of a size; what each remedy would change, shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError
from gisgrid.frames import STORED_CRS
from gisgrid.planning.errors import NothingToMend
from gisgrid.planning.operations import Names, Operation, Repair
from gisgrid.planning.rechecking import StoredFinding, findings_of
from gisgrid.spatial.editing import Redrawn
from gisgrid.spatial.editing.mending import Defect, Remedy, mend, remedy
from gisgrid.store.draft_grids import frame_of, read_around
from gisgrid.text import Text


@dataclass(frozen=True)
class Proposal:
    """A finding, what would mend it, and the outlines of the grids that would change, before and after."""

    finding: StoredFinding
    remedy: Remedy
    receiver: tuple[str, str] | None
    before: Mapping[str, BaseGeometry]
    after: Mapping[str, BaseGeometry]
    names: Mapping[str, str]


def _defect(finding: StoredFinding) -> Defect:
    return Defect(
        finding.kind,
        finding.geometry,
        finding.parent_id,
        finding.owner_ids,
        tuple(grid for grid, _ in finding.neighbours),
    )


def proposals_of(session: Session, plan_id: int) -> list[Proposal]:
    """What would mend each finding of a draft by itself, the smallest first."""
    told = []
    for finding in sorted(findings_of(session, plan_id), key=lambda each: each.area_m2):
        grids = _around(session, plan_id, [finding])
        chosen = remedy(grids, _defect(finding))
        after: Mapping[int, BaseGeometry] = {}
        if chosen.action != "none":
            try:
                done = mend(grids, _defect(finding))
                after = {key: shape for key, shape in done.changed.items() if key not in done.only_vertices}
            except GisgridError:
                chosen = Remedy("none", None)
        uid, name = grids["uid"], grids["name"]
        told.append(
            Proposal(
                finding,
                chosen,
                None if chosen.receiver is None else (uid[chosen.receiver], name[chosen.receiver]),
                {uid[key]: grids.geometry[key] for key in after},
                {uid[key]: shape for key, shape in after.items()},
                {uid[key]: name[key] for key in after},
            )
        )
    return told


def _around(session: Session, plan_id: int, findings: Sequence[StoredFinding]) -> gpd.GeoDataFrame:
    shapes = np.array([each.geometry for each in findings], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    kin = {each.parent_id for each in findings if each.parent_id is not None}
    kin |= {owner for each in findings for owner in each.owner_ids}
    return frame_of(read_around(session, plan_id, (west, south, east, north), kin))


class Mending(Operation):
    """A repair whose findings are known."""

    findings: tuple[StoredFinding, ...]
    uids: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        return self.uids

    @property
    def drawn(self) -> BaseGeometry:
        return shapely.GeometryCollection([each.geometry for each in self.findings])

    def redraw(self, grids: gpd.GeoDataFrame, ids: Mapping[str, int]) -> Redrawn:
        """Mend one after the other, each on what the former left."""
        changed: dict[int, BaseGeometry] = {}
        moving: set[int] = set()
        reparented: dict[int, int] = {}
        now = grids.copy()
        for finding in self.findings:
            done = mend(now, _defect(finding))
            changed |= done.changed
            moving |= done.changed.keys() - done.only_vertices
            reparented |= done.reparented
            for key, shape in done.changed.items():
                now.loc[[key], "geometry"] = gpd.GeoSeries([shape], index=[key], crs=STORED_CRS)
            for key, parent in done.reparented.items():
                now.loc[key, "parent"] = parent
        return Redrawn(
            changed=changed, reparented=reparented, only_vertices=frozenset(changed.keys() - moving)
        )

    def summary(self, names: Names, added: int) -> Text:
        count = len(self.findings)
        return Text(zh=f"修补 {count} 处问题", en=f"Mended {count} defect{'s' if count > 1 else ''}")


def prepared(session: Session, plan_id: int, operation: Operation) -> Operation:
    """The operation with all that it needs to know of the draft.

    Raises
    ------
    NothingToMend
        If a repair names no finding that can be mended.
    """
    if not isinstance(operation, Repair):
        return operation
    wanted = [
        each
        for each in findings_of(session, plan_id)
        if (operation.findings is not None and each.id in operation.findings)
        or (operation.classes is not None and each.size_class in operation.classes)
    ]
    grids = _around(session, plan_id, wanted) if wanted else None
    mended = [each for each in wanted if grids is not None and remedy(grids, _defect(each)).action != "none"]
    if grids is None or not mended:
        raise NothingToMend(
            Text(zh="没有可以修补的问题。", en="There is nothing here that can be mended."),
            todo=Text(zh="它们可能已经解决；请刷新。", en="It may be mended already; reload."),
        )
    concerned = {owner for each in mended for owner in each.owner_ids}
    concerned |= {each.parent_id for each in mended if each.parent_id is not None}
    uids = tuple(str(grids.at[key, "uid"]) for key in sorted(concerned))
    ordered = sorted(mended, key=lambda each: each.area_m2)
    return Mending(operation=operation.operation, findings=tuple(ordered), uids=uids)
