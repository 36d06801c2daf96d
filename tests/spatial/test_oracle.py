"""Audit, repair and assignment against slow code that counts unit cells.

Every grid is a union of 100 m cells of a small lattice, so that who owns each cell
is known without any geometry, and the definitions can be spelt out cell by cell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from gisgrid.frames import GridFrame, SizeClass
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.spatial.coverage import Coverage, audit_levels
from gisgrid.spatial.repair import repair
from tests.squares import hierarchy, level, place, sources

N = 8
CELL_M = 100.0
TURN_DEG = 17.0
LATTICE = frozenset((x, y) for x in range(N) for y in range(N))

Cell = tuple[int, int]
Cells = frozenset[Cell]
Sets = dict[int, Cells]


@dataclass(frozen=True)
class Square:
    """One grid: the cells that it holds, and which grid of the coarser level it says it is of."""

    cells: Cells
    parent: int | None = None

    def __repr__(self) -> str:
        rows = "/".join("".join(".#"[(x, y) in self.cells] for x in range(N)) for y in range(N))
        return f"Square({rows!r}, {self.parent})"


World = list[list[Square]]

LAW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


def beside(cell: Cell) -> list[Cell]:
    x, y = cell
    return [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]


# The worlds


@st.composite
def rectangles(draw: st.DrawFn) -> Cells:
    x0, y0 = draw(st.integers(0, N - 1)), draw(st.integers(0, N - 1))
    x1, y1 = draw(st.integers(x0 + 1, min(N, x0 + 4))), draw(st.integers(y0 + 1, min(N, y0 + 4)))
    return frozenset((x, y) for x in range(x0, x1) for y in range(y0, y1))


@st.composite
def scatters(draw: st.DrawFn) -> Cells:
    return frozenset(draw(st.sets(st.sampled_from(sorted(LATTICE)), min_size=1, max_size=6)))


CELL_SETS = rectangles() | scatters()


def parted(draw: st.DrawFn, cells: Cells, count: int) -> list[Cells]:
    """Share cells out among the nearest of some seeds, sometimes blindly."""
    seeds = [draw(st.sampled_from(sorted(cells))) for _ in range(count)]
    shares: list[set[Cell]] = [set() for _ in seeds]
    for x, y in cells:
        shares[min(range(count), key=lambda n: (abs(seeds[n][0] - x) + abs(seeds[n][1] - y), n))].add((x, y))
    return [frozenset(each) for each in shares]


def spoilt(draw: st.DrawFn, squares: list[Square], edits: int) -> list[Square]:
    """Give cells to grids that should not have them, and take others away."""
    cells = [set(each.cells) for each in squares]
    for _ in range(draw(st.integers(0, edits))):
        which, patch = draw(st.integers(0, len(squares) - 1)), draw(CELL_SETS)
        (cells[which].update if draw(st.booleans()) else cells[which].difference_update)(patch)
    return [Square(frozenset(own), each.parent) for own, each in zip(cells, squares, strict=True) if own]


@st.composite
def worlds(draw: st.DrawFn, deepest: int = 4, edits: int = 4) -> World:
    """1 to 4 levels, most of them in bad order."""
    inner = frozenset((x, y) for x in range(1, N - 1) for y in range(1, N - 1))
    top = [Square(own) for own in parted(draw, inner, draw(st.integers(1, 3))) if own]
    made = [spoilt(draw, top, edits) or top]
    for _ in range(draw(st.integers(1, deepest)) - 1):
        children: list[Square] = []
        for at, land in enumerate(made[-1]):
            if count := draw(st.integers(0, 3)):
                children += [Square(own, at) for own in parted(draw, land.cells, count) if own]
        if edits and draw(st.integers(0, 3)) == 0:
            children.append(Square(draw(CELL_SETS), draw(st.integers(0, len(made[-1]) - 1))))
        if edits and children:
            moved = draw(st.integers(0, len(children) - 1))
            stated = st.none() | st.integers(0, len(made[-1]) - 1)
            children[moved] = Square(children[moved].cells, draw(stated))
            children = spoilt(draw, children, edits)
        if not children:
            break
        made.append(children)
    return made


def drawn_square(rows: str, parent: int | None = None) -> Square:
    """A square from how it prints."""
    marks = {(x, y): mark for y, row in enumerate(rows.split("/")) for x, mark in enumerate(row)}
    return Square(frozenset(cell for cell, mark in marks.items() if mark == "#"), parent)


OVERLAP_LOST_WHEN_NODED_TWICE: World = [
    [
        drawn_square("......../.###..../.###..../.###..../.###..../.###..../.###..../........"),
        drawn_square("......../....###./....###./....###./....###./....###./....###./........"),
    ],
    [
        drawn_square("......../.###..../.###..../......../......../......../......../........"),
        drawn_square("......../......../......../.###..../.###..../.###..../.###..../........", 0),
        drawn_square("......../....###./....###./....###./....###./....###./....###./........", 1),
        drawn_square("#......./#......./......../......../......../....#.../......../........", 0),
    ],
    [
        drawn_square("......../......../......../.###..../.###..../......../......../........", 1),
        drawn_square("......../......../......../......../......../.###..../.###..../........", 1),
        drawn_square("......../....###./......../......../......../......../......../........", 2),
        drawn_square("......../......../....###./....###./....###./....###./....###./........", 2),
        drawn_square("#......./#......./......../......../......../....#.../......../........", 0),
    ],
]


# From cells to grids


def outline(cells: Cells, drawn: str) -> shapely.Geometry:
    """The union of cells as lon/lat: bare of its neighbours' vertices or matched, on the axes or turned."""
    drawing = shapely.union_all([shapely.box(x, y, x + 1, y + 1) for x, y in sorted(cells)])
    drawing = shapely.simplify(drawing, 0)
    if "bare" not in drawn:
        drawing = shapely.transform(shapely.segmentize(drawing, 1.0), np.round)
    return placed(drawing, drawn)


def placed(drawing: shapely.Geometry, drawn: str) -> shapely.Geometry:
    turn = np.radians(TURN_DEG if "turned" in drawn else 0.0)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return place(shapely.transform(drawing, lambda xy: CELL_M * (xy if not turn else xy @ rotation)))


def grids_of(world: World, drawn: str) -> GridFrame:
    """The world's grids; their ids count from 1 in the order of the world."""
    names = [
        [f"{'KLMN'[at]}{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(len(each))]
        for at, each in enumerate(world)
    ]
    frames = []
    for at, squares in enumerate(world):
        parents = {
            names[at][n]: names[at - 1][each.parent]
            for n, each in enumerate(squares)
            if at and each.parent is not None
        }
        frames.append(
            level({names[at][n]: outline(each.cells, drawn) for n, each in enumerate(squares)}, parents)
        )
    grids = hierarchy(*frames).grids
    assert list(grids["code"]) == [name for each in names for name in each]
    return grids


def cells_of(geometry: shapely.Geometry, drawn: str) -> Cells:
    """The lattice's cells whose centres lie in a polygon."""
    order = sorted(LATTICE)
    middles = placed(shapely.multipoints(np.array(order) + 0.5), drawn)
    xy = shapely.get_coordinates(middles)
    return frozenset(
        cell for cell, hit in zip(order, shapely.intersects_xy(geometry, xy), strict=True) if hit
    )


def held_by_level(world: World) -> list[Sets]:
    held, grid = [], 1
    for squares in world:
        held.append({grid + n: each.cells for n, each in enumerate(squares)})
        grid += len(squares)
    return held


def parents_of(world: World, grids: GridFrame) -> dict[int, int | None]:
    """Each grid's parent, after checking it: the stated one, else one of most common land."""
    held = held_by_level(world)
    found: dict[int, int | None] = {}
    for at, squares in enumerate(world):
        for grid, square in zip(held[at], squares, strict=True):
            parent = grids.loc[grid, "parent"]
            found[grid] = None if pd.isna(parent) else int(parent)
            if at == 0:
                assert found[grid] is None
            elif square.parent is not None:
                assert found[grid] == list(held[at - 1])[square.parent]
            else:
                common = {each: len(square.cells & land) for each, land in held[at - 1].items()}
                best = max(common.values())
                assert (found[grid] is None) == (best == 0)
                assert best == 0 or common[found[grid] or 0] == best
    return found


# The oracle of the audit


def verdict(
    own: list[int], land: list[int], parent: dict[int, int | None], divided: set[int | None]
) -> tuple[str, int | None, tuple[int, ...]] | None:
    """What one cell is: the definitions, first match wins."""
    if own and not land:
        return "protrusion", parent[own[0]], tuple(own)
    claimed = [parent[child] for child in own]
    # each on its own parent's land, and no two of the same: the parents overlap, not the children
    inherited = len(set(claimed)) == len(claimed) and all(each in land for each in claimed)
    if len(own) >= 2 and not inherited:
        return "overlap", land[0], tuple(own)
    if len(own) == 1 and not inherited:
        return "misnested", land[0], tuple(own)
    lacking = [each for each in land if each in divided]
    if not own and lacking:
        return "gap", lacking[0], ()
    return None


def verdict_alone(cell: Cell, own: list[int], outside: set[Cell]) -> tuple[str, None, tuple[int, ...]] | None:
    if len(own) >= 2:
        return "overlap", None, tuple(own)
    return ("gap", None, ()) if not own and cell not in outside else None


def outside_of(held: Sets) -> set[Cell]:
    """Cells from which one walks out of the lattice over edges, through nobody's land."""
    taken = {cell for own in held.values() for cell in own}
    ring = {(x, y) for x in range(-1, N + 1) for y in range(-1, N + 1)} - LATTICE
    found, fresh = set(ring), list(ring)
    while fresh:
        for near in beside(fresh.pop()):
            if near in LATTICE and near not in taken and near not in found:
                found.add(near)
                fresh.append(near)
    return found


def pieces(cells: set[Cell]) -> list[Cells]:
    """Split cells into sets that hang together over edges."""
    rest, out = set(cells), []
    while rest:
        piece, fresh = set(), [rest.pop()]
        while fresh:
            cell = fresh.pop()
            piece.add(cell)
            for near in beside(cell):
                if near in rest:
                    rest.remove(near)
                    fresh.append(near)
        out.append(frozenset(piece))
    return out


def expected_findings(held: Sets, lands: Sets | None, parent: dict[int, int | None]) -> Counter[Any]:
    kinds: dict[Any, set[Cell]] = {}
    outside = outside_of(held)
    divided = {parent[child] for child in held}
    for cell in LATTICE:
        own = sorted(child for child, cells in held.items() if cell in cells)
        if lands is None:
            what: Any = verdict_alone(cell, own, outside)
        else:
            land = sorted(each for each, cells in lands.items() if cell in cells)
            what = verdict(own, land, parent, divided)
        if what is not None:
            kinds.setdefault(what, set()).add(cell)
    return Counter((*what, piece) for what, cells in kinds.items() for piece in pieces(cells))


def expected_audit(world: World, parent: dict[int, int | None]) -> list[tuple[int | None, int, Counter[Any]]]:
    held = held_by_level(world)
    out: list[tuple[int | None, int, Counter[Any]]] = []
    alone = expected_findings(held[0], None, parent)
    if len(held) > 1:  # land that the coarsest grids of a deeper plan enclose is outside the plan
        alone = Counter({what: count for what, count in alone.items() if what[0] == "overlap"})
    if alone or len(held) == 1:
        out.append((None, 1, alone))
    out += [(at, at + 1, expected_findings(held[at], held[at - 1], parent)) for at in range(1, len(held))]
    return out


def found_by(coverage: Coverage, drawn: str) -> Counter[Any]:
    """The audit's findings in the oracle's terms; each must be exactly the cells that it holds."""
    found: Counter[Any] = Counter()
    one_cell = outline(frozenset({(0, 0)}), drawn).area
    for row in coverage.findings.itertuples():
        cells = cells_of(row.geometry, drawn)
        assert row.geometry.area == pytest.approx(len(cells) * one_cell, rel=1e-6)
        assert row.area_m2 == pytest.approx(len(cells) * CELL_M**2, rel=1e-3)
        assert (row.child_level, None if pd.isna(row.parent_level) else row.parent_level) == (
            coverage.child_level,
            coverage.parent_level,
        )
        found[str(row.kind), None if pd.isna(row.parent) else int(row.parent), tuple(row.owners), cells] += 1
    return found


def rim(cells: Cells) -> list[tuple[Cell, Cell]]:
    """The unit edges around some cells, each as (cell within, cell without)."""
    return [(cell, near) for cell in cells for near in beside(cell) if near not in cells]


def check_surroundings(coverage: Coverage, held: Sets, lands: Sets | None, drawn: str) -> None:
    """Whether a gap is enclosed, and which children run along how much of each finding."""
    for row in coverage.findings.itertuples():
        edges = rim(cells_of(row.geometry, drawn))
        if row.kind == "gap":
            assert row.enclosed == (lands is None or all(near in lands[row.parent] for _, near in edges))
        else:
            assert pd.isna(row.enclosed)
        share = {
            child: sum(near in cells for _, near in edges) / len(edges)
            for child, cells in held.items()
            if child not in row.owners
        }
        told = dict(row.neighbours)
        assert told == pytest.approx({child: each for child, each in share.items() if each}, abs=2e-3)
        assert list(told.values()) == sorted(told.values(), reverse=True)


@pytest.mark.parametrize("drawn", ["matched", "bare", "turned matched", "turned bare"])
@example(world=OVERLAP_LOST_WHEN_NODED_TWICE)
@settings(LAW, max_examples=120)
@given(world=worlds())
def test_the_audit_finds_what_counting_cells_finds(drawn: str, world: World) -> None:
    note("\n".join(map(repr, world)))
    grids = grids_of(world, drawn)
    parent, held = parents_of(world, grids), held_by_level(world)
    audited = audit_levels(grids)
    expected = expected_audit(world, parent)
    assert [(each.parent_level, each.child_level) for each in audited] == [each[:2] for each in expected]
    for coverage, (above, own, findings) in zip(audited, expected, strict=True):
        assert found_by(coverage, drawn) == findings
        check_surroundings(coverage, held[own - 1], None if above is None else held[above - 1], drawn)
        childless = (
            set() if above is None else set(held[above - 1]) - {parent[each] for each in held[own - 1]}
        )
        assert set(coverage.undivided) == childless
        if "bare" not in drawn:
            assert coverage.edge_matched


# The oracle of the repair


def land_by_level(grids: GridFrame, drawn: str) -> dict[int, Sets]:
    """The cells of every grid; each polygon must be exactly its cells."""
    one_cell = outline(frozenset({(0, 0)}), drawn).area
    found: dict[int, Sets] = {}
    for grid, row in grids.iterrows():
        cells = cells_of(row.geometry, drawn)
        assert cells
        assert row.geometry.is_valid
        assert row.geometry.area == pytest.approx(len(cells) * one_cell, rel=1e-6)
        found.setdefault(int(row["level"]), {})[int(str(grid))] = cells
    return found


@pytest.mark.parametrize("drawn", ["matched", "bare", "turned bare"])
@settings(LAW, max_examples=80)
@given(world=worlds(deepest=3))
def test_a_repair_that_applies_every_step_fills_each_parent_exactly_once(drawn: str, world: World) -> None:
    note("\n".join(map(repr, world)))
    grids = grids_of(world, drawn)
    mended = repair(grids, accept=frozenset(SizeClass))
    note(mended.steps.drop(columns="geometry").to_string())
    assert mended.grids.index.equals(grids.index)
    assert list(mended.grids["code"]) == list(grids["code"])
    held = land_by_level(mended.grids, drawn)
    if not mended.steps["applied"].all():
        return
    for at in list(held)[1:]:
        for parent, land in held[at - 1].items():
            own = [cells for child, cells in held[at].items() if mended.grids.loc[child, "parent"] == parent]
            assert not own or Counter(cell for cells in own for cell in cells) == Counter(land)
    assert all(each.findings.empty and each.edge_matched for each in audit_levels(mended.grids))


@settings(LAW, max_examples=60)
@given(world=worlds(deepest=3))
def test_a_repair_by_default_leaves_wide_findings_alone(world: World) -> None:
    grids = grids_of(world, "bare")
    mended = repair(grids)
    assert not mended.steps["applied"].any()
    assert land_by_level(mended.grids, "bare") == dict(enumerate(held_by_level(world), start=1))
    assert mended.grids["parent"].equals(grids["parent"])


# The oracle of the assignment


def touching(x2: int, y2: int) -> list[Cell]:
    """The cells that a point of the lattice, given in half cells, lies in or on."""
    xs = [x2 // 2] if x2 % 2 else [x2 // 2 - 1, x2 // 2]
    ys = [y2 // 2] if y2 % 2 else [y2 // 2 - 1, y2 // 2]
    return [(x, y) for x in xs for y in ys]


def how_far(x2: int, y2: int, cells: Cells) -> float:
    """Metres from a point, given in half cells, to the nearest of some cells."""
    px, py = x2 / 2, y2 / 2
    return CELL_M * min(
        float(np.hypot(max(x - px, 0, px - x - 1), max(y - py, 0, py - y - 1))) for x, y in cells
    )


def first_miss(
    inside: dict[int, int | None], parent: dict[int, int | None]
) -> tuple[str, int, list[int]] | None:
    """Why a point is uncovered, at which level, and which grids might have had it."""
    divided = {each for each in parent.values() if each is not None}
    if inside[1] is None:
        return "outside", 1, [grid for grid in parent if grid not in divided]
    for at, grid in inside.items():
        if grid in divided and inside[at + 1] is None:
            return "gap", at + 1, [child for child, of in parent.items() if of == grid]
    return None


@pytest.mark.parametrize("drawn", ["matched", "bare"])
@settings(LAW, max_examples=60)
@given(world=worlds())
def test_sources_on_centres_edges_and_corners_go_where_the_cells_say(drawn: str, world: World) -> None:
    note("\n".join(map(repr, world)))
    grids = grids_of(world, drawn)
    parent, held = parents_of(world, grids), held_by_level(world)
    points = [(x2, y2) for x2 in range(2 * N + 1) for y2 in range(2 * N + 1)]
    rows = sources([(CELL_M * x2 / 2, CELL_M * y2 / 2) for x2, y2 in points])
    assigned = assign(rows, grids)
    missed = uncovered(rows, grids, assigned)
    everyone = {grid: cells for each in held for grid, cells in each.items()}
    expected_misses = []
    for row, point in zip(rows.index, points, strict=True):
        near = touching(*point)
        inside = {
            at: min((grid for grid, cells in each.items() if cells.intersection(near)), default=None)
            for at, each in enumerate(held, start=1)
        }
        told = assigned.loc[row]
        assert {at: None if pd.isna(told[at]) else int(told[at]) for at in inside} == inside
        miss = first_miss(inside, parent)
        if miss is None:
            continue
        expected_misses.append(row)
        reason, at, choice = miss
        out = missed.loc[row]
        assert (out["reason"], out["level"]) == (reason, at)
        far = {grid: how_far(*point, everyone[grid]) for grid in choice}
        least = min(far.values())
        assert out["distance_m"] == pytest.approx(least, rel=1e-3)
        assert out["nearest"] in [grid for grid, each in far.items() if each <= least * 1.001]
    assert list(missed.index) == expected_misses
