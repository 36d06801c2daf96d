"""Land that changes hands: who gets each face of one level that is not as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.frames import STORED_CRS, FindingKind, SizeClass
from gisgrid.spatial.arrangement import DUST_DEG2, Faces, arrange, dissolve
from gisgrid.spatial.edges import Edges, Floats, Geometries, Ints, directed_edges
from gisgrid.spatial.findings import Tolerances, is_wide_enough, width_m
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.merging import SPIKE_DEG, merge_faces
from gisgrid.spatial.nest import NO_PARENT, Nest


@dataclass
class Handover:
    """The faces of one level, who owns each, and what was decided about them."""

    nest: Nest  # `belongs_to` changes
    faces: Faces
    land: NDArray[np.object_]  # tuple of the parents' ids a face
    owner: NDArray[np.object_]  # tuple of the children's ids a face; changes
    tolerances: Tolerances
    allowed_gaps: Geometries | None
    fills_holes: bool
    borders: pd.DataFrame  # face, other face, length: both ways, sorted by face
    lands: Ints  # 1 a face that is land, 0 for a rounding
    held: Counter[int]  # how many faces of land each child has
    moved: dict[int, int] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    excused: list[shapely.Geometry] = field(default_factory=list)

    @classmethod
    def of(
        cls, nest: Nest, tolerances: Tolerances, allowed_gaps: Geometries | None, *, fills_holes: bool
    ) -> Handover:
        """Take the grids of a level apart; without `fills_holes`, land that they enclose is nobody's."""
        _, faces = arrange(nest.all_edges().lines())
        state = nest.classify(faces)
        lands = (shapely.area(faces.geometry) > SPIKE_DEG * shapely.length(faces.geometry)).astype(np.int64)
        held = Counter(
            grid
            for holders, is_land in zip(state.children, lands, strict=True)
            if is_land
            for grid in holders
        )
        return cls(
            nest=nest,
            faces=faces,
            land=state.parents,
            owner=state.children.copy(),
            tolerances=tolerances,
            allowed_gaps=allowed_gaps if allowed_gaps is not None and len(allowed_gaps) else None,
            fills_holes=fills_holes,
            borders=_borders(faces),
            lands=lands,
            held=held,
        )

    def settle(self, accept: Collection[SizeClass]) -> None:
        """Decide every finding, and look at the level anew until nothing changes any more.

        Who belongs to whom comes first, since it decides what is a gap and who may fill it.
        """
        while True:
            findings = self._findings()
            decided = self._reparents(findings, accept) or self._decisions(findings, accept)
            applied = [step for step in decided if step["applied"]]
            self.steps += applied or decided
            if not applied:
                return

    def _findings(self) -> list[dict[str, Any]]:
        """What is not as it should be now, smallest first."""
        found = merge_faces(self.faces, self.nest.judge(self.owner, self.land).table())
        if not self.fills_holes:
            found = found[found["kind"] != FindingKind.GAP].reset_index(drop=True)
        geometry = found.geometry.to_numpy()
        if self.allowed_gaps is not None:
            common = shapely.intersection(geometry, shapely.union_all(self.allowed_gaps))
            free = shapely.area(common) > 0.5 * shapely.area(geometry)
            free &= (found["kind"] == FindingKind.GAP).to_numpy()
            self.excused = list(geometry[free])
            found, geometry = found[~free].reset_index(drop=True), geometry[~free]
        wide = is_wide_enough(geometry, self.tolerances)
        found["area_m2"] = area_m2(geometry)
        found["width_m"] = np.nan
        found.loc[wide, "width_m"] = width_m(geometry[wide])
        found["size_class"] = SizeClass.NOISE
        found.loc[wide, "size_class"] = self.tolerances.size_class(found.loc[wide, "width_m"].to_numpy())
        ordered: list[dict[str, Any]] = found.sort_values("area_m2", kind="stable").to_dict("records")
        return ordered

    def _reparents(
        self, findings: list[dict[str, Any]], accept: Collection[SizeClass]
    ) -> list[dict[str, Any]]:
        """Let grids that lie mostly in another parent change to it, each once, where that is accepted."""
        steps = []
        for finding in findings:
            if finding["size_class"] in accept and self._belongs_elsewhere(finding):
                (child,) = finding["owners"]
                self.moved[child] = finding["parent"]
                steps.append(finding | {"action": "reparent", "receiver": child, "applied": True})
        if steps:
            belongs = self.nest.belongs_to.copy()
            belongs[np.searchsorted(self.nest.child_ids, list(self.moved))] = list(self.moved.values())
            divided = np.isin(self.nest.parent_ids, belongs)
            self.nest = replace(self.nest, belongs_to=belongs, divided=divided)
        return steps

    def _belongs_elsewhere(self, finding: dict[str, Any]) -> bool:
        if finding["kind"] != FindingKind.MISNESTED or finding["parent"] == NO_PARENT:
            return False
        (child,) = finding["owners"]
        whole = self.nest.children[np.searchsorted(self.nest.child_ids, child)]
        land = shapely.area(self.faces.geometry[list(finding["faces"])]).sum()
        return child not in self.moved and bool(land > 0.5 * shapely.area(whole))

    def _decisions(
        self, findings: list[dict[str, Any]], accept: Collection[SizeClass]
    ) -> list[dict[str, Any]]:
        """Decide smallest first, so that large ones see their final neighbours; some must wait for others."""
        waiting, steps = findings, list[dict[str, Any]]()
        while waiting:
            stuck: list[dict[str, Any]] = []
            for finding in waiting:
                step = self._decided(finding, accept)
                (stuck if step is None else steps).append(step or finding)
            if len(stuck) == len(waiting):
                break
            waiting = stuck
        return steps + [each | {"action": "none", "receiver": pd.NA, "applied": False} for each in waiting]

    def _decided(self, finding: dict[str, Any], accept: Collection[SizeClass]) -> dict[str, Any] | None:
        kind, owners, members = finding["kind"], finding["owners"], list(finding["faces"])
        if kind == FindingKind.MISNESTED and self._belongs_elsewhere(finding):
            return finding | {"action": "reparent", "receiver": owners[0], "applied": False}
        receiver = None if kind == FindingKind.PROTRUSION else self._receiver(finding)
        if receiver is None and kind != FindingKind.PROTRUSION:
            return None
        applied = finding["size_class"] in accept and self._keeps_everyone(receiver, owners, members)
        if applied:
            land = int(self.lands[members].sum())
            self.held.subtract(dict.fromkeys(owners, land))
            self.held.update({} if receiver is None else {receiver: land})
            for face in members:
                self.owner[face] = () if receiver is None else (receiver,)
        return finding | {
            "action": "cut" if receiver is None else "give",
            "receiver": pd.NA if receiver is None else receiver,
            "applied": applied,
        }

    def _receiver(self, finding: dict[str, Any]) -> int | None:
        """Who gets the land: of those who may, the one with the longest border.

        An overlap goes to a claimant whose parent's land it is, else to another
        child of that parent, else to any claimant; all else to a child of the parent.
        """
        owners, parent, members = finding["owners"], finding["parent"], list(finding["faces"])
        border = self._border(members)
        at_home = {grid for grid in border if self._parent_of(grid) == parent}
        if finding["kind"] != FindingKind.OVERLAP:
            return _longest(border, at_home)
        claims = {grid for grid in owners if self._parent_of(grid) == parent}
        if claims:
            receiver = _longest(border, claims)
        else:
            receiver = _longest(border, at_home) or _longest(border, set(owners))
        if self._keeps_everyone(receiver, owners, members):
            return receiver
        # Whoever has no other land keeps this, however long the other's border.
        keeping = [grid for grid in owners if self._keeps_everyone(grid, owners, members)]
        return min(keeping, key=lambda grid: (grid not in claims, grid)) if keeping else receiver

    def _border(self, members: list[int]) -> dict[int, float]:
        """How long, in degrees, the land around some faces runs along them, by its only owner."""
        total: dict[int, float] = {}
        for other, length in self._around(members):
            if len(self.owner[other]) == 1:
                (holder,) = self.owner[other]
                total[holder] = total.get(holder, 0.0) + length
        return total

    def _keeps_everyone(self, receiver: int | None, owners: tuple[int, ...], members: list[int]) -> bool:
        """Whether each former owner still has land of its own afterwards."""
        land = int(self.lands[members].sum())
        return all(self.held[grid] > land for grid in owners if grid != receiver)

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
        return int(self.nest.belongs_to[np.searchsorted(self.nest.child_ids, child)])

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

    def table(self) -> gpd.GeoDataFrame:
        """What was decided, for `Repair.steps`."""
        columns = [
            "kind",
            "parent",
            "owners",
            "area_m2",
            "width_m",
            "size_class",
            "action",
            "receiver",
            "applied",
        ]
        steps = pd.DataFrame(self.steps, columns=[*columns, "geometry"])
        steps = steps[shapely.area(steps["geometry"].to_numpy()) > DUST_DEG2].reset_index(drop=True)
        steps["parent"] = steps["parent"].replace(NO_PARENT, pd.NA).astype("Int64")
        steps["receiver"] = steps["receiver"].astype("Int64")
        steps["applied"] = steps["applied"].astype(bool)
        steps.insert(0, "child_level", self.nest.child_level)
        return gpd.GeoDataFrame(steps, crs=STORED_CRS)


def _longest(border: dict[int, float], allowed: set[int]) -> int | None:
    """Who of the allowed has the longest border; of equals the smaller id."""
    return min(allowed & border.keys(), key=lambda grid: (-border[grid], grid), default=None)


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
