"""The frames behind the reports count every source and every finding once."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from gisgrid.audit import Audit
from gisgrid.frames import FindingKind
from gisgrid.report.naming import called, labels
from gisgrid.report.source_tables import doubt_table, source_table, uncovered_table
from gisgrid.report.tables import finding_table, grid_table, place, summary_table
from gisgrid.report.words import classes_of
from gisgrid.text import Lang


def test_sources_by_class_add_up_to_the_sources_of_each_grid(audit: Audit) -> None:
    table = grid_table(audit)
    by_class = table[["class_a", "class_b", "class_c", "class_none"]].sum(axis=1)
    assert by_class.tolist() == table["sources"].tolist()


def test_a_grid_without_name_goes_by_its_code_or_number(audit: Audit) -> None:
    grids = audit.grids.copy()
    grids.loc[[14, 18], "name"] = None
    assert labels(grids)[18] == "211104004"
    assert labels(grids)[14] == "#14"


def test_no_grid_has_no_name() -> None:
    names = pd.Series(["甲", "乙"], index=[1, 2])
    assert called(pd.Series([2, pd.NA, 1, 99], dtype="Int64"), names).tolist() == ["乙", None, "甲", None]


@pytest.mark.parametrize(
    ("kind", "owners", "near", "parent", "zh", "en"),
    [
        (FindingKind.GAP, [], ["甲", "乙"], "丙", "甲—乙之间", "between 甲 and 乙"),
        (FindingKind.GAP, [], ["甲"], "丙", "甲旁", "beside 甲"),
        (FindingKind.GAP, [], [], "丙", "丙境内", "in 丙"),
        (FindingKind.OVERLAP, ["甲", "乙"], ["丁"], "丙", "甲 / 乙", "甲 / 乙"),
        (FindingKind.PROTRUSION, ["甲"], [], "丙", "甲向外", "甲, outwards"),
        (FindingKind.MISNESTED, ["甲"], ["乙"], "丙", "甲伸入丙", "甲 in 丙"),
    ],
)
def test_a_place_is_said_in_words(
    kind: FindingKind, owners: list[str], near: list[str], parent: str, zh: str, en: str
) -> None:
    assert place(kind, owners, near, parent, Lang.ZH) == zh
    assert place(kind, owners, near, parent, Lang.EN) == en


def test_classes_are_read_however_they_are_written() -> None:
    written = pd.Series(["A", " b ", "C类", "Class A", "类别B", "AB", "重点", "", None])
    assert classes_of(written).tolist() == ["A", "B", "C", "A", "B", "-", "-", "-", "-"]


def test_tables_have_the_same_types_with_and_without_rows(audit: Audit, bare_audit: Audit) -> None:
    for table in (uncovered_table, doubt_table):
        assert table(audit).dtypes.to_dict() == table(bare_audit).dtypes.to_dict()
    full, bare = (finding_table(each, Lang.ZH).dtypes.to_dict() for each in (audit, bare_audit))
    assert full == bare


def test_uncovered_sources_of_class_c_come_first(audit: Audit) -> None:
    assert uncovered_table(audit)["class_abc"].tolist() == ["C", "B"]


def test_every_located_source_is_in_the_source_table(audit: Audit) -> None:
    assert audit.sources is not None
    assert source_table(audit)["source"].tolist() == audit.sources.frame.index.tolist()


def test_an_undivided_grid_is_in_the_summary(audit: Audit) -> None:
    counties = audit.coverage[1]
    undivided = replace(counties, findings=counties.findings.iloc[:0], undivided=(2,))
    lonely = replace(
        audit, grids=audit.grids[audit.grids["parent"] != 2], coverage=(audit.coverage[0], undivided)
    )
    assert "东示例县" in summary_table(lonely, Lang.ZH)["scope"].tolist()
