"""Registers become sources and receptors."""

from __future__ import annotations

from pathlib import Path

import pytest

from gisgrid.audit import PointFile
from gisgrid.errors import InputError
from gisgrid.importing.receptors import import_receptors
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.store.database import Database
from tests.importing.region import (
    bring_grids,
    bring_sources,
    column,
    feature,
    fingerprint,
    level_files,
    write_layer,
    write_rows,
    write_sources,
)

GOOD, BAD = "91350100M000100Y43", "91350100M000100Y44"


@pytest.fixture
def city(database: Database, tmp_path: Path) -> Database:
    bring_grids(database, level_files(tmp_path))
    return database


def test_a_register_keeps_what_it_says(city: Database, tmp_path: Path) -> None:
    path = write_sources(
        tmp_path / "s.csv", [("S1", 2, 5, f"甲厂|{GOOD}|C类|企业"), ("S2", 7, 5, f"乙厂|{GOOD}|待定|企业")]
    )
    outcome = bring_sources(city, path)
    assert outcome.inserted == 2
    assert column(city, "SELECT source_class FROM {s}.source ORDER BY uid") == ["C", "undetermined"]
    assert column(city, "SELECT DISTINCT enterprise_id FROM {s}.source") == column(
        city, "SELECT id FROM {s}.enterprise"
    )
    assert column(city, "SELECT grid_path FROM {s}.source ORDER BY uid") == [
        ["2111", "211101", "211101001"],
        ["2111", "211101", "211101002"],
    ]
    assert column(city, "SELECT DISTINCT import_id FROM {s}.source") == column(
        city, "SELECT max(id) FROM {s}.import_run"
    )


def test_what_was_put_right_or_lies_outside_is_said(city: Database, tmp_path: Path) -> None:
    path = write_sources(tmp_path / "s.csv", [("S1", 2, 5, "甲厂||C|企业"), ("S2", 900, 5, "乙厂||C|企业")])
    header, first, second = path.read_text(encoding="utf-8").splitlines()
    *cells, lon, lat = first.split(",")
    turned = ",".join(["S3", *cells[1:], lat, lon])
    path.write_text("\n".join([header, first, second, turned]), encoding="utf-8")
    notes = [note.zh for note in bring_sources(city, path).notes]
    assert any(note.startswith("1 行经纬度颠倒，已更正：第 4 行") for note in notes), notes
    assert any(note.startswith("1 行在网格范围之外：第 3 行") for note in notes), notes


def test_importing_again_writes_no_row_anywhere(city: Database, tmp_path: Path) -> None:
    path = write_sources(tmp_path / "s.csv", [(f"S{n}", 2, 5, f"甲厂{n}|{GOOD}|C|企业") for n in range(6)])
    bring_sources(city, path)
    assert column(city, "SELECT stack_size FROM {s}.source") == [6] * 6
    before = fingerprint(city)
    assert bring_sources(city, path).unchanged == 6
    assert fingerprint(city) == before


def test_a_class_that_is_none_is_undetermined_and_told(city: Database, tmp_path: Path) -> None:
    rows = [
        (f"S{n}", n, 5, f"厂{n}||{klass}|企业")
        for n, klass in enumerate(["A", "Ｂ类", "特级", "未知", "", "C"], 1)
    ]
    outcome = bring_sources(city, write_sources(tmp_path / "s.csv", rows))
    assert column(city, "SELECT source_class FROM {s}.source ORDER BY uid") == [
        *("A", "B", "undetermined", "undetermined", "undetermined", "C")
    ]
    assert ["特级 (1)" in note.zh for note in outcome.notes] == [True]


def test_a_wrong_credit_code_makes_no_enterprise_and_is_reported(city: Database, tmp_path: Path) -> None:
    outcome = bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 2, 5, f"甲厂|{BAD}|A|企业")]))
    assert column(city, "SELECT count(*) FROM {s}.enterprise") == [0]
    assert [(row.row, row.id) for row in outcome.files[0].rejected] == [(2, BAD)]
    assert outcome.inserted == 1


def test_rows_without_a_number_have_the_same_uid_in_every_import(city: Database, tmp_path: Path) -> None:
    rows = [("", 2, 5, "甲厂||A|企业"), ("", 7, 5, "乙厂||A|企业")]
    bring_sources(city, write_sources(tmp_path / "s.csv", rows))
    uids = column(city, "SELECT uid FROM {s}.source ORDER BY name")
    assert bring_sources(city, write_sources(tmp_path / "t.csv", rows[::-1])).unchanged == 2
    assert column(city, "SELECT uid FROM {s}.source ORDER BY name") == uids
    assert all(str(uid).startswith("~") for uid in uids)


def test_a_repeated_row_is_rejected_and_another_place_with_its_number_is_not(
    city: Database, tmp_path: Path
) -> None:
    rows = [("S1", 2, 5, "甲厂||A|企业"), ("S1", 2, 5, "甲厂||A|企业"), ("S1", 7, 5, "甲厂||A|企业")]
    outcome = bring_sources(city, write_sources(tmp_path / "s.csv", rows))
    assert outcome.inserted == 2
    assert [row.row for row in outcome.files[0].rejected] == [3]
    uids = column(city, "SELECT uid FROM {s}.source ORDER BY uid")
    assert uids[0] == "S1"
    assert str(uids[1]).startswith("S1~")


def test_sources_that_the_file_lacks_are_kept_unless_they_shall_go(city: Database, tmp_path: Path) -> None:
    rows = [(f"S{n}", 2, n, f"厂{n}||A|企业") for n in range(1, 7)]
    bring_sources(city, write_sources(tmp_path / "s.csv", rows))
    fewer = write_sources(tmp_path / "s.csv", rows[:4])
    kept = bring_sources(city, fewer)
    assert (kept.missing, kept.removed, kept.changed) == (2, 0, False)
    gone = bring_sources(city, fewer, remove=True)
    assert gone.removed == 2
    assert column(city, "SELECT count(DISTINCT source_id) FROM {s}.assignment") == [4]


def test_a_moved_source_changes_hands(city: Database, tmp_path: Path) -> None:
    bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "甲厂||A|企业")]))
    outcome = bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 12, 5, "甲厂||A|企业")]))
    assert outcome.updated == 1
    assert column(city, "SELECT grid_path FROM {s}.source") == [["2111", "211102", "211102001"]]
    assert column(
        city, "SELECT g.name FROM {s}.assignment a JOIN {s}.grid g ON g.id = a.grid_id ORDER BY a.level"
    ) == [*("示例市", "东县", "三镇")]


def test_text_like_a_formula_is_kept_as_it_is(city: Database, tmp_path: Path) -> None:
    bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "=cmd()||A|+企业")]))
    assert column(city, "SELECT name || kind FROM {s}.source") == ["=cmd()+企业"]


def test_a_name_longer_than_any_ends_the_import(city: Database, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="第 2 行"):
        bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 2, 5, f"{'长' * 3000}||A|企业")]))
    assert column(city, "SELECT count(*) FROM {s}.import_run WHERE kind = 'sources'") == [0]


def test_a_source_with_an_outline_keeps_it_as_a_unit_and_distances_start_there(
    city: Database, tmp_path: Path
) -> None:
    path = write_layer(tmp_path / "s.geojson", [feature((1, 4, 2, 6), id="S1", name="甲厂", kind="企业")])
    import_sources(city, RegisterImport(PointFile(path, "EPSG:4490")))
    register = write_sources(tmp_path / "r.csv", [("R1", 2.3, 5, "小学|||学校")])
    import_receptors(city, RegisterImport(PointFile(register, "EPSG:4490")))
    assert column(city, "SELECT count(*) FROM {s}.source_unit") == [1]
    assert column(city, "SELECT distance_m FROM {s}.surrounding WHERE ring_m = 500") == [
        pytest.approx(300, abs=1)
    ]
    before = fingerprint(city)
    assert not import_sources(city, RegisterImport(PointFile(path, "EPSG:4490"))).changed
    assert fingerprint(city) == before


def test_a_gb18030_register_is_read_and_its_encoding_written_down(city: Database, tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "s.csv", "污染源编号|名称|经度|纬度", ["S1|辽滨化工厂|123.01|41.01"], encoding="gb18030"
    )
    import_sources(city, RegisterImport(PointFile(path, "EPSG:4490")))
    assert column(city, "SELECT name FROM {s}.source") == ["辽滨化工厂"]
    assert column(city, "SELECT encoding FROM {s}.import_run WHERE kind = 'sources'") == ["GB18030"]


def test_sources_before_any_grids_are_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="import grids"):
        bring_sources(database, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "甲厂||A|企业")]))


def test_receptors_are_placed_and_counted_around_sources(city: Database, tmp_path: Path) -> None:
    bring_sources(city, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "甲厂||A|企业")]))
    path = write_sources(tmp_path / "r.csv", [("R1", 2.3, 5, "小学|||学校"), ("R2", 12, 5, "医院|||医院")])
    wanted = RegisterImport(PointFile(path, "EPSG:4490"))
    assert import_receptors(city, wanted).inserted == 2
    assert column(city, "SELECT grid_path[3] FROM {s}.receptor ORDER BY uid") == ["211101001", "211102001"]
    assert column(city, "SELECT kind FROM {s}.surrounding WHERE ring_m = 500") == ["学校"]
    before = fingerprint(city)
    assert import_receptors(city, wanted).unchanged == 2
    assert fingerprint(city) == before
