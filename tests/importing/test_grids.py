"""Files of grids become a draft plan."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from gisgrid.errors import BrokenHierarchy, InputError, UnknownCrs
from gisgrid.importing.plans import NEW, Target
from gisgrid.importing.texts import check_texts
from gisgrid.store.database import Database
from gisgrid.text import Text
from tests.importing.region import (
    SQUARES,
    bring_grids,
    bring_sources,
    column,
    feature,
    fingerprint,
    level_files,
    write_layer,
    write_sources,
)


def test_a_first_import_makes_a_draft_with_uids_paths_areas_and_named_levels(
    database: Database, tmp_path: Path
) -> None:
    outcome = bring_grids(database, level_files(tmp_path))
    assert (outcome.inserted, outcome.updated, outcome.unchanged) == (7, 0, 0)
    assert outcome.plan is not None
    assert outcome.plan[2] == "draft"
    assert column(database, "SELECT name_zh FROM {s}.plan_level ORDER BY level") == [
        "一级网格",
        "二级网格",
        "三级网格",
    ]
    assert column(database, "SELECT path FROM {s}.grid WHERE name = '二镇'") == [
        ["2111", "211101", "211101002"]
    ]
    assert column(database, "SELECT area_m2 FROM {s}.grid WHERE level = 3 ORDER BY id") == pytest.approx(
        [5e7] * 4, rel=1e-3
    )
    assert column(database, "SELECT territory_zh FROM {s}.plan") == ["示例市"]
    assert column(database, "SELECT DISTINCT category FROM {s}.grid WHERE level = 3") == ["镇"]


def test_importing_again_writes_no_row_anywhere(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    before = fingerprint(database)
    outcome = bring_grids(database, level_files(tmp_path))
    assert (outcome.inserted, outcome.updated, outcome.unchanged) == (0, 0, 7)
    assert fingerprint(database) == before


def test_a_rehearsal_tells_what_would_change_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    before = fingerprint(database)
    outcome = bring_grids(database, level_files(tmp_path, c211101001="新镇"), rehearse=True)
    assert (outcome.inserted, outcome.updated, outcome.unchanged) == (0, 1, 6)
    assert outcome.examples["updated"] == ("新镇",)
    assert outcome.is_rehearsal
    assert fingerprint(database) == before


def test_a_grid_keeps_its_uid_by_its_code_whatever_else_changes(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    files = level_files(tmp_path, c211101001="新镇")
    content = json.loads(files[2].path.read_text())
    for each in content["features"]:
        each["properties"]["uid"] = "another-" + each["properties"]["code"]
    files[2].path.write_text(json.dumps(content))
    outcome = bring_grids(database, files)
    assert (outcome.inserted, outcome.updated) == (0, 1)
    assert column(database, "SELECT uid FROM {s}.grid WHERE name = '新镇'") == ["211101001"]
    assert column(database, "SELECT version FROM {s}.grid WHERE name = '新镇'") == [2]


def test_a_grid_without_a_code_is_known_by_its_uid_and_else_by_its_name(
    database: Database, tmp_path: Path
) -> None:
    city = write_layer(tmp_path / "a.geojson", [feature((0, 0, 20, 10), name="市")])
    zones = [feature((0, 0, 10, 10), name="西区"), feature((10, 0, 20, 10), name="东区", uid="EAST")]
    files = [
        type(level_files(tmp_path)[0])(path, "EPSG:4490")
        for path in (city, write_layer(tmp_path / "b.geojson", zones))
    ]
    bring_grids(database, files)
    before = column(database, "SELECT uid FROM {s}.grid ORDER BY id")
    write_layer(
        tmp_path / "b.geojson",
        [feature((0, 0, 9, 10), name="西区"), feature((9, 0, 20, 10), name="新东区", uid="EAST")],
    )
    outcome = bring_grids(database, files)
    assert (outcome.inserted, outcome.updated) == (0, 2)
    assert column(database, "SELECT uid FROM {s}.grid ORDER BY id") == before
    assert "EAST" in before


def test_a_published_plan_stays_and_a_revision_takes_the_change(database: Database, tmp_path: Path) -> None:
    first = Target(NEW, Text("甲方案", "Plan A"), publish_from=date(2020, 1, 1))
    bring_grids(database, level_files(tmp_path), first)
    published = column(database, "SELECT xmin::text FROM {s}.grid ORDER BY id")
    again = bring_grids(database, level_files(tmp_path), Target("1"))
    assert (again.plan, again.changed) == ((1, "甲方案", "published"), False)
    outcome = bring_grids(database, level_files(tmp_path, c211101001="新镇"), Target("1"))
    assert outcome.plan == (2, "甲方案（修订）", "draft")
    assert column(database, "SELECT base_id FROM {s}.plan ORDER BY id") == [None, 1]
    assert column(database, "SELECT xmin::text FROM {s}.grid WHERE plan_id = 1 ORDER BY id") == published
    assert column(database, "SELECT name FROM {s}.grid WHERE uid = '211101001' ORDER BY plan_id") == [
        "一镇",
        "新镇",
    ]
    once_more = bring_grids(database, level_files(tmp_path, c211101001="新镇"), Target("1"))
    assert (once_more.plan, once_more.changed) == (outcome.plan, False)


def test_a_new_plan_knows_the_grids_of_the_one_before_by_their_uids(
    database: Database, tmp_path: Path
) -> None:
    files = level_files(tmp_path)
    content = json.loads(files[2].path.read_text())
    content["features"][0]["properties"]["uid"] = "FIRST"
    files[2].path.write_text(json.dumps(content))
    bring_grids(database, files, Target(NEW, Text("甲方案", "A")))
    bring_grids(database, level_files(tmp_path), Target(NEW, Text("乙方案", "B")))
    assert column(database, "SELECT uid FROM {s}.grid WHERE code = '211101001'") == ["FIRST", "FIRST"]


def test_grids_that_the_files_lack_are_told_and_kept_unless_they_shall_go(
    database: Database, tmp_path: Path
) -> None:
    bring_grids(database, level_files(tmp_path))
    files = level_files(tmp_path)
    rows = [
        feature(bounds, code=code, parent=parent, name=name, category="镇")
        for code, parent, bounds, name in SQUARES[2][:3]
    ]
    write_layer(files[2].path, rows)
    kept = bring_grids(database, files)
    assert (kept.missing, kept.removed, kept.examples["missing"]) == (1, 0, ("四镇",))
    gone = bring_grids(database, files, remove=True)
    assert gone.removed == 1
    assert column(database, "SELECT count(*) FROM {s}.grid") == [6]
    assert column(database, "SELECT kind FROM {s}.finding") == ["gap"]


def test_findings_and_assignments_follow_in_the_same_transaction(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    bring_sources(
        database, write_sources(tmp_path / "s.csv", [("S1", 17, 5, "厂||A|企业"), ("S2", 2, 5, "厂||A|企业")])
    )
    assert column(database, "SELECT count(*) FROM {s}.assignment") == [6]
    files = level_files(tmp_path)
    smaller = [*SQUARES[2][:3], ("211102002", "211102", (18, 0, 20, 10), "四镇")]
    write_layer(
        files[2].path,
        [
            feature(bounds, code=code, parent=parent, name=name, category="镇")
            for code, parent, bounds, name in smaller
        ],
    )
    bring_grids(database, files)
    (finding,) = column(
        database, "SELECT id FROM {s}.finding WHERE kind = 'gap' AND path = '{{2111,211102}}'"
    )
    assert column(database, "SELECT finding_id FROM {s}.uncovered_source") == [finding]
    assert column(database, "SELECT grid_path FROM {s}.source WHERE uid = 'S1'") == [["2111", "211102"]]
    assert column(database, "SELECT count(*) FROM {s}.assignment") == [5]
    write_layer(files[0].path, [feature((-0.5, 0, 20, 10), code="2111", name="示例市")])
    bring_grids(database, files)
    assert finding in column(database, "SELECT id FROM {s}.finding ORDER BY id"), (
        "what is still there keeps its id"
    )


def test_a_text_longer_than_any_ends_the_import_and_nothing_is_written(
    database: Database, tmp_path: Path
) -> None:
    before = fingerprint(database)
    with pytest.raises(InputError, match=r"level3\.geojson"):
        bring_grids(database, level_files(tmp_path, c211101001="长" * 3000))
    assert fingerprint(database) == before


def test_a_nul_character_is_told_with_its_row() -> None:
    with pytest.raises(InputError, match="第 3 行"):
        check_texts(pd.DataFrame({"name": pd.Series(["好", "坏\x00名"], index=[2, 3], dtype="str")}), "a.csv")


def test_parents_in_a_circle_are_refused(database: Database, tmp_path: Path) -> None:
    files = level_files(tmp_path)
    write_layer(
        files[1].path,
        [
            feature((0, 0, 10, 10), code="A", parent="B", name="甲"),
            feature((10, 0, 20, 10), code="B", parent="A", name="乙"),
        ],
    )
    with pytest.raises(BrokenHierarchy):
        bring_grids(database, files)
    assert column(database, "SELECT count(*) FROM {s}.plan") == [0]


def test_a_csv_crs_is_never_guessed(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    path = write_sources(tmp_path / "s.csv", [("S1", 17, 5, "厂||A|企业")])
    from gisgrid.audit import PointFile
    from gisgrid.importing.sources import RegisterImport, import_sources

    with pytest.raises(UnknownCrs):
        import_sources(database, RegisterImport(PointFile(path)))


def test_two_drafts_are_not_chosen_between(database: Database, tmp_path: Path) -> None:
    for title in ("甲", "乙"):
        bring_grids(database, level_files(tmp_path), Target(NEW, Text(title, title)))
    with pytest.raises(InputError, match="--plan"):
        bring_grids(database, level_files(tmp_path))


def test_the_run_is_written_down_once(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    bring_grids(database, level_files(tmp_path))
    with database.operating() as session:
        from gisgrid.model import ImportRun

        runs = session.query(ImportRun).order_by(ImportRun.id).all()
        assert [(run.kind, run.file_name, run.crs) for run in runs] == [
            ("grids", f"level{level}.geojson", "EPSG:4490") for level in (1, 2, 3)
        ]
        assert all(len(run.sha256) == 64 and run.actor.startswith("shell:") for run in runs)
