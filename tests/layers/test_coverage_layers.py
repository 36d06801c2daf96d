"""Findings and the sources that they leave alone."""

from __future__ import annotations

import pytest

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.model import Finding
from gisgrid.store.database import Database
from tests.city import KM, City, shape
from tests.layers.reading import column, rows
from tests.squares import box


def test_a_gap_tells_its_neighbours_its_size_and_the_sources_inside(database: Database, city: City) -> None:
    (gap,) = rows(database, "coverage-gaps", city.plan)
    assert gap["neighbours"] == "三镇 100%"
    assert (gap["parent_name"], gap["level"], gap["area_m2"], gap["width_m"]) == ("东县", 3, 5e7, 5000.0)
    assert (gap["sources_inside"], gap["enclosed"], gap["owner_names"]) == (1, False, None)


def test_an_overlap_names_all_its_owners(database: Database, city: City) -> None:
    (overlap,) = rows(database, "overlaps", city.plan)
    assert overlap["owner_names"] == "一镇、二镇"
    assert overlap["sources_inside"] == 0


@pytest.mark.parametrize(
    ("layer_id", "kind"), [("protrusions", FindingKind.PROTRUSION), ("misnested", FindingKind.MISNESTED)]
)
def test_the_other_kinds_have_layers_of_their_own_and_count_sources_by_place(
    database: Database, city: City, layer_id: str, kind: FindingKind
) -> None:
    with database.operating() as session:
        session.add(
            Finding(
                plan_id=city.plan,
                kind=kind,
                size_class=SizeClass.REAL,
                parent_level=2,
                child_level=3,
                parent_id=city.grids["WEST"],
                owner_ids=[city.grids["T1"]],
                neighbours=[[city.grids["T2"], 0.254], [city.grids["T1"], 0.746]],
                area_m2=1e6,
                width_m=1000.0,
                path=["CITY", "WEST"],
                geometry=shape(box(1.5 * KM, 4.5 * KM, 2.5 * KM, 5.5 * KM)),
            )
        )
    (found,) = rows(database, layer_id, city.plan)
    assert found["sources_inside"] == 1
    assert found["neighbours"] == "二镇 25%、一镇 75%"


def test_a_planner_of_the_west_sees_findings_of_the_west_only(database: Database, city: City) -> None:
    assert rows(database, "coverage-gaps", city.plan, who="west") == []
    assert len(rows(database, "overlaps", city.plan, who="west")) == 1


def test_a_draft_without_findings_shows_none(database: Database, city: City) -> None:
    assert rows(database, "coverage-gaps", city.draft) == []


def test_uncovered_sources_tell_why_and_what_is_near(database: Database, city: City) -> None:
    found = rows(database, "uncovered-sources", city.plan)
    assert column(found, "uid", "reason", "nearest_name", "distance_m") == {
        ("S4", "gap", "三镇", 2000.0),
        ("S5", "outside", "示例市", 5000.0),
    }
