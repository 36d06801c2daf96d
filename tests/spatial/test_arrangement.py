"""Faces of an arrangement, who covers them, and what changes across their borders."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.spatial.arrangement import arrange, covering, dissolve, jumps, segments

LEFT, RIGHT = shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)


def outlines(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array([shape.exterior for shape in shapes], dtype=object)


def test_two_overlapping_squares_have_three_faces_with_their_owners() -> None:
    _, faces = arrange(outlines(LEFT, RIGHT))
    polygons = np.array([LEFT, RIGHT], dtype=object)
    owners = covering(faces, polygons, np.array([10, 20]))
    found = dict(zip(owners, shapely.area(faces.geometry), strict=True))
    assert found == {(10,): 2.0, (10, 20): 2.0, (20,): 2.0}


def test_a_face_that_nobody_covers_has_no_owner() -> None:
    hole = shapely.difference(shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2))
    rings = np.array([hole.exterior, hole.interiors[0]], dtype=object)
    _, faces = arrange(rings)
    owners = covering(faces, np.array([hole], dtype=object), np.array([7]))
    assert sorted(zip(owners, shapely.area(faces.geometry).tolist(), strict=True)) == [((), 1.0), ((7,), 8.0)]


def test_a_line_that_divides_nothing_has_no_jump() -> None:
    dangling = shapely.linestrings([[0.0, 1.0], [1.0, 1.0]])
    noded, faces = arrange(np.array([LEFT.exterior, dangling], dtype=object))
    edges, jump = jumps(noded, faces, np.ones(len(faces)))
    inner = edges.lines()[jump == 0]
    assert shapely.equals(shapely.union_all(inner), dangling)


def test_no_lines_have_no_faces() -> None:
    noded, faces = arrange(np.zeros(0, dtype=object))
    assert len(noded) == len(faces) == 0
    assert covering(faces, np.array([LEFT], dtype=object), np.array([1])).tolist() == []


def test_neighbours_dissolve_into_their_union() -> None:
    assert dissolve(np.array([LEFT, shapely.box(2, 0, 3, 2)], dtype=object)).area == 6.0


def test_segments_know_their_line() -> None:
    lines = np.array([shapely.linestrings([[0, 0], [1, 0], [1, 1]]), shapely.linestrings([[5, 5], [6, 6]])])
    assert segments(lines).owner.tolist() == [0, 0, 1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 5), st.integers(1, 5)),
        min_size=1,
        max_size=7,
    )
)
def test_faces_tile_the_union_and_agree_with_their_owners(shapes: list[tuple[int, int, int, int]]) -> None:
    polygons = np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in shapes], dtype=object)
    _, faces = arrange(shapely.boundary(polygons))
    owners = covering(faces, polygons, np.arange(len(polygons)))
    area = shapely.area(faces.geometry)
    for number, polygon in enumerate(polygons):
        own = [number in each for each in owners]
        assert abs(area[own].sum() - polygon.area) < 1e-9
    assert abs(area[[bool(each) for each in owners]].sum() - shapely.union_all(polygons).area) < 1e-9
