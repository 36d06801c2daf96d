"""Lines and polygons in pieces: the same land, small, and in the order of their rows."""

import numpy as np
import pytest
import shapely

from gisgrid.spatial.shapes import pieces_of


def wavy_lake(vertices: int) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radius = 1 + 0.1 * np.sin(30 * angle)
    shell = np.column_stack([122 + radius * np.cos(angle), 41 + radius * np.sin(angle)])
    return shapely.Polygon(shell, [shapely.box(121.9, 40.9, 122.1, 41.1).exterior.coords])


def test_pieces_of_a_polygon_are_the_same_land_with_its_hole() -> None:
    lake = wavy_lake(3000)
    pieces = pieces_of(np.array([lake], dtype=object), np.array([7]))
    assert set(pieces.row) == {7}
    assert shapely.union_all(pieces.geometry).symmetric_difference(lake).area < 1e-12
    assert shapely.get_num_coordinates(pieces.geometry).max() < 300


def test_pieces_of_a_line_are_the_same_line() -> None:
    canal = shapely.LineString([(120, 41), (123, 42), (124, 41)])
    pieces = pieces_of(np.array([canal], dtype=object), np.array([0]))
    assert len(pieces) > 10
    assert shapely.length(pieces.geometry).sum() == pytest.approx(canal.length)


def test_a_small_shape_is_its_only_piece_and_rows_keep_their_order() -> None:
    small = shapely.box(122, 41, 122.01, 41.01)
    pieces = pieces_of(np.array([wavy_lake(2000), small], dtype=object), np.array([3, 4]))
    assert np.all(np.diff(pieces.row) >= 0)
    assert [each.equals(small) for each in pieces.geometry[pieces.row == 4]] == [True]


def test_a_collection_is_cut_as_well() -> None:
    both = shapely.multilinestrings([[(120, 41), (121, 41)], [(125, 41), (126, 41)]])
    pieces = pieces_of(np.array([both], dtype=object), np.array([0]))
    assert len(pieces) > 2
    assert shapely.length(pieces.geometry).sum() == pytest.approx(2)


def test_an_invalid_polygon_is_left_whole() -> None:
    bow_tie = shapely.Polygon([(120, 40), (124, 44), (124, 40), (120, 44)])
    pieces = pieces_of(np.array([bow_tie], dtype=object), np.array([0]))
    assert len(pieces) == 1


def test_nothing_has_no_pieces() -> None:
    assert len(pieces_of(np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64))) == 0
