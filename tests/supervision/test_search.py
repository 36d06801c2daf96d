"""Finding by name or code: what is found, in which order, by whom."""

from __future__ import annotations

from sqlalchemy import update

from gisgrid.model import Enterprise, Grid, Source
from gisgrid.store.database import Database
from gisgrid.supervision.search import Hit, search
from tests.city import TOKENS, City


def find(database: Database, words: str, *, login: str | None = None, limit: int = 10) -> list[Hit]:
    with database.anonymous() as public:
        if login is None:
            return search(public, None, words, limit=limit)
        with database.bearer(TOKENS[login]) as own:
            return search(public, own, words, limit=limit)


def uids(hits: list[Hit]) -> list[str]:
    return [each.uid for each in hits]


def test_a_grid_is_found_by_its_name_with_its_level_and_parent(database: Database, city: City) -> None:
    (hit,) = find(database, "一镇")
    assert (hit.kind, hit.id, hit.uid) == ("grid", city.grids["T1"], "T1")
    assert hit.detail.zh == "三级网格 · 西县"
    assert hit.detail.en == "Level 3 (Township) · 西县"
    assert hit.bounds is not None
    west, south, east, north = hit.bounds
    assert west < hit.lon < east
    assert south < hit.lat < north


def test_a_grid_is_found_by_part_of_its_name_and_by_its_code(database: Database, city: City) -> None:
    assert sorted(uids(find(database, "镇"))) == ["T1", "T2", "T3"]
    assert uids(find(database, "213003")) == ["T1"]
    assert sorted(uids(find(database, "２１３"))) == ["T1", "T2", "T3"]


def test_a_key_grid_says_what_it_is(database: Database, city: City) -> None:
    (hit,) = find(database, "化工")
    assert hit.detail.zh == "重点监管单元网格 · 示例市"


def test_drafts_are_not_found(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(update(Grid).where(Grid.id == city.draft_grids["T1"]).values(name="草案镇"))
    assert find(database, "草案镇", login="planner") == []


def test_what_is_equal_comes_first_then_what_begins_so(database: Database, city: City) -> None:
    with database.operating() as session:
        for uid, name in (("S1", "大东方纸业"), ("S2", "东方纸业"), ("S3", "东方")):
            session.execute(update(Source).where(Source.uid == uid).values(name=name))
    assert uids(find(database, "东方")) == ["S3", "S2", "S1"]
    assert uids(find(database, "东方", limit=1)) == ["S3"]


def test_a_source_is_found_by_its_number_whatever_the_case(database: Database, city: City) -> None:
    assert uids(find(database, "S1")) == ["S1"]
    assert uids(find(database, "s1")) == ["S1"]
    (hit,) = find(database, "S1")
    assert hit.detail.zh == "污染源 · 企业 · C 类"
    assert hit.id == city.sources["S1"]


def test_an_enterprise_is_found_by_name_and_code_by_those_who_log_in(database: Database, city: City) -> None:
    with database.operating() as session:
        firm = Enterprise(credit_code="91211100MA0ABCDE1X", name="北方集团")
        session.add(firm)
        session.flush()
        session.execute(update(Source).where(Source.uid == "S3").values(enterprise_id=firm.id))
    for words in ("北方", "91211100", "91211100ma0abcde1x"):
        assert uids(find(database, words, login="analyst")) == ["S3"]
        assert find(database, words) == []
        assert find(database, words, login="west") == []


def test_receptors_are_for_those_who_log_in(database: Database, city: City) -> None:
    assert find(database, "小学") == []
    (hit,) = find(database, "小学", login="west")
    assert (hit.kind, hit.uid, hit.detail.zh) == ("receptor", "R1", "敏感目标 · 学校")


def test_signs_find_nothing(database: Database, city: City) -> None:
    for words in ("%", "_", "\\", "/", "'", "", "   ", "%_%", "\x00", "--", "％", "（）"):
        assert find(database, words, login="analyst") == [], words


def test_signs_in_words_mean_themselves(database: Database, city: City) -> None:
    for words in ("镇%", "_镇", "镇\\", "镇' OR '1'='1", "镇;DROP", "\ud800镇x", "S_", "S%"):
        assert find(database, words, login="analyst") == [], ascii(words)


def test_control_characters_and_spaces_around_are_ignored(database: Database, city: City) -> None:
    assert uids(find(database, " 一\x00镇\t ")) == ["T1"]


def test_nothing_is_found_twice(database: Database, city: City) -> None:
    with database.operating() as session:
        firm = Enterprise(credit_code="91211100MA0ABCDE1X", name="S1")
        session.add(firm)
        session.flush()
        session.execute(update(Source).where(Source.uid == "S1").values(enterprise_id=firm.id))
    assert uids(find(database, "S1", login="analyst")) == ["S1"]
