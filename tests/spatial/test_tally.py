"""Partial counts summed: by source and kind, the nearest of all, the smaller id of equals."""

import numpy as np

from gisgrid.spatial.tally import Tally, merged, tally_pairs

RINGS_M = np.array([500.0, 5000.0])


def pairs(*rows: tuple[int, int, int, float]) -> Tally:
    """(source, kind, receptor, distance) rows; a receptor's rank is its number."""
    source, kind, receptor = (np.array([row[at] for row in rows], dtype=np.int64) for at in range(3))
    distance_m = np.array([row[3] for row in rows])
    return tally_pairs(source, receptor, kind, receptor, distance_m, np.full(len(rows), 10.0), RINGS_M)


def test_parts_of_one_source_and_kind_are_summed_and_the_nearest_of_all_is_kept() -> None:
    whole = merged([pairs((1, 0, 5, 400.0), (1, 0, 6, 4000.0)), pairs((1, 0, 7, 300.0))], 2)
    assert whole.count.tolist() == [[2, 3]]
    assert whole.receptor.tolist() == [7]
    assert whole.distance_m.tolist() == [300.0]


def test_of_equals_in_different_parts_the_smaller_rank_is_nearest() -> None:
    for first, second in ((9, 3), (3, 9)):
        whole = merged([pairs((1, 0, first, 300.0)), pairs((1, 0, second, 300.00005))], 2)
        assert whole.receptor.tolist() == [3]


def test_sources_and_kinds_stay_apart_in_their_order() -> None:
    whole = merged([pairs((2, 0, 5, 1.0), (1, 1, 5, 1.0), (1, 0, 5, 1.0))], 2)
    assert list(zip(whole.source, whole.kind, strict=True)) == [(1, 0), (1, 1), (2, 0)]


def test_pairs_beyond_the_widest_ring_drop_out() -> None:
    assert len(pairs((1, 0, 5, 5000.1)).source) == 0


def test_nothing_merged_is_nothing() -> None:
    assert merged([], 2).count.shape == (0, 2)
