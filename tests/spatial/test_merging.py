"""Faces joined to findings, and parted where only a rounding joins them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.spatial.arrangement import Faces
from gisgrid.spatial.merging import merge_faces, without_spikes

SPIKE = 5e-10
"""Degrees."""


def faces(*polygons: shapely.Geometry) -> Faces:
    geometry = np.array(polygons, dtype=object)
    return Faces(geometry, shapely.point_on_surface(geometry))


def defects(count: int) -> pd.DataFrame:
    return pd.DataFrame({"face": range(count), "kind": "gap", "parent": 1, "owners": [()] * count})


def spiked() -> shapely.Polygon:
    """A square of 0.001 degrees with a spike of 0.002 along the line x = 0."""
    ring = [(0, 0), (0.001, 0), (0.001, 0.001), (SPIKE, 0.001), (SPIKE, 0.003), (0, 0.003)]
    return shapely.Polygon(ring)


def test_a_spike_comes_off_and_nothing_else() -> None:
    (found,) = without_spikes(np.array([spiked()], dtype=object))
    assert shapely.area(shapely.symmetric_difference(found, shapely.box(0, 0, 0.001, 0.001))) < 1e-14
    assert shapely.length(found) == pytest.approx(0.004)


def test_what_has_no_spike_stays_as_it_is() -> None:
    given = np.array([shapely.box(0, 0, 0.001, 0.001), shapely.box(0, 0, 1e-10, 1)], dtype=object)
    assert (without_spikes(given) == given).all()


def test_faces_that_only_a_spike_ties_together_are_two_findings() -> None:
    far = shapely.Polygon([(0, 0.003), (SPIKE, 0.003), (0.001, 0.003), (0.001, 0.004), (0, 0.004)])
    found = merge_faces(faces(spiked(), far), defects(2))
    assert sorted(found["faces"]) == [(0,), (1,)]
    assert shapely.area(found.geometry.to_numpy()) == pytest.approx([1e-6, 1e-6])


def test_faces_that_share_an_edge_are_one_finding() -> None:
    found = merge_faces(faces(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)), defects(2))
    assert list(found["faces"]) == [(0, 1)]


def test_a_face_that_only_a_spike_holds_together_is_one_finding_of_two_parts() -> None:
    ring = [(0, 0), (1, 0), (1, 1), (SPIKE, 1), (SPIKE, 2), (1, 2), (1, 3), (0, 3)]
    (found,) = merge_faces(faces(shapely.Polygon(ring)), defects(1)).itertuples()
    assert found.faces == (0,)
    assert shapely.get_num_geometries(found.geometry) == 2
