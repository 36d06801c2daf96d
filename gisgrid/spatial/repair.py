"""Mend a coverage: give every face to one grid, or propose to.

Level by level from the coarsest, the grids are taken apart into the faces of
their arrangement and put together again from the faces that are theirs, so that
neighbours share every vertex afterwards. Noise and slivers change hands at once;
wider findings only if their class is accepted, otherwise they are proposals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.errors import GisgridError
from gisgrid.frames import STORED_CRS, FindingKind, GridFrame, SizeClass
from gisgrid.spatial.arrangement import DUST_DEG2, Faces, arrange, dissolve
from gisgrid.spatial.edges import Edges, Floats, Geometries, directed_edges, share_vertices
from gisgrid.spatial.findings import Tolerances, is_wide_enough, merge_faces, width_m
from gisgrid.spatial.matching import INSERTED
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.nest import NO_PARENT, Nest, State
from gisgrid.text import Text

SAME_PLACE_DEG = 1e-10
"""A vertex this near to an edge lies on it: 10 µm, a tenth of what counts as unchanged."""

APPLIED_AT_ONCE = frozenset({SizeClass.NOISE, SizeClass.SLIVER})


class RepairFailed(GisgridError):
    """The mended coverage does not keep what a repair must keep."""


@dataclass(frozen=True)
class Repair:
    """A mended hierarchy and what was done to it.

    Attributes
    ----------
    grids : GridFrame
        The same ids, codes and names; geometry mended, neighbours edge-matched.
    steps : GeoDataFrame
        One row a finding: `child_level`, `kind`, `parent`, `owners`, `size_class`,
        `area_m2`, `width_m`, `receiver` (Int64: who gets the land; <NA>: nobody,
        it is cut off, or nobody adjoins it), `action` ("give", "cut", "reparent",
        "none"), `applied` (bool), geometry. Noise counts as one row a finding too.
    """

    grids: GridFrame
    steps: gpd.GeoDataFrame


def repair(
    grids: GridFrame,
    *,
    accept: Collection[SizeClass] = APPLIED_AT_ONCE,
    tolerances: Tolerances | None = None,
    allowed_gaps: Geometries | None = None,
) -> Repair:
    """Mend every level, coarse to fine.

    A gap goes to the child of its parent with the longest shared border, never
    to the outside; an overlap to the claimant with the longest border; a
    protrusion is cut off; mis-nested land goes to the neighbour that belongs
    there, and a grid that lies mostly in another parent changes its parent.

    Parameters
    ----------
    grids : GridFrame
        EPSG:4490.
    accept : collection of SizeClass
        Classes that are applied; all others are proposed.
    tolerances : Tolerances, optional
    allowed_gaps : ndarray of polygons, optional
        Gaps mostly inside them are left alone and not proposed.

    Returns
    -------
    Repair

    Raises
    ------
    RepairFailed
        If a grid would vanish, or a level would not add up to its parents.
    """
    tolerances = tolerances or Tolerances()
    # What the files lacked is theirs for good once the grids are drawn anew.
    mended = grids.drop(columns=INSERTED, errors="ignore")
    steps = []
    levels = sorted(mended["level"].unique())
    for level in levels:
        parents = mended[mended["level"] == level - 1] if level != levels[0] else None
        if level == levels[0] and len(levels) > 1 and (mended["level"] == level).sum() == 1:
            continue
        children = mended[mended["level"] == level]
        plan = _LevelRepair.of(Nest.of(parents, children), tolerances, allowed_gaps)
        if parents is None and len(levels) > 1:
            plan.leave_holes()
        plan.apply(accept)
        mended.loc[children.index, "geometry"] = gpd.GeoSeries(
            plan.rebuilt(), index=children.index, crs=STORED_CRS
        )
        for child, parent in plan.moved.items():
            mended.loc[child, "parent"] = parent
        steps.append(plan.steps())
    _share_vertices(mended)
    _assert_kept(grids, mended)
    return Repair(mended, gpd.GeoDataFrame(pd.concat(steps, ignore_index=True), crs=STORED_CRS))


@dataclass
class _LevelRepair:
    """The faces of one level, who owns each, and the decision for each finding."""

    nest: Nest
    faces: Faces
    state: State
    findings: gpd.GeoDataFrame
    borders: pd.DataFrame  # face, other face, length: both ways, sorted by face
    owner: NDArray[np.object_]  # tuple of ids a face, changed by `apply`
    held: Counter[int]  # how many faces each child has
    moved: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, nest: Nest, tolerances: Tolerances, allowed_gaps: Geometries | None) -> _LevelRepair:
        _, faces = arrange(nest.all_edges().lines())
        state = nest.classify(faces)
        findings = merge_faces(faces, state.table())
        geometry = findings.geometry.to_numpy()
        wide = is_wide_enough(geometry, tolerances)
        findings["area_m2"] = area_m2(geometry)
        findings["width_m"] = np.nan
        findings.loc[wide, "width_m"] = width_m(geometry[wide])
        findings["size_class"] = SizeClass.NOISE
        findings.loc[wide, "size_class"] = tolerances.size_class(findings.loc[wide, "width_m"].to_numpy())
        if allowed_gaps is not None and len(allowed_gaps):
            excused = shapely.intersection(geometry, shapely.union_all(allowed_gaps))
            free = shapely.area(excused) > 0.5 * shapely.area(geometry)
            findings = findings[~(free & (findings["kind"] == FindingKind.GAP))].reset_index(drop=True)
        held = Counter(grid for holders in state.children for grid in holders)
        return cls(nest, faces, state, findings, _borders(faces), state.children.copy(), held)

    def leave_holes(self) -> None:
        """Take land that the coarsest of several levels encloses for what it is: not theirs."""
        self.findings = self.findings[self.findings["kind"] != FindingKind.GAP].reset_index(drop=True)

    def apply(self, accept: Collection[SizeClass]) -> None:
        """Decide every finding, smallest first, so that large ones see their final neighbours."""
        order = self.findings.sort_values("area_m2", kind="stable").index
        self.findings["action"] = "none"
        self.findings["receiver"] = pd.array([pd.NA] * len(self.findings), dtype="Int64")
        self.findings["applied"] = False
        waiting = list(order)
        while waiting:
            stuck = [at for at in waiting if not self._decide(at, accept)]
            if len(stuck) == len(waiting):
                break
            waiting = stuck

    def _decide(self, at: int, accept: Collection[SizeClass]) -> bool:
        finding = self.findings.loc[at]
        kind, owners, members = finding["kind"], finding["owners"], list(finding["faces"])
        if kind == FindingKind.PROTRUSION:
            action, receiver = "cut", None
        elif kind == FindingKind.MISNESTED and self._lies_mostly_in(owners[0], finding["parent"], members):
            action, receiver = "reparent", int(owners[0])
        else:
            action, receiver = "give", self._longest_border(kind, owners, finding["parent"], members)
            if kind == FindingKind.OVERLAP and not self._keeps_everyone(receiver, owners, members):
                # Whoever has no other land keeps this, however long the other's border.
                keeping = [grid for grid in owners if self._keeps_everyone(grid, owners, members)]
                receiver = keeping[0] if keeping else receiver
            if receiver is None:
                return False
        applied = finding["size_class"] in accept and (
            action == "reparent" or self._keeps_everyone(receiver, owners, members)
        )
        self.findings.loc[at, ["action", "applied"]] = [action, applied]
        self.findings.loc[at, "receiver"] = pd.NA if receiver is None else receiver
        if applied and action == "reparent":
            self.moved[int(owners[0])] = int(finding["parent"])
        elif applied:
            self.held.subtract({grid: len(members) for grid in owners})
            self.held.update({} if receiver is None else {receiver: len(members)})
            for face in members:
                self.owner[face] = () if receiver is None else (receiver,)
        return True

    def _lies_mostly_in(self, child: int, parent: int, members: list[int]) -> bool:
        if parent == NO_PARENT:
            return False
        whole = self.nest.children[np.flatnonzero(self.nest.child_ids == child)[0]]
        return bool(shapely.area(self.faces.geometry[members]).sum() > 0.5 * shapely.area(whole))

    def _longest_border(
        self, kind: FindingKind, owners: tuple[int, ...], parent: int, members: list[int]
    ) -> int | None:
        total: dict[int, float] = {}
        for other, length in self._around(members):
            if len(self.owner[other]) != 1:
                continue
            (holder,) = self.owner[other]
            may = holder in owners if kind == FindingKind.OVERLAP else self._parent_of(holder) == parent
            if may:
                total[holder] = total.get(holder, 0.0) + length
        return min(total, key=lambda grid: (-total[grid], grid)) if total else None

    def _keeps_everyone(self, receiver: int | None, owners: tuple[int, ...], members: list[int]) -> bool:
        """Whether each former owner still has land of its own afterwards."""
        return all(self.held[grid] > len(members) for grid in owners if grid != receiver)

    def _around(self, members: list[int]) -> Iterator[tuple[int, float]]:
        """The faces that share an edge with some of `members`, and how long it is, in degrees."""
        own = set(members)
        faces = self.borders["face"].to_numpy()
        for face in members:
            rows = slice(*np.searchsorted(faces, [face, face + 1]))
            for other, length in zip(
                self.borders["other"].to_numpy()[rows], self.borders["length"].to_numpy()[rows], strict=True
            ):
                if other not in own:
                    yield int(other), float(length)

    def _parent_of(self, child: int) -> int:
        return self.moved.get(child, int(self.nest.belongs_to[np.searchsorted(self.nest.child_ids, child)]))

    def rebuilt(self) -> Geometries:
        """Each child as the union of its faces."""
        faces_of: dict[int, list[int]] = {int(grid): [] for grid in self.nest.child_ids}
        for face, holders in enumerate(self.owner):
            for holder in holders:
                faces_of[holder].append(face)
        return np.array(
            [dissolve(self.faces.geometry[faces_of[int(grid)]]) for grid in self.nest.child_ids],
            dtype=object,
        )

    def steps(self) -> gpd.GeoDataFrame:
        """What was decided, for `Repair.steps`."""
        dust = shapely.area(self.findings.geometry.to_numpy()) <= DUST_DEG2
        steps = self.findings[~dust].drop(columns="faces").reset_index(drop=True)
        steps["parent"] = steps["parent"].replace(NO_PARENT, pd.NA).astype("Int64")
        steps.insert(0, "child_level", self.nest.child_level)
        return steps


def _borders(faces: Faces) -> pd.DataFrame:
    """Pairs of faces that share an edge, both ways, with its length in degrees."""
    edges = directed_edges(faces.geometry)
    lengths = np.hypot(*(edges.end - edges.start).T)
    forward = _edge_table(edges.start, edges.end, edges, lengths)
    backward = _edge_table(edges.end, edges.start, edges, lengths).rename(columns={"face": "other"})
    pairs = forward.merge(backward.drop(columns="length"), on=["x0", "y0", "x1", "y1"])
    summed: pd.Series = pairs.groupby(["face", "other"])["length"].sum().sort_index()
    return summed.reset_index()


def _edge_table(start: Floats, end: Floats, edges: Edges, length: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x0": start[:, 0],
            "y0": start[:, 1],
            "x1": end[:, 0],
            "y1": end[:, 1],
            "face": edges.owner,
            "length": length,
        }
    )


def _share_vertices(grids: GridFrame) -> None:
    """Give every grid of every level the vertices that others have on its edges, in place."""
    (shared,) = share_vertices([grids.geometry.to_numpy()], SAME_PLACE_DEG, snap=True)
    whole = shapely.is_valid(shared)
    rows = grids.index[whole]
    grids.loc[rows, "geometry"] = gpd.GeoSeries(shared[whole], index=rows, crs=STORED_CRS)


def _assert_kept(before: GridFrame, after: GridFrame) -> None:
    geometry = after.geometry.to_numpy()
    broken: Iterable[int] = after.index[shapely.is_empty(geometry) | ~shapely.is_valid(geometry)]
    if list(broken) or not after.index.equals(before.index):
        raise RepairFailed(
            Text(
                zh="修复后有网格为空或无效，已放弃修复。",
                en="After the repair some grids would be empty or invalid; nothing was changed.",
            ),
            where=", ".join(str(grid) for grid in broken),
            todo=Text(
                zh="请先按 gisgrid audit 的清单人工处理这些网格。",
                en="Settle these grids by hand first, from the list that gisgrid audit gives.",
            ),
        )
