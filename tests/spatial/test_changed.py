"""Which land two outlines differ by."""

from __future__ import annotations

import shapely

from gisgrid.spatial.changed import changed_land


def test_a_vertex_more_is_no_change() -> None:
    square = shapely.box(122.0, 41.0, 122.1, 41.1)
    assert changed_land(square, shapely.segmentize(square, 0.03)) is None


def test_what_is_added_is_told_without_the_spike_along_an_edge_that_was_rounded() -> None:
    before = shapely.Polygon([(122, 41), (122.3, 41.1), (122.3, 41.3), (122, 41.3)])
    # The lower edge runs on to the right, 1e-12 degrees lower: the land that came is joined to a sliver.
    after = shapely.Polygon([(122, 41), (122.4, 41 + 0.4 / 3 - 1e-12), (122.4, 41.3), (122, 41.3)])
    land = changed_land(before, after)
    assert land is not None
    assert land.bounds[0] > 122.299
    assert abs(land.area - shapely.difference(after, before).area) < 1e-9
