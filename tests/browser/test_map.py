"""map.html in a real browser, with the network cable out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from gisgrid.report.htmlmap import write_map
from gisgrid.text import Lang
from tests.browser.chromium import DESKTOP, PHONE
from tests.report.example import CLOSING, HOSTILE, full_audit, single_level_audit


@dataclass
class Opened:
    """A page with the map, and what it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("maps")
    write_map(full_audit(), made / "full.html", Lang.ZH)
    write_map(full_audit(), made / "english.html", Lang.EN)
    write_map(single_level_audit(), made / "bare.html", Lang.ZH)
    return made


def opened(browser: Browser, file: Path, size: dict[str, int]) -> Opened:
    context = browser.new_context(viewport=size, has_touch=size == PHONE)  # type: ignore[arg-type]
    context.set_offline(True)
    found = Opened(context.new_page())
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.goto(file.as_uri())
    found.page.locator("html[data-ready]").wait_for(state="attached", timeout=20_000)
    found.page.wait_for_timeout(100)
    return found


@pytest.fixture
def full(browser: Browser, folder: Path) -> Iterator[Opened]:
    found = opened(browser, folder / "full.html", DESKTOP)
    yield found
    found.page.context.close()


@pytest.mark.parametrize("name", ["full", "english", "bare"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_opens_with_no_network_and_no_complaint(
    browser: Browser, folder: Path, name: str, size: dict[str, int]
) -> None:
    found = opened(browser, folder / f"{name}.html", size)
    assert found.requests == [(folder / f"{name}.html").as_uri()]
    assert found.complaints == []
    wide = found.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size["width"]
    found.page.context.close()


def test_the_legend_lists_what_is_there_with_counts(full: Opened) -> None:
    legend = full.page.locator(".leaflet-control-layers-overlays").inner_text()
    for words in (
        "覆盖空白",
        "重叠",
        "越界",
        "错属",
        "未覆盖污染源",
        "C 类",
        "堆叠点位",
        "敏感目标",
        "三级网格",
    ):
        assert words in legend


def test_the_legend_of_a_bare_audit_lists_grids_only(browser: Browser, folder: Path) -> None:
    found = opened(browser, folder / "bare.html", DESKTOP)
    assert found.page.locator(".leaflet-control-layers-overlays label").count() == 1
    found.page.context.close()


def test_findings_are_drawn_with_a_pattern_of_their_own(full: Opened) -> None:
    drawn = full.page.locator(".leaflet-findings-pane path.leaflet-interactive")
    fills = {drawn.nth(at).get_attribute("fill") for at in range(drawn.count())}
    assert fills == {f"url(#hatch-{kind})" for kind in ("gap", "overlap", "protrusion", "misnested")}
    assert full.page.locator("pattern").count() == 4


def test_a_layer_can_be_switched_off(full: Opened) -> None:
    before = full.page.locator(".leaflet-findings-pane path").count()
    full.page.locator(".leaflet-control-layers label", has_text="重叠").locator("input").uncheck()
    assert full.page.locator(".leaflet-findings-pane path").count() == before - 1


def test_a_finding_too_small_to_see_has_a_mark(full: Opened) -> None:
    assert full.page.locator(".finding-mark").count() >= 1


def test_a_row_of_the_list_leads_to_its_place(full: Opened) -> None:
    full.page.get_by_role("button", name="丁镇 / 戊镇").click()
    popup = full.page.locator(".leaflet-popup-content")
    assert popup.locator("h3").inner_text() == "丁镇 / 戊镇"
    assert "0.19 km²" in popup.inner_text()
    assert full.page.locator("tr.on").count() == 1


def test_a_hostile_name_is_shown_as_text_and_runs_nothing(full: Opened) -> None:
    full.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    full.page.get_by_role("button", name="window.hacked").click()
    assert full.page.locator(".leaflet-popup-content h3").inner_text() == CLOSING
    full.page.evaluate(
        "map_audit.closePopup(); map_audit.fitBounds([[41, 122], [41.02, 122.04]], {animate: false})"
    )
    point = full.page.evaluate("map_audit.latLngToContainerPoint([41.003, 122.013])")
    full.page.locator(".folium-map").click(position=point)
    assert full.page.locator(".leaflet-popup-content h3").inner_text() == HOSTILE
    assert full.page.evaluate("window.hacked === undefined")
    assert full.page.locator(".leaflet-popup-content img, .name img, .panel img").count() == 0
    assert full.complaints == []


def test_a_click_on_a_source_opens_the_source_not_the_grid(full: Opened) -> None:
    point = full.page.evaluate("map_audit.latLngToContainerPoint([41.005, 122.005])")
    full.page.locator(".folium-map").click(position=point)
    popup = full.page.locator(".leaflet-popup-content")
    assert popup.locator("h3").inner_text() == "示例化工厂"
    assert "最近 示例小学 东 17 m" in popup.inner_text()


def test_names_of_grids_do_not_overlap(full: Opened) -> None:
    boxes = full.page.evaluate(
        "[...document.querySelectorAll('.name')].map(e => e.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 5
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                one["right"] <= other["left"] + 1
                or other["right"] <= one["left"] + 1
                or one["bottom"] <= other["top"] + 1
                or other["bottom"] <= one["top"] + 1
            )
            assert apart, (one, other)


def test_it_works_by_keyboard(full: Opened) -> None:
    full.page.get_by_role("button", name="丁镇 / 戊镇").focus()
    full.page.keyboard.press("Enter")
    assert full.page.locator(".leaflet-popup-content h3").count() == 1
    full.page.keyboard.press("Escape")
    full.page.locator(".leaflet-popup").wait_for(state="detached", timeout=3_000)


def test_on_a_phone_the_numbers_are_in_view_and_the_legend_opens(browser: Browser, folder: Path) -> None:
    found = opened(browser, folder / "full.html", PHONE)
    box = found.page.locator(".card").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"]
    found.page.locator(".leaflet-control-layers-toggle").tap()
    assert found.page.locator(".leaflet-control-layers-list").is_visible()
    found.page.context.close()
