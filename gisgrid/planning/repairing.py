"""Defects of a draft mended: one, some, or all of a size; what each remedy would change, shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError
from gisgrid.frames import STORED_CRS, SizeClass
from gisgrid.planning.errors import NothingToMend
from gisgrid.planning.noise import noise_of, read_overseen
from gisgrid.planning.operations import MOST_FINDINGS, Names, Operation, Repair
from gisgrid.planning.rechecking import StoredFinding, findings_of
from gisgrid.spatial.editing import Redrawn
from gisgrid.spatial.editing.drafting import place_of
from gisgrid.spatial.editing.mending import Defect, Remedy, mend, remedy
from gisgrid.spatial.repair import APPLIED_AT_ONCE
from gisgrid.store.draft_grids import DraftGrid, frame_of, read_around
from gisgrid.text import Text


@dataclass(frozen=True)
class Proposal:
    """A finding, what would mend it, and the outlines of the grids that would change, before and after.

    Of noise, `key` is what it is named by, and `pieces` how many hairlines there are.
    """

    finding: StoredFinding
    remedy: Remedy
    receiver: tuple[str, str] | None
    before: Mapping[str, BaseGeometry]
    after: Mapping[str, BaseGeometry]
    names: Mapping[str, str]
    key: str | None = None
    pieces: int = 1


def _defect(finding: StoredFinding) -> Defect:
    return Defect(
        finding.kind,
        finding.geometry,
        finding.parent_id,
        finding.owner_ids,
        tuple(grid for grid, _ in finding.neighbours),
        is_slight=finding.size_class in APPLIED_AT_ONCE,
    )


@dataclass(frozen=True)
class Proposals:
    """What would mend some findings and noise of a draft, the smallest first, and how many more there are."""

    told: tuple[Proposal, ...]
    left: int


def proposals_of(session: Session, plan_id: int, *, most: int = MOST_FINDINGS) -> Proposals:
    """What would mend each finding of a draft by itself, and its noise: `most` of each, smallest first."""
    around = _Around.all_overseen(session, plan_id)
    noise, found = noise_of(around.grids), findings_of(session, plan_id)
    noise.sort(key=lambda each: each.finding.area_m2)
    found.sort(key=lambda each: each.area_m2)
    told = [
        *(
            replace(_proposed(each.finding, *around.of(each.finding)), key=each.key, pieces=each.pieces)
            for each in noise[:most]
        ),
        *(_proposed(each, *around.of(each)) for each in found[:most]),
    ]
    told.sort(key=lambda each: each.finding.area_m2)
    return Proposals(tuple(told), len(noise) + len(found) - len(told))


@dataclass(frozen=True)
class _Around:
    """All that who is asking oversees and what lies around it, read once: looked at one defect at a time."""

    grids: Mapping[int, DraftGrid]
    frame: gpd.GeoDataFrame
    ids: NDArray[np.int64]
    tree: shapely.STRtree
    held: Mapping[int, Sequence[int]]

    @classmethod
    def all_overseen(cls, session: Session, plan_id: int) -> _Around:
        grids = read_overseen(session, plan_id)
        shapes = np.array([each.geometry for each in grids.values()], dtype=object)
        held: dict[int, list[int]] = {}
        for key, grid in grids.items():
            if grid.holder is not None:
                held.setdefault(grid.holder, []).append(key)
        ids = np.array([*grids], dtype=np.int64)
        return cls(grids, frame_of(grids), ids, shapely.STRtree(shapes), held)

    def of(self, finding: StoredFinding) -> tuple[gpd.GeoDataFrame, Mapping[int, DraftGrid]]:
        """The grids that meet a defect's box, its kin and what these hold: as `_around` would read them."""
        kin = _kin([finding])
        meet = {int(self.ids[at]) for at in self.tree.query(shapely.box(*finding.geometry.bounds))}
        wanted = meet.union(kin, *(self.held.get(each, ()) for each in kin))
        at = np.flatnonzero(np.isin(self.ids, list(wanted)))
        return self.frame.take(at), {key: self.grids[key] for key in self.ids[at].tolist()}


def _proposed(finding: StoredFinding, frame: gpd.GeoDataFrame, grids: Mapping[int, DraftGrid]) -> Proposal:
    chosen, after = remedy(frame, _defect(finding)), dict[int, BaseGeometry]()
    if chosen.action != "none":
        try:
            done = mend(frame, _defect(finding), chosen)
        except GisgridError:
            chosen = Remedy("none", None)
        else:
            after = {key: shape for key, shape in done.changed.items() if key not in done.only_vertices}
            if not all(grids[key].is_overseen for key in (*after, *done.reparented)):
                chosen, after = Remedy("none", None), {}
    uid, name = frame["uid"], frame["name"]
    return Proposal(
        finding,
        chosen,
        None if chosen.receiver is None else (uid[chosen.receiver], name[chosen.receiver]),
        {uid[key]: frame.geometry[key] for key in after},
        {uid[key]: shape for key, shape in after.items()},
        {uid[key]: name[key] for key in after},
    )


def _around(session: Session, plan_id: int, findings: Sequence[StoredFinding]) -> Mapping[int, DraftGrid]:
    shapes = np.array([each.geometry for each in findings], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    return read_around(session, plan_id, (west, south, east, north), _kin(findings))


def _kin(findings: Sequence[StoredFinding]) -> set[int]:
    """Whose land some findings are, and who covers it."""
    parents = {each.parent_id for each in findings if each.parent_id is not None}
    return parents | {owner for each in findings for owner in each.owner_ids}


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
        """Mend one after the other, each on what the former left; the coarsest level first.

        One that cannot be mended is left, and told; the first one's error is raised where none can.
        """
        failed: list[tuple[StoredFinding, GisgridError]] = []
        changed: dict[int, BaseGeometry] = {}
        moving: set[int] = set()
        reparented: dict[int, int] = {}
        now = grids.copy()
        for finding in self.findings:
            try:
                done = mend(now, _defect(finding))
            except GisgridError as error:
                failed.append((finding, error))
                continue
            changed |= done.changed
            moving |= done.changed.keys() - done.only_vertices
            reparented |= done.reparented
            for key, shape in done.changed.items():
                now.loc[[key], "geometry"] = gpd.GeoSeries([shape], index=[key], crs=STORED_CRS)
            for key, parent in done.reparented.items():
                now.loc[key, "parent"] = parent
        if len(failed) == len(self.findings):
            raise failed[0][1]
        return Redrawn(
            changed=changed,
            reparented=reparented,
            only_vertices=frozenset(changed.keys() - moving),
            notes=tuple(_left(finding, error) for finding, error in failed),
        )

    def summary(self, names: Names, added: int) -> Text:
        count = len(self.findings)
        return Text(zh=f"修补 {count} 处问题", en=f"Mended {count} defect{'s' if count > 1 else ''}")


def _left(finding: StoredFinding, error: GisgridError) -> Text:
    where = place_of(finding.geometry)
    return Text(
        zh=f"{where} 处的问题没有修补：{error.what.zh}", en=f"The defect at {where} is left: {error.what.en}"
    )


def prepared(session: Session, plan_id: int, operation: Operation) -> Operation:
    """The operation with all that it needs to know of the draft.

    Raises
    ------
    NothingToMend
        If a repair names no finding that can be mended.
    """
    if not isinstance(operation, Repair):
        return operation
    wanted = _wanted(session, plan_id, operation)
    around = _around(session, plan_id, wanted) if wanted else {}
    grids = frame_of(around)
    mended = [each for each in wanted if remedy(grids, _defect(each)).action != "none"]
    if operation.classes is not None:  # what is a neighbour's too is not among "all"
        named = operation.findings or ()
        mended = [each for each in mended if each.id in named or _is_own(each, around, grids)]
    if not mended:
        raise NothingToMend(
            Text(zh="没有可以修补的问题。", en="There is nothing here that can be mended."),
            todo=Text(zh="它们可能已经解决；请刷新。", en="It may be mended already; reload."),
        )
    concerned = {owner for each in mended for owner in each.owner_ids}
    concerned |= {each.parent_id for each in mended if each.parent_id is not None}
    uids = tuple(str(grids.at[key, "uid"]) for key in sorted(concerned))
    ordered = sorted(mended, key=lambda each: (each.child_level, each.area_m2))
    return Mending(operation=operation.operation, findings=tuple(ordered), uids=uids)


def _wanted(session: Session, plan_id: int, operation: Repair) -> list[StoredFinding]:
    """The findings and the noise that a repair names."""
    classes, named = operation.classes or (), operation.findings or ()
    found = [each for each in findings_of(session, plan_id) if each.id in named or each.size_class in classes]
    if not operation.noise and SizeClass.NOISE not in classes:
        return found
    keys = None if SizeClass.NOISE in classes else set(operation.noise or ())
    hairlines = noise_of(read_overseen(session, plan_id))
    return found + [each.finding for each in hairlines if keys is None or each.key in keys][:MOST_FINDINGS]


def _is_own(finding: StoredFinding, around: Mapping[int, DraftGrid], grids: gpd.GeoDataFrame) -> bool:
    """Whether all that mending it changes lies in the jurisdiction of who is asking."""
    receiver = remedy(grids, _defect(finding)).receiver
    concerned = {*finding.owner_ids, finding.parent_id, receiver} - {None}
    return all(around[key].is_overseen for key in concerned if key is not None)
