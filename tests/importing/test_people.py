"""Tables of posts, letters, duties and seeds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gisgrid.audit import AuditRequest, LevelFile
from gisgrid.errors import InputError, MissingField
from gisgrid.importing.duties import TableImport, import_duties
from gisgrid.importing.letters import import_letters
from gisgrid.importing.overlays import OverlayImport, import_overlays
from gisgrid.importing.people import PeopleImport, import_people
from gisgrid.importing.seeds import import_seeds
from gisgrid.importing.transfers import import_transfers
from gisgrid.model import GridKind
from gisgrid.store.database import Database
from tests.importing.region import (
    bring_grids,
    column,
    feature,
    fingerprint,
    level_files,
    write_layer,
    write_rows,
)

HEADER = "网格编码|岗位类别|职务|值班电话|姓名|是否公开|任职日期|核对日期"


@pytest.fixture
def city(database: Database, tmp_path: Path) -> Database:
    bring_grids(database, level_files(tmp_path))
    return database


def people(city: Database, path: Path, *rows: str, header: str = HEADER, **options: object):
    return import_people(city, PeopleImport(write_rows(path / "p.csv", header, rows), **options))  # type: ignore[arg-type]


def test_posts_come_with_and_without_people_and_again_changes_nothing(city: Database, tmp_path: Path) -> None:
    rows = (
        "211101001|第一责任人|镇长|0427-000 0001|示例甲|是|2024-01-01|2026-10-01",
        "211101001|监管员|监管员||示例乙||2024-01-01|",
        "211101002|第一责任人|镇长|0427-000 0002||||",
    )
    outcome = people(city, tmp_path, *rows)
    assert column(city, "SELECT grid_uid FROM {s}.post WHERE kind = 'first' ORDER BY id") == [
        "211101001",
        "211101002",
    ]
    assert column(city, "SELECT name FROM {s}.person WHERE is_public") == ["示例甲"]
    assert column(city, "SELECT count(*) FROM {s}.responsibility") == [2]
    assert any("1 个岗位空缺" in note.zh for note in outcome.notes)
    before = fingerprint(city)
    assert not people(city, tmp_path, *rows).changed
    assert fingerprint(city) == before


def test_who_takes_a_post_up_ends_the_time_of_who_held_it(city: Database, tmp_path: Path) -> None:
    first = "211101001|第一责任人|镇长||示例甲|是|2020-01-01|"
    people(city, tmp_path, first)
    people(city, tmp_path, "211101001|第一责任人|镇长||示例乙|是|2024-05-01|")
    assert column(city, "SELECT valid_to FROM {s}.responsibility ORDER BY valid_from") == [
        date(2024, 5, 1),
        None,
    ]
    people(city, tmp_path, first)
    assert column(city, "SELECT valid_to FROM {s}.responsibility ORDER BY valid_from") == [
        date(2024, 5, 1),
        None,
    ]
    people(city, tmp_path, "211101001|第一责任人|镇长|||是|2026-01-01|")
    assert column(city, "SELECT valid_to FROM {s}.responsibility ORDER BY valid_from") == [
        date(2024, 5, 1),
        date(2026, 1, 1),
    ]


def test_private_mobiles_are_left_out_and_told(city: Database, tmp_path: Path) -> None:
    header = HEADER + "|手机号"
    row = "211101001|第一责任人|镇长|138 0000 0000|示例甲|是|2024-01-01||13900000000"
    outcome = people(city, tmp_path, row, header=header)
    assert column(city, "SELECT duty_phone FROM {s}.post") == [None]
    assert [each.row for each in outcome.files[0].rejected] == [2]
    assert any("手机号" in note.zh and "没有读入" in note.zh for note in outcome.notes)
    people(city, tmp_path, row, header=header, allow_mobile=True)
    assert column(city, "SELECT duty_phone FROM {s}.post") == ["138 0000 0000"]


def test_rows_that_cannot_be_used_say_why(city: Database, tmp_path: Path) -> None:
    outcome = people(
        city,
        tmp_path,
        "999999|第一责任人|镇长||示例甲|是|2024-01-01|",
        "211101001|书记|镇长||示例甲|是|2024-01-01|",
        "211101001|第一责任人|镇长||示例甲|是|2024-13-01|",
        "211101001|第一责任人|镇长||示例甲|是||",
    )
    assert [each.row for each in outcome.files[0].rejected] == [2, 3, 4, 5]
    assert column(city, "SELECT count(*) FROM {s}.post") == [0]


def test_a_table_without_the_kind_of_post_is_refused(city: Database, tmp_path: Path) -> None:
    with pytest.raises(MissingField, match="岗位类别"):
        people(city, tmp_path, "211101001|镇长", header="网格编码|职务")


def test_seeds_bring_26_departments_and_leave_what_was_adjusted(database: Database) -> None:
    import_seeds(database)
    assert column(database, "SELECT count(*) FROM {s}.department") == [26]
    lead = "SELECT count(DISTINCT topic_id) FROM {s}.duty WHERE role = 'lead'"
    assert column(database, lead) == column(database, "SELECT count(*) FROM {s}.topic")
    with database.operating() as session:
        from sqlalchemy import text

        session.execute(text("DELETE FROM gisgrid.duty WHERE role = 'assist'"))
        session.execute(
            text("UPDATE gisgrid.department SET name_zh = '生态环境局' WHERE code = 'environment'")
        )
    before = fingerprint(database)
    assert not import_seeds(database).changed
    assert fingerprint(database) == before


def test_duties_transfers_and_letters_come_once(city: Database, tmp_path: Path) -> None:
    import_seeds(city)
    duties = write_rows(
        tmp_path / "d.csv",
        "事项|角色|承担者|网格|起始日期|依据",
        ["秸秆焚烧|牵头|grid:2|211101|2024-01-01|示例", "radiation|协助|卫生计生|||", "没有的|牵头|公安|||"],
    )
    outcome = import_duties(city, TableImport(duties))
    assert (outcome.inserted, outcome.rejected) == (2, 1)
    area = feature(
        (0, 0, 2, 2), uid="R", name="保护区", to="liaohe", topics="wetland；manure", **{"from": "水利"}
    )
    layer = write_layer(tmp_path / "t.geojson", [area])
    assert import_transfers(city, TableImport(layer, crs="EPSG:4490")).inserted == 1
    assert column(city, "SELECT cardinality(topic_ids) FROM {s}.duty_transfer") == [2]
    letters = write_rows(tmp_path / "l.csv", "上级|下级|签订日期", ["西县|一镇|2026-01-05", "西县|一镇|"])
    assert import_letters(city, TableImport(letters)).inserted == 1
    before = fingerprint(city)
    assert not import_duties(city, TableImport(duties)).changed
    assert not import_transfers(city, TableImport(layer, crs="EPSG:4490")).changed
    assert not import_letters(city, TableImport(letters)).changed
    assert fingerprint(city) == before


def test_letters_say_who_signed_and_keep_what_a_later_table_does_not_tell(
    city: Database, tmp_path: Path
) -> None:
    whole = write_rows(
        tmp_path / "l.csv",
        "上级|下级|签订日期|编号|上级签字人|下级签字人",
        ["西县|一镇|2026-01-05|西环〔2026〕1号|李四|张三"],
    )
    assert import_letters(city, TableImport(whole)).inserted == 1
    told = "SELECT concat_ws('|', number, upper_signatory, lower_signatory, tasks) FROM {s}.letter"
    assert column(city, told) == ["西环〔2026〕1号|李四|张三"]
    less = write_rows(tmp_path / "m.csv", "上级|下级|签订日期|任务", ["西县|一镇|2026-01-05|巡查"])
    assert import_letters(city, TableImport(less)).updated == 1
    assert column(city, told) == ["西环〔2026〕1号|李四|张三|巡查"]


def test_key_grids_are_overlays_of_their_owner_and_cover_nothing(city: Database, tmp_path: Path) -> None:
    layer = write_layer(
        tmp_path / "k.geojson",
        [
            feature((4, 4, 6, 6), name="化工片区", basis="重点监管对象分布", partial="是"),
            feature((1, 1, 2, 2), name="乙", basis="随意"),
        ],
    )
    wanted = OverlayImport(AuditRequest((LevelFile(layer, "EPSG:4490"),)), GridKind.KEY, "2111")
    outcome = import_overlays(city, wanted)
    assert (outcome.inserted, outcome.rejected) == (1, 1)
    assert column(city, "SELECT path[1] FROM {s}.grid WHERE is_overlay") == ["2111"]
    assert column(
        city, "SELECT basis || level || supervising_level || is_partial FROM {s}.grid WHERE is_overlay"
    ) == ["targets11true"]
    before = fingerprint(city)
    assert not import_overlays(city, wanted).changed
    assert fingerprint(city) == before
    with pytest.raises(InputError, match="没有网格"):
        import_overlays(city, OverlayImport(wanted.audit, GridKind.KEY, "999"))
