"""Which CRS a file is read in: believed, proved, or refused."""

from __future__ import annotations

import pandas as pd
import pytest

from gisgrid.audit.settle import settle
from gisgrid.crs.verdict import Candidate, CrsStatus, Verdict
from gisgrid.errors import UnknownCrs
from gisgrid.ingest.table import Table
from gisgrid.text import Text

EVIDENCE = Text(zh="证据", en="evidence")
CANDIDATES = (
    Candidate("gcj02", (), 1.0, 0.99, 0.0),
    Candidate("EPSG:4490", ("EPSG:4326",), 0.97, 0.80, 0.4),
)
DETECTED = Verdict(CrsStatus.DETECTED, "gcj02", CANDIDATES, EVIDENCE)
UNRESOLVED = Verdict(CrsStatus.UNRESOLVED, None, CANDIDATES, EVIDENCE)


def table(crs: str | None = None, *, by_format: bool = False) -> Table:
    return Table("点.csv", pd.DataFrame(), None, crs, by_format, "CSV")


def test_what_the_user_says_wins() -> None:
    verdict = settle("4550", table("EPSG:4490"), "--source-crs", lambda: DETECTED)
    assert (verdict.status, verdict.crs) == (CrsStatus.GIVEN, "EPSG:4550")


def test_what_the_file_declares_is_believed_even_with_auto() -> None:
    verdict = settle("auto", table("EPSG:4490"), "--source-crs", lambda: DETECTED)
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:4490")
    assert verdict.evidence == EVIDENCE


def test_an_undeclared_file_is_refused_with_its_candidates() -> None:
    with pytest.raises(UnknownCrs) as refused:
        settle(None, table(), "--source-crs", lambda: DETECTED)
    message = str(refused.value)
    assert "点.csv" in message
    assert "gcj02" in message
    assert "EPSG:4490 (= EPSG:4326)" in message
    assert "--source-crs gcj02" in message


def test_auto_takes_a_clear_winner() -> None:
    assert settle("auto", table(), "--source-crs", lambda: DETECTED) is DETECTED


def test_auto_refuses_what_the_evidence_cannot_separate() -> None:
    with pytest.raises(UnknownCrs) as refused:
        settle("AUTO", table(), "--source-crs", lambda: UNRESOLVED)
    assert "gcj02" in str(refused.value)


def test_without_anything_to_compare_with_an_undeclared_file_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        settle("auto", table(), "--grid-crs", None)


def test_a_format_is_believed_but_the_evidence_against_it_is_kept() -> None:
    verdict = settle(None, table("EPSG:4326", by_format=True), "--grid-crs", lambda: DETECTED)
    assert (verdict.status, verdict.crs) == (CrsStatus.BY_FORMAT, "EPSG:4326")
    assert verdict.candidates == CANDIDATES


def test_with_auto_clear_evidence_beats_a_format() -> None:
    verdict = settle("auto", table("EPSG:4326", by_format=True), "--grid-crs", lambda: DETECTED)
    assert verdict.crs == "gcj02"


def test_with_auto_a_format_that_the_evidence_has_ruled_out_is_not_believed() -> None:
    with pytest.raises(UnknownCrs):
        settle("auto", table("EPSG:4326", by_format=True), "--grid-crs", lambda: UNRESOLVED)


def test_nonsense_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        settle("EPSG:999999", table(), "--grid-crs", None)
