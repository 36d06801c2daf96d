"""The grids of two neighbouring levels, and what is true of a face that lies among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.frames import FindingKind, GridFrame
from gisgrid.spatial.arrangement import Faces, covering
from gisgrid.spatial.edges import Edges, Floats, Geometries, Ints, directed_edges, sum_edges

NO_PARENT = -1


@dataclass(frozen=True)
class State:
    """What is true of each of n faces."""

    children: NDArray[np.object_]  # ids, ascending
    parents: NDArray[np.object_]
    kind: NDArray[np.object_]  # FindingKind or None
    parent: Ints  # whose land it is, or NO_PARENT
    unsettled: NDArray[np.bool_]  # some parent is not covered exactly once by its own children
    code: Floats  # a number that no other face has, above every `settled_code`
    settled_code: (
        float  # of a face that is in order: like the outside, or where there are no parents, unlike it
    )

    def table(self) -> pd.DataFrame:
        """One row a face that is a defect: `face`, `kind`, `parent`, `owners`."""
        at = np.flatnonzero(np.array([kind is not None for kind in self.kind], dtype=bool))
        return pd.DataFrame(
            {
                "face": at,
                "kind": pd.Series(self.kind[at], dtype=object),
                "parent": self.parent[at],
                "owners": pd.Series(self.children[at], dtype=object),
            }
        )


@dataclass(frozen=True)
class Nest:
    """The grids of two levels, as arrays."""

    parent_level: int | None
    child_level: int
    parents: Geometries
    parent_ids: Ints
    divided: NDArray[np.bool_]
    children: Geometries
    child_ids: Ints
    belongs_to: Ints  # the parent's id, or NO_PARENT

    @classmethod
    def of(cls, parents: GridFrame | None, children: GridFrame) -> Nest:
        belongs = children["parent"].fillna(NO_PARENT).to_numpy(dtype=np.int64)
        if parents is None:
            belongs = np.full(len(children), NO_PARENT, dtype=np.int64)
        ids = np.zeros(0, dtype=np.int64) if parents is None else parents.index.to_numpy(dtype=np.int64)
        return cls(
            parent_level=None if parents is None else int(parents["level"].iloc[0]),
            child_level=int(children["level"].iloc[0]),
            parents=np.zeros(0, dtype=object) if parents is None else parents.geometry.to_numpy(),
            parent_ids=ids,
            divided=np.isin(ids, belongs),
            children=children.geometry.to_numpy(),
            child_ids=children.index.to_numpy(dtype=np.int64),
            belongs_to=belongs,
        )

    def residual_edges(self) -> Edges:
        """The edges that no reverse cancels, each once."""
        own = directed_edges(self.children)
        land = directed_edges(self.parents[self.divided])
        both = Edges(
            np.concatenate([own.start, land.start]),
            np.concatenate([own.end, land.end]),
            np.concatenate([self.belongs_to[own.owner], self.parent_ids[self.divided][land.owner]]),
        )
        weight = np.concatenate([np.ones(len(own)), -np.ones(len(land))])
        sums = sum_edges(both, weight, both.owner)
        left = both.take(sums.first[sums.weight != 0])
        once = sum_edges(left, np.ones(len(left)), np.zeros(len(left), dtype=np.int64))
        return left.take(once.first)

    def all_edges(self) -> Edges:
        """Every edge of children and parents, each once."""
        edges = directed_edges(np.concatenate([self.children, self.parents]))
        once = sum_edges(edges, np.ones(len(edges)), np.zeros(len(edges), dtype=np.int64))
        return edges.take(once.first)

    def edges_inside(self, faces: Geometries) -> Edges:
        """Edges of any grid that run through (or along) one of the faces."""
        if not len(faces):
            return directed_edges(faces)
        tree = shapely.STRtree(faces)
        touched = [
            polygons[np.unique(tree.query(polygons, predicate="intersects")[0])]
            for polygons in (self.children, self.parents)
        ]
        edges = directed_edges(np.concatenate(touched))
        lines = edges.lines()
        near = np.unique(tree.query(lines)[0])
        edges = edges.take(near[np.unique(tree.query(lines[near], predicate="intersects")[0])])
        once = sum_edges(edges, np.ones(len(edges)), np.zeros(len(edges), dtype=np.int64))
        return edges.take(once.first)

    def classify(self, faces: Faces) -> State:
        """Decide what each face is."""
        children = covering(faces, self.children, self.child_ids)
        parents = covering(faces, self.parents, self.parent_ids)
        return self.judge(children, parents)

    def judge(self, children: NDArray[np.object_], parents: NDArray[np.object_]) -> State:
        """Decide what each of n faces is, from the ids (ascending tuples) of those who cover it."""
        parent_of = dict(zip(self.child_ids.tolist(), self.belongs_to.tolist(), strict=True))
        divided = set(self.parent_ids[self.divided].tolist())
        judge = self._judge_alone if self.parent_level is None else self._judge
        verdicts = [
            judge(own, land, [parent_of[child] for child in own], divided)
            for own, land in zip(children, parents, strict=True)
        ]
        kind: NDArray[np.object_] = np.empty(len(children), dtype=object)
        kind[:] = [each[0] for each in verdicts]
        unsettled = np.array([each[2] for each in verdicts], dtype=bool)
        return State(
            children=children,
            parents=parents,
            kind=kind,
            parent=np.array([each[1] for each in verdicts], dtype=np.int64),
            unsettled=unsettled,
            code=np.arange(2, len(children) + 2, dtype=np.float64),
            settled_code=1.0 if self.parent_level is None else 0.0,
        )

    @staticmethod
    def _judge_alone(
        own: tuple[int, ...], land: tuple[int, ...], claimed: list[int], divided: set[int]
    ) -> tuple[FindingKind | None, int, bool]:
        kind = {0: FindingKind.GAP, 1: None}.get(len(own), FindingKind.OVERLAP)
        return kind, NO_PARENT, kind is not None

    @staticmethod
    def _judge(
        own: tuple[int, ...], land: tuple[int, ...], claimed: list[int], divided: set[int]
    ) -> tuple[FindingKind | None, int, bool]:
        lacking = [parent for parent in land if parent in divided]
        unsettled = sorted(claimed) != lacking
        here = land[0] if land else NO_PARENT
        if not own:
            return (FindingKind.GAP, lacking[0], True) if lacking else (None, here, unsettled)
        if not land:
            return FindingKind.PROTRUSION, claimed[0], unsettled
        inherited = len(set(claimed)) == len(claimed) and set(claimed) <= set(land)
        if len(own) > 1 and not inherited:
            return FindingKind.OVERLAP, here, unsettled
        if len(own) == 1 and not inherited:
            return FindingKind.MISNESTED, here, unsettled
        return None, here, unsettled
