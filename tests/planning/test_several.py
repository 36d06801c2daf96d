"""Several grids changed by one edit: a bulk, and siblings divided anew together."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select

from gisgrid.model import Edit, Grid
from gisgrid.planning.editing import edit
from gisgrid.planning.errors import StaleVersion, VersionNeeded
from gisgrid.planning.history import undo
from gisgrid.planning.operations import Operation
from gisgrid.planning.recompute import recompute_plan
from gisgrid.planning.several import AnyEdit
from gisgrid.spatial.editing import CannotEdit
from gisgrid.spatial.editing.errors import LeavesGap, OutsideHolder, Overlaps
from gisgrid.store.database import Database
from tests.city import TOKENS, City
from tests.planning.test_editing import area, city, line, state, who

__all__ = ["city"]
ADAPTER: TypeAdapter[Operation] = TypeAdapter(AnyEdit)


def do(database: Database, city: City, body: dict[str, Any], *, by: str = "planner", **options: Any) -> Any:
    """One edit of the draft."""
    options.setdefault("expected", None)
    with database.bearer(TOKENS[by]) as session:
        return edit(session, city.draft, ADAPTER.validate_python(body), by=who(session, by), **options)


def retile(**more: Any) -> dict[str, Any]:
    """T3 becomes narrower and a new grid takes the rest of it and all that was nobody's."""
    tiles = [
        {"grid": "T3", "area": area(10, 0, 12, 10)},
        {"area": area(12, 0, 20, 10), "name": "四镇", "code": "214"},
    ]
    return {"operation": "retile", "holder": "EAST", "tiles": tiles} | more


BULK = {
    "operation": "bulk",
    "operations": [
        {"operation": "split", "grids": ["T3"], "line": line((12.2, -1), (12.2, 11)), "names": ["三镇西"]},
        {"operation": "attributes", "grid": "T3", "changes": {"name": "三镇东"}},
        {"operation": "redraw_boundary", "grids": ["WEST", "EAST"], "line": line((9, -1), (9, 11))},
        {
            "operation": "adopt",
            "owner": "T1",
            "units": [
                {"area": area(0, 0, 5, 5), "name": "甲"},
                {"area": area(0, 5, 5, 10), "name": "乙"},
            ],
        },
    ],
}
SWAP = {
    "operation": "retile",
    "holder": "CITY",
    "tiles": [{"grid": "WEST", "area": area(0, 0, 8, 10)}, {"grid": "EAST", "area": area(8, 0, 20, 10)}],
}


COUNTY = {
    "operation": "carve",
    "kind": "administrative",
    "holder": "CITY",
    "area": area(10, 0, 15, 10),
    "takes": True,
    "name": "新县",
}


@pytest.mark.parametrize(
    "body", [BULK, retile(), SWAP, COUNTY], ids=["bulk", "retile", "counties", "county-with-townships"]
)
def test_one_edit_leaves_what_a_whole_audit_says_and_is_taken_back_to_the_last_bit(
    database: Database, city: City, body: dict[str, Any]
) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
    tried = do(database, city, body, rehearse=True)
    assert tried.number is None
    with database.operating() as session:
        assert state(session, city.draft) == before
    done = do(database, city, body)
    assert {each.uid for each in done.changes if each.before} == {
        each.uid for each in tried.changes if each.before
    }
    with database.operating() as session:
        edited = state(session, city.draft)
        assert edited["grid"] != before["grid"]
        recompute_plan(session, city.draft)
        assert state(session, city.draft) == edited
        assert len(session.scalars(select(Edit)).all()) == 1
    with database.bearer(TOKENS["planner"]) as session:
        undo(session, city.draft, by=who(session, "planner"))
    with database.operating() as session:
        assert state(session, city.draft) == before


def test_a_bulk_of_which_one_part_is_refused_changes_nothing(database: Database, city: City) -> None:
    with database.operating() as session:
        before = state(session, city.draft)
    parts = [*BULK["operations"], {"operation": "delete", "grid": "T3", "to": "T1"}]
    with pytest.raises(CannotEdit):
        do(database, city, {"operation": "bulk", "operations": parts})
    with database.operating() as session:
        assert state(session, city.draft) == before


def test_a_bulk_needs_the_version_of_every_holder_that_was_there(database: Database, city: City) -> None:
    with pytest.raises(VersionNeeded) as needed:
        do(database, city, BULK, expected={"EAST": 1})
    assert {each.split(":")[0].strip('"') for each in needed.value.where.split(", ")} == {
        "CITY",
        "WEST",
        "T1",
    }
    with pytest.raises(StaleVersion):
        do(database, city, BULK, expected={"EAST": 2, "CITY": 1, "WEST": 1, "T1": 1})
    done = do(database, city, BULK, expected={"EAST": 1, "CITY": 1, "WEST": 1, "T1": 1})
    assert done.holders == {"EAST": 2, "CITY": 2, "WEST": 2, "T1": 2}


def test_siblings_that_take_land_together_keep_what_they_hold_in_place(
    database: Database, city: City
) -> None:
    do(database, city, SWAP)
    with database.operating() as session:
        rows = {row.uid: row for row in session.scalars(select(Grid).where(Grid.plan_id == city.draft))}
        assert rows["T3"].path == ["CITY", "EAST", "T3"]
        assert rows["T3"].area_m2 == pytest.approx(7 * 10 * 1e6, rel=1e-3)  # 8..15 km
        assert rows["T2"].area_m2 == pytest.approx(3.2 * 10 * 1e6, rel=1e-3)


def test_a_grid_that_goes_leaves_its_children_to_who_takes_its_land(database: Database, city: City) -> None:
    body = {
        "operation": "retile",
        "holder": "CITY",
        "tiles": [{"grid": "EAST", "area": area(0, 0, 20, 10)}],
        "removed": ["WEST"],
    }
    do(database, city, body)
    with database.operating() as session:
        rows = {row.uid: row for row in session.scalars(select(Grid).where(Grid.plan_id == city.draft))}
        assert "WEST" not in rows
        assert rows["T1"].path == ["CITY", "EAST", "T1"]


@pytest.mark.parametrize(
    ("tiles", "error", "said"),
    [
        ([{"grid": "T3", "area": area(10, 0, 14, 10)}], LeavesGap, "nobody's"),
        ([{"grid": "T3", "area": area(9, 0, 15, 10)}], OutsideHolder, "outside 东县"),
        (
            [
                {"grid": "T3", "area": area(10, 0, 14, 10)},
                {"area": area(13, 0, 16, 10), "name": "四镇"},
            ],
            Overlaps,
            "overlap each other",
        ),
    ],
)
def test_grids_that_do_not_fit_together_are_refused_with_the_place(
    database: Database, city: City, tiles: list[dict[str, Any]], error: type[CannotEdit], said: str
) -> None:
    with pytest.raises(error) as refused:
        do(database, city, retile(tiles=tiles))
    assert said in refused.value.what.en
    assert refused.value.where.startswith("123.")


def test_differences_narrower_than_noise_are_made_to_fit(database: Database, city: City) -> None:
    tiles = [
        {"grid": "T3", "area": area(10, 0, 12.00005, 10)},
        {"area": area(12.0001, 0, 15, 10), "name": "四镇"},
    ]
    do(database, city, retile(tiles=tiles))
    with database.operating() as session:
        findings = state(session, city.draft)["finding"]
    assert not [each for each in findings if "sliver" in str(each)]
    assert len([each for each in findings if "'gap'" in str(each)]) == 1
