"""What a visitor sees: who is responsible, however they ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.chromium import DESKTOP, PHONE, launch_flat
from tests.browser.conftest import Size, Visit, Visiting, four

VACANT = (122.07854, 40.78593)
NEAR = "lon=122.02025&lat=41.27782"
OVERLAP = "lon=122.0336031&lat=41.111375"
OUTSIDE = "lon=121.66776&lat=41.33374"
GAP = "lon=121.9998701&lat=41.3331785"
INSIDE_LIAOHE_RESERVE = "lon=122.04857&lat=41.15224"


def card(visit: Visit, name: str) -> None:
    """The answer is for the place of this name."""
    expect(visit.panel.locator("h2.title")).to_contain_text(name)


@four
def test_a_click_is_answered_with_who_is_responsible(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"lang={lang}", size)
    visit.see_map()
    visit.click_map(*VACANT)
    card(visit, "荣兴街道")
    first = visit.panel.locator(".who.first")
    expect(first).to_contain_text("荣兴街道办事处")
    expect(first.locator(".vac")).to_have_text("空缺" if lang == "zh" else "vacant")
    expect(first.locator("a.tel")).to_have_attribute("href", "tel:04270000090")
    expect(first.locator("a.tel")).to_be_in_viewport()
    expect(visit.page).to_have_url(re.compile(r"#lon=122\.07\d+&lat=40\.78\d+"))
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_card_names_every_level_up_to_the_city(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{NEAR}")
    names = visit.panel.locator(".who .n")
    expect(names).to_have_text(["太平街道办事处", "盘山县人民政府", "盘锦市人民政府"])
    visit.panel.locator(".who.first summary").click()
    expect(visit.panel.locator(".who.first .staff li")).to_have_count(1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_search_finds_a_grid_and_an_enterprise(visiting: Visiting, size: Size) -> None:
    visit = visiting("lang=zh", size)
    visit.see_map()
    for words, found in (("东郭", "东郭街道"), ("集中式供水水源0125号", "盘山县")):
        if size == PHONE:
            visit.page.get_by_role("button", name="搜索").click()
        box = visit.page.get_by_role("combobox", name="搜索")
        box.fill(words)
        expect(visit.page.get_by_role("option").first).to_be_visible()
        box.press("Enter")
        card(visit, found)
    # This one lies in a planted gap, and the one before under the longest name.
    expect(visit.panel.get_by_role("note")).to_contain_text("覆盖空白")


def test_enter_means_what_is_written_and_not_the_hits_of_what_was(visiting: Visiting) -> None:
    visit = visiting("lang=zh")
    visit.see_map()
    box = visit.page.get_by_role("combobox", name="搜索")
    box.fill("东郭")
    expect(visit.page.get_by_role("option").first).to_be_visible()
    box.fill("集中式供水水源0125号")
    box.press("Enter")
    card(visit, "盘山县")


def test_the_slash_key_searches_and_nothing_found_says_what_to_do(visiting: Visiting) -> None:
    visit = visiting("lang=en&list=1")
    expect(
        visit.page.get_by_role("heading", level=1).or_(visit.page.get_by_role("table")).first
    ).to_be_visible()
    visit.page.keyboard.press("/")
    expect(visit.page.get_by_role("combobox", name="Search")).to_be_focused()
    visit.page.keyboard.type("xyzzy")
    expect(visit.page.get_by_text("Nothing found. Try another name")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_text("Nothing found. Try another name")).to_be_hidden()


def test_locate_me_answers_for_where_i_am(visiting: Visiting) -> None:
    lon, lat = VACANT
    here = {"longitude": lon, "latitude": lat}
    visit = visiting("lang=zh", PHONE, geolocation=here, permissions=["geolocation"])
    visit.see_map()
    visit.page.get_by_role("button", name="定位到我").click()
    card(visit, "荣兴街道")


def test_a_refused_position_is_said(visiting: Visiting) -> None:
    visit = visiting("lang=en", permissions=[])
    visit.see_map()
    visit.page.get_by_role("button", name="Locate me").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("Your position is not available")


def test_the_topic_decides_the_departments(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{INSIDE_LIAOHE_RESERVE}")
    visit.panel.get_by_role("button", name="秸秆焚烧").click()
    expect(visit.panel.locator(".note.info")).to_contain_text("农业")
    visit.panel.get_by_role("button", name="施工扬尘").click()
    expect(visit.panel.locator(".note.info")).to_contain_text("住房城乡建设负责")
    expect(visit.panel.locator(".note.info")).to_contain_text("辽河保护")
    expect(visit.panel.locator(".note.info")).not_to_contain_text("农业")


@four
def test_a_boundary_near_by_is_told_with_the_neighbour(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"lang={lang}&list=1&{NEAR}", size)
    note = visit.panel.get_by_role("note")
    expect(note).to_contain_text("距边界 35 米" if lang == "zh" else "35 m from the boundary")
    expect(note).to_contain_text("盘山县林场")
    expect(note.get_by_role("link")).to_have_attribute("href", "tel:04270000181")


def test_where_two_bodies_claim_a_place_both_phones_are_there(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{OVERLAP}", PHONE)
    note = visit.panel.get_by_role("note")
    expect(note).to_contain_text("兴盛街道与盘锦高新技术产业开发区都划入了此处")
    expect(note.get_by_role("link")).to_have_text(["0427-000 0070", "0427-000 0080"])


@four
def test_outside_every_grid_is_said_with_the_nearest(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"lang={lang}&list=1&{OUTSIDE}", size)
    expect(visit.panel.locator("h2.title")).to_have_text(
        "此处不在任何网格内" if lang == "zh" else "This place lies in no grid"
    )
    expect(visit.panel).to_contain_text("羊圈子镇")
    expect(visit.panel.get_by_role("link", name="12345")).to_have_attribute("href", "tel:12345")


def test_a_gap_is_worth_reporting(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{GAP}")
    note = visit.panel.get_by_role("note")
    expect(note).to_contain_text(
        re.compile("这里没有划给任何三级网格。 ?暂由盘山县负责。这是一处值得上报的覆盖空白")
    )
    expect(note.get_by_role("link")).to_have_attribute("href", "tel:04270000181")
    expect(visit.panel.locator(".who .n")).to_have_text(["盘山县人民政府", "盘锦市人民政府"])


def test_a_shared_link_opens_the_same_answer(visiting: Visiting) -> None:
    visit = visiting(f"lang=en&list=1&{NEAR}")
    visit.panel.get_by_role("button", name="Straw burning").click()
    expect(visit.panel.locator(".note.info")).to_be_visible()
    visit.panel.get_by_role("button", name="Share / QR").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code of this place").locator("path")).to_have_attribute(
        "d", re.compile("^M")
    )
    link = dialog.get_by_label("Link").input_value()
    again = visiting(link.split("#")[1], PHONE)
    card(again, "太平街道")
    expect(again.panel.get_by_role("button", name="Straw burning")).to_have_attribute("aria-pressed", "true")


def test_a_link_with_a_topic_that_is_gone_opens_at_its_place(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{NEAR}&topic=gone")
    visit.expected.append("400")
    card(visit, "太平街道")
    expect(visit.panel).not_to_contain_text("/api")
    expect(visit.page).not_to_have_url(re.compile("topic="))


def test_swapped_coordinates_are_asked_about(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1&lon=41.27782&lat=122.02025")
    visit.expected.append("422|400")
    expect(visit.panel.get_by_role("alert")).to_contain_text("写反")
    visit.panel.get_by_role("button", name="重新点选").click()
    expect(visit.panel.locator("h2.title")).to_have_text("这里由谁负责？")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_printed_page_holds_the_answer_and_the_way_back(visiting: Visiting, lang: str) -> None:
    visit = visiting(f"lang={lang}&{NEAR}")
    visit.see_map()
    expect(visit.panel.locator(".who.first")).to_be_visible()
    visit.page.emulate_media(media="print")
    expect(visit.panel.locator(".who.first")).to_be_visible()
    expect(visit.panel.locator(".printed")).to_contain_text("lat=41.27782")
    expect(visit.panel.locator(".printed .qr")).to_be_visible()
    for hidden in (".tools", ".switcher", ".search", ".map-canvas", ".row.noprint"):
        expect(visit.page.locator(hidden).first).to_be_hidden()
    assert visit.page.pdf().startswith(b"%PDF")
    expect(visit.page.locator(".print-map")).to_have_attribute("src", re.compile("^data:image/png"))


def test_the_list_answers_without_the_map(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1", PHONE)
    visit.panel.get_by_role("searchbox").fill("东郭")
    visit.panel.get_by_role("button", name=re.compile("^东郭街道")).click()
    card(visit, "东郭街道")
    expect(visit.page.locator(".map-canvas")).to_have_count(0)


def test_grids_of_no_such_name_say_so(visiting: Visiting) -> None:
    visit = visiting("lang=en&list=1")
    visit.panel.get_by_role("searchbox").fill("xyzzy")
    expect(visit.panel).to_contain_text("No grid has this name")


def test_while_the_database_is_away_it_says_so_and_then_answers(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1")
    visit.expected.append("503")
    refused = 0

    def away(route: Route) -> None:
        nonlocal refused
        refused += 1
        if refused > 1:
            return route.continue_()
        body = {"title": "Service Unavailable", "status": 503, "detail": "数据库暂时不可用。"}
        return route.fulfill(status=503, json=body, content_type="application/problem+json")

    visit.page.route("**/api/responsibility?*", away)
    visit.panel.get_by_role("button", name=re.compile("^荣兴街道")).click()
    expect(visit.panel.get_by_role("alert")).to_contain_text("服务正在恢复")
    card(visit, "荣兴街道")
    expect(visit.panel.get_by_role("alert")).to_have_count(0)


def test_while_the_answer_is_on_its_way_there_is_a_skeleton(visiting: Visiting) -> None:
    visit = visiting("lang=en&list=1")
    held: list[Route] = []
    visit.page.route("**/api/responsibility?*", lambda route: held.append(route))
    visit.panel.get_by_role("button", name=re.compile("^荣兴街道")).click()
    expect(visit.panel.get_by_role("status", name="Loading")).to_be_visible()
    held[0].continue_()
    card(visit, "荣兴街道")


def test_the_language_changes_in_place(visiting: Visiting) -> None:
    visit = visiting(f"lang=zh&list=1&{NEAR}")
    visit.page.get_by_role("button", name="English").click()
    expect(visit.panel).to_contain_text("35 m from the boundary")
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")


def test_only_public_layers_are_offered_and_explained(visiting: Visiting) -> None:
    visit = visiting("lang=zh")
    visit.see_map()
    expect(visit.page.locator(".legend")).to_contain_text("C 类")
    visit.page.get_by_role("button", name="图层").click()
    layers = visit.page.locator("#layers")
    expect(layers).to_contain_text("网格")
    expect(layers).not_to_contain_text("内部")
    layers.get_by_label(re.compile("^污染源")).uncheck()
    expect(visit.page.locator(".legend")).not_to_contain_text("C 类")


@pytest.fixture
def flat(browser: Browser) -> Iterator[Browser]:
    """A browser that cannot draw the map."""
    chromium = launch_flat(browser)
    yield chromium
    chromium.close()


def test_without_webgl_the_list_and_the_answer_are_there(visiting: Visiting, flat: Browser) -> None:
    visit = visiting("lang=zh", PHONE, browser=flat)
    visit.expected.append("WebGL")
    expect(visit.panel.get_by_text("这台设备无法显示地图")).to_be_visible()
    visit.panel.get_by_role("button", name=re.compile("^荣兴街道")).click()
    card(visit, "荣兴街道")
    expect(visit.panel.locator(".who.first")).to_contain_text("空缺")


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "地图没有全部载入"), ("en", "Parts of the map did not load")]
)
def test_tiles_that_do_not_come_are_told_and_asked_for_again(
    visiting: Visiting, lang: str, said: str
) -> None:
    visit = visiting(f"lang={lang}&list=1")
    visit.expected.append("503")
    tiles = re.compile("/tiles/")
    visit.page.route(tiles, lambda route: route.fulfill(status=503))
    visit.go(f"lang={lang}")
    trouble = visit.page.locator(".map").get_by_role("alert")
    expect(trouble).to_contain_text(said)
    visit.page.unroute(tiles)
    trouble.get_by_role("button").click()
    expect(trouble).to_be_hidden()
    visit.see_map()
    expect(visit.page.locator(".legend .entry").first).to_be_visible()


def test_what_is_printed_names_the_plan_and_marks_the_place(visiting: Visiting) -> None:
    visit = visiting("lang=zh")
    visit.see_map()
    visit.click_map(*VACANT)
    card(visit, "荣兴街道")
    expect(visit.page.locator(".pin")).to_be_visible()
    marked = visit.page.evaluate(_MARKED)
    visit.page.emulate_media(media="print")
    expect(visit.page.locator(".print-map")).to_be_visible()
    expect(visit.page.locator(".version")).to_contain_text("2015 年网格划分方案")
    # The scale of the screen is none on paper, and the centre of the map is not the place.
    expect(visit.page.locator(".foot")).not_to_contain_text("1:", use_inner_text=True)
    expect(visit.page.locator(".foot")).not_to_contain_text("°E", use_inner_text=True)
    assert marked["middle"] == [255, 255, 255]
    assert marked["side"] == [11, 110, 110]


_MARKED = """async () => {
    const canvas = document.querySelector('.map-canvas canvas').getBoundingClientRect()
    const pin = document.querySelector('.pin').getBoundingClientRect()
    dispatchEvent(new Event('beforeprint'))
    await new Promise((done) => setTimeout(done, 100))
    const image = document.querySelector('.print-map')
    await image.decode()
    const [width, height] = [image.naturalWidth, image.naturalHeight]
    const copy = Object.assign(document.createElement('canvas'), { width, height })
    const picture = copy.getContext('2d')
    picture.drawImage(image, 0, 0)
    const [ratio, west, north] = [width / canvas.width, pin.x - canvas.x, pin.y - canvas.y]
    const pixel = (x, y) => picture.getImageData((west + x) * ratio, (north + y) * ratio, 1, 1).data
    const at = (x, y) => [...pixel(x, y)].slice(0, 3)
    return { middle: at(14, 14), side: at(5, 14) }
}"""
"""The colours of the printed map where the marker's eye is on the screen, and beside it."""


def test_an_address_that_changes_while_the_page_opens_is_heard(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1")
    visit.page.add_init_script(
        """requestAnimationFrame = (then) => setTimeout(then, 500)
        addEventListener('DOMContentLoaded', () => { location.hash = 'lang=en&list=1' })"""
    )
    visit.page.reload()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Panjin")
