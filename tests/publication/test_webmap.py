"""The offline map of layers: whole, honest about what it leaves out, and safe with any name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert, text, update

from gisgrid.errors import OutputError
from gisgrid.model import Plan, Post, Source
from gisgrid.publication import mapdrawing
from gisgrid.publication.webmap import UnknownPlan, write_web_map
from gisgrid.report.offline_page import assert_self_contained
from gisgrid.store.database import Database
from gisgrid.text import Lang
from layers import all_layers
from tests.browser.chromium import DESKTOP, launch
from tests.city import City, build_city, point, shape

HOSTILE = "</script><img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


@pytest.fixture
def city(database: Database) -> City:
    return build_city(database)


def written(database: Database, file: Path, *ids: str, plan: int | None = None, lang: Lang = Lang.ZH) -> str:
    write_web_map(database, [all_layers()[each] for each in ids], file, plan=plan, lang=lang)
    return file.read_text("utf-8")


def content(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="layer-content">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_every_layer_comes_out_and_nothing_is_loaded(database: Database, city: City, tmp_path: Path) -> None:
    page = written(database, tmp_path / "map.html", *all_layers())
    assert_self_contained(page)
    assert not re.search(r"(src|href)=[\"']?https?:", page)
    counts = {each["id"]: len(each["features"]) for each in content(page)["layers"]}
    assert set(counts) == set(all_layers())
    assert (counts["grids"], counts["sources"], counts["coverage-gaps"], counts["workload"]) == (6, 5, 1, 6)


def test_popups_say_codes_in_words_and_numbers_with_units(
    database: Database, city: City, tmp_path: Path
) -> None:
    page = written(database, tmp_path / "map.html", "coverage-gaps")
    (layer,) = content(page)["layers"]
    (gap,) = layer["features"]
    told = dict(zip(layer["fields"], gap["v"], strict=True))
    assert told["种类"] == "覆盖空白"
    assert told["大小"] == "大块"
    assert told["面积"] == "50,000,000 m²"
    assert told["宽度"] == "5,000 m"
    assert told["四面封闭"] == "否"
    assert told["涉及网格"] == ""


def test_the_legend_lists_what_is_on_the_map_with_counts(
    database: Database, city: City, tmp_path: Path
) -> None:
    page = written(database, tmp_path / "map.html", "sources", "coverage-gaps")
    legend = dict(re.findall(r"</svg><span>([^<]*)</span><span class=\"n\">(\d+)</span>", page))
    assert legend == {
        "C 类 重点监管": "2",
        "B 类 一般监管": "1",
        "A 类 简化监管": "1",
        "未定类 分类不明": "1",
        "大块：宽 50 米以上": "1",
    }


def test_an_unreviewed_map_says_so_and_a_reviewed_one_prints_its_number(
    database: Database, city: City, tmp_path: Path
) -> None:
    assert written(database, tmp_path / "map.html", "grids").count("未经审核") == 2
    with database.operating() as session:
        session.execute(update(Plan).values(approval_number="辽S(2026)001号"))
    page = written(database, tmp_path / "map.html", "grids")
    assert page.count("审图号 辽S(2026)001号") == 2
    assert "未经审核" not in page


def test_internal_layers_mark_the_map_as_internal(database: Database, city: City, tmp_path: Path) -> None:
    assert "内部资料" in written(database, tmp_path / "map.html", "grids", "overlaps")
    assert "内部资料" not in written(database, tmp_path / "map.html", "grids")


def test_a_public_layer_holds_what_the_public_may_see(database: Database, city: City, tmp_path: Path) -> None:
    page = written(database, tmp_path / "map.html", "responsibility")
    assert "张三" in page
    assert "李四" not in page


def test_the_map_can_be_had_in_english(database: Database, city: City, tmp_path: Path) -> None:
    page = written(database, tmp_path / "map.html", "sources", lang=Lang.EN)
    assert '<html lang="en">' in page
    assert "Class C: enhanced" in page
    assert "Not reviewed" in page


def test_a_plan_that_is_not_there_is_an_error(database: Database, city: City, tmp_path: Path) -> None:
    with pytest.raises(UnknownPlan):
        written(database, tmp_path / "map.html", "grids", plan=999)
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.plan SET state = 'superseded' WHERE state = 'published'"))
    with pytest.raises(UnknownPlan):
        written(database, tmp_path / "map.html", "grids")
    assert "草稿" in written(database, tmp_path / "map.html", "grids", plan=city.draft)


def test_a_folder_that_is_not_there_is_an_error(database: Database, city: City, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        written(database, tmp_path / "nowhere" / "map.html", "grids")


def test_what_is_too_much_for_a_browser_is_said_to_be_left_out(
    database: Database, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapdrawing, "MAX_FEATURES", 3)
    monkeypatch.setattr("gisgrid.publication.webmap.MAX_FEATURES", 3)
    page = written(database, tmp_path / "map.html", "sources")
    assert len(content(page)["layers"][0]["features"]) == 3
    assert "共 5 个，图中只画前 3 个" in page


def test_outlines_too_fine_for_a_browser_are_simplified_and_it_says_so(
    database: Database, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapdrawing, "MAX_VERTICES", 40)
    page = written(database, tmp_path / "map.html", "surroundings")
    assert "界线已简化" in page


def test_the_same_rows_make_the_same_page(database: Database, city: City, tmp_path: Path) -> None:
    first = written(database, tmp_path / "one.html", "grids", "sources")
    assert first == written(database, tmp_path / "two.html", "grids", "sources")


@pytest.fixture
def page(database: Database, city: City, tmp_path: Path) -> Any:
    """The map of a city whose names are attacks, in Chromium."""
    with database.operating() as session:
        session.execute(update(Source).where(Source.uid == "S2").values(name=HOSTILE, kind=HOSTILE))
        session.execute(update(Post).values(body=HOSTILE))
        session.execute(update(Plan).where(Plan.id == city.plan).values(title_zh=HOSTILE))
        session.execute(
            insert(Source),
            {
                "uid": "H",
                "name": "<b>x</b>",
                "location": "given",
                "grid_path": ["CITY"],
                "geometry": shape(point(11, 2)),
            },
        )
    file = tmp_path / "map.html"
    written(database, file, "sources", "responsibility", "grids")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        opened = browser.new_page(viewport=DESKTOP)
        opened.requests = []  # type: ignore[attr-defined]
        opened.on("request", lambda request: opened.requests.append(request.url))  # type: ignore[attr-defined]
        opened.goto(file.as_uri())
        opened.wait_for_selector("html[data-ready]", timeout=20_000)
        yield opened
        browser.close()


def _click(page: Page, x_km: float, y_km: float) -> str:
    """Click a place on the map, and read its popup."""
    place = point(x_km, y_km)
    at = page.evaluate(
        "([lat, lon]) => { const p = map_layers.latLngToContainerPoint([lat, lon]);"
        " const r = map_layers.getContainer().getBoundingClientRect(); return [p.x + r.x, p.y + r.y]; }",
        [place.y, place.x],
    )
    page.mouse.click(*at)
    page.wait_for_selector(".leaflet-popup-content")
    return page.inner_text(".leaflet-popup-content")


def test_hostile_names_are_shown_as_text(page: Page) -> None:
    said = _click(page, 7, 5)
    assert HOSTILE.replace("\n", "") in said
    assert page.title() != "hacked"
    assert page.locator(".leaflet-popup-content img, .panel img").count() == 0


def test_clicks_reach_layers_below_others(page: Page) -> None:
    assert "监管员人数" in _click(page, 7, 8)


def test_the_page_asks_no_one_for_anything(page: Page) -> None:
    assert len(page.requests) == 1  # type: ignore[attr-defined]


def test_a_layer_can_be_switched_off(page: Page) -> None:
    page.get_by_label("污染源").uncheck()
    assert "监管员人数" in _click(page, 7, 5)
