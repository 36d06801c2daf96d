"""audit.json keeps its promises."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from gisgrid.audit import Audit
from gisgrid.report.contract import dumps, schema, summary


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_full_audit_satisfies_the_schema(audit: Audit) -> None:
    jsonschema.validate(json.loads(dumps(audit)), schema())


def test_an_audit_without_sources_or_findings_satisfies_the_schema(bare_audit: Audit) -> None:
    jsonschema.validate(json.loads(dumps(bare_audit)), schema())


@pytest.mark.parametrize("key", ["levels", "coverage", "sources", "surroundings", "crs"])
def test_the_schema_refuses_a_summary_that_lacks_a_part(audit: Audit, key: str) -> None:
    broken = summary(audit)
    del broken[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema())


def test_counts_and_areas_leave_noise_out(audit: Audit) -> None:
    gaps = summary(audit)["coverage"][1]["gaps"]
    assert gaps["count"] == 2
    assert gaps["by_class"] == {"noise": 7, "sliver": 1, "strip": 0, "real": 1}
    land = audit.coverage[1].findings
    assert gaps["area_m2"] == pytest.approx(land.loc[land["kind"] == "gap", "area_m2"].sum(), abs=0.01)


def test_undivided_parents_are_counted_and_named(audit: Audit) -> None:
    towns = summary(audit)["coverage"][1]
    assert towns["undivided"] == 1
    assert towns["undivided_grids"] == [{"id": 2, "code": "211104", "name": "东示例县"}]


def test_sources_are_counted_as_the_issue_promises(audit: Audit) -> None:
    sources = summary(audit)["sources"]
    expected = {
        "rows": 13,
        "located": 11,
        "swapped": 1,
        "ambiguous": 1,
        "stacks": 1,
        "stacked": 5,
        "assigned": {"1": 10, "2": 10, "3": 9},
        "uncovered": 2,
        "stated_elsewhere": 1,
        "duplicate_ids": 5,
    }
    assert {key: sources[key] for key in expected} == expected


def test_a_rejected_row_says_why_in_both_languages(audit: Audit) -> None:
    first = summary(audit)["sources"]["rejected"][0]
    assert first == {"row": 3, "reason": "没有坐标。 No coordinates.", "id": "S-3"}


def test_rings_count_the_sources_that_have_a_receptor(audit: Audit) -> None:
    around = summary(audit)["surroundings"]
    assert around["rings_m"] == [500, 5000]
    assert around["sources_with_receptors"] == {"500": 1, "5000": 2}


def test_a_single_level_has_no_parent_level(bare_audit: Audit) -> None:
    (only,) = summary(bare_audit)["coverage"]
    assert only["parent_level"] is None
    assert only["gaps"]["count"] == 0


def test_what_was_not_given_is_present_with_zeros(bare_audit: Audit) -> None:
    found = summary(bare_audit)
    assert found["sources"]["file"] is None
    assert found["sources"]["uncovered"] == 0
    assert found["sources"]["assigned"] == {"1": 0}
    assert found["surroundings"] == {
        "file": None,
        "rings_m": [],
        "receptors": 0,
        "rejected": [],
        "sources_with_receptors": {},
    }


def test_an_unresolved_crs_lists_its_candidates(audit: Audit) -> None:
    evidence = {each["file"]: each for each in summary(audit)["crs"]["evidence"]}["receptors.geojson"]
    assert evidence["status"] == "unresolved"
    assert evidence["crs"] is None
    assert [each["crs"] for each in evidence["candidates"]] == ["gcj02", "EPSG:4490"]


def test_a_file_that_holds_several_levels_counts_once(audit: Audit) -> None:
    one = audit.levels[0].source
    labels = ("city", "county", "town")
    shared = tuple(
        replace(level, label=label, source=one) for level, label in zip(audit.levels, labels, strict=True)
    )
    found = summary(replace(audit, levels=shared))
    assert found["crs"]["grids"] == ["EPSG:4490"]
    assert [each["role"] for each in found["files"]] == ["grids", "sources", "receptors"]
