"""What a hand at the editor's map meets: choosing, snapping, names, keys, and room to draw in."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
import shapely
from playwright.sync_api import Request, Route, expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit, Visiting
from tests.browser.test_editor import Board, opened

TILE = re.compile(r"/tiles/([^/]+)/(\d+/\d+/\d+)\.mvt")


def asked(visit: Visit) -> list[dict[str, Any]]:
    """The edits that the page asks for from now on, as it draws."""
    edits: list[dict[str, Any]] = []

    def hear(request: Request) -> None:
        if request.method == "POST" and "/edits" in request.url:
            edits.append(json.loads(request.post_data or "{}"))

    visit.page.on("request", hear)
    return edits


def halve(board: Board, name: str, *, choose: bool = True) -> None:
    """Draw a line across a grid that makes units of it, to its end."""
    town = board.shape(name)
    inside = town.representative_point()
    west, _, east, _ = town.bounds
    if choose:
        board.click(inside.x, inside.y)
    board.draw("d", (west - 0.01, inside.y), (east + 0.01, inside.y))
    board.page.keyboard.press("Enter")
    expect(board.visit.panel.get_by_role("button", name="确认划分")).to_be_enabled()


def test_shift_adds_to_the_choice(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    one, other = (board.shape(name).representative_point() for name in ("胡家镇", "平安镇"))
    board.click(one.x, one.y)
    visit.page.keyboard.down("Shift")
    board.click(other.x, other.y)
    visit.page.keyboard.up("Shift")
    expect(visit.panel.locator("h3.doing")).to_have_text("已选 2 个网格")


def test_a_finger_turns_on_choosing_several(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", PHONE, "planner")
    several = visit.panel.get_by_role("button", name="多选")
    several.click()
    expect(several).to_have_attribute("aria-pressed", "true")
    expect(visit.panel).not_to_contain_text("Shift")
    box = visit.page.locator(".map-canvas").bounding_box()
    assert box is not None
    visit.see_map()
    for x, y in ((0.42, 0.45), (0.6, 0.6)):
        visit.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
        visit.page.wait_for_timeout(350)
    expect(visit.panel.locator("h3.doing")).to_have_text("已选 2 个网格")


def test_a_drafts_tiles_are_asked_for_wherever_the_map_shows(visiting: Visiting) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    visit = visiting("view=planner&lang=zh", login="planner")
    visit.page.on(
        "request",
        lambda each: [found[layer].add(at) for layer, at in TILE.findall(each.url) if "plan=2" in each.url],
    )
    with visit.page.expect_request(lambda each: "plan=2" in each.url and bool(TILE.search(each.url))):
        visit.go("view=planner&plan=2&lang=zh")
    Board(visit, 2)
    for _ in range(50):  # they are asked for one after the other
        if found["grids"] and found["unit-grids"] >= found["grids"]:
            break
        visit.page.wait_for_timeout(200)
    assert found["grids"]
    assert found["unit-grids"] >= found["grids"]


def test_a_grid_without_a_name_is_asked_for_one(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    at = board.shape("胡家镇").representative_point()
    visit.page.keyboard.press("c")
    for dx, dy in ((-0.02, -0.02), (0.02, -0.02), (0.02, 0.02)):
        board.click(at.x + dx, at.y + dy)
    expect(visit.panel.locator(".step")).to_contain_text("填写名称")
    expect(visit.panel).not_to_contain_text("body.")
    visit.panel.get_by_label("名称").fill("试划")
    expect(visit.panel.locator(".took")).to_be_visible()


def test_an_overlap_with_another_number_is_no_news(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")

    def renumber(route: Route) -> None:
        answer = route.fetch()
        edit = answer.json()
        if answer.ok:
            square = {
                "type": "Polygon",
                "coordinates": [[[122, 41], [122.01, 41], [122.01, 41.01], [122, 41]]],
            }
            one = {"kind": "overlap", "size_class": "large", "area_m2": 5000.4, "width_m": 12.0}
            one |= {"parent": None, "owners": [], "geometry": square}
            edit["findings"] = {"before": [one | {"id": 7}], "after": [one | {"id": 8, "area_m2": 5000.1}]}
        route.fulfill(response=answer, json=edit)

    visit.page.route("**/edits?preview=true", renumber)
    halve(Board(visit, 2), "胡家镇")
    expect(visit.panel.locator(".verdicts")).to_contain_text("没有新的空白和重叠")
    expect(visit.panel.locator(".verdicts")).not_to_contain_text("消除")


def test_a_preview_names_each_grid_once(visiting: Visiting) -> None:
    visit = visiting("view=planner&lang=zh", login="planner")
    visit.page.add_init_script(
        """window.named = []
        const post = Worker.prototype.postMessage
        Worker.prototype.postMessage = function (message, ...more) {
          const { features } = message?.data?.data ?? message?.data?.params?.data ?? {}
          for (const each of features ?? []) if (each.properties?.label) window.named.push(each)
          return post.call(this, message, ...more)
        }"""
    )
    visit.page.reload()
    visit.go("view=planner&plan=2&lang=zh")
    board = Board(visit, 2)
    halve(board, "胡家镇")
    named = visit.page.evaluate("window.named")
    assert named
    assert {each["geometry"]["type"] for each in named} == {"Point"}
    town = board.shape("胡家镇")
    assert all(town.contains(shapely.geometry.shape(each["geometry"])) for each in named)


def test_enter_in_a_name_confirms_and_escape_leaves(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    halve(board, "胡家镇")
    name = visit.panel.get_by_label("第 1 块名称")
    name.press("Escape")
    expect(visit.panel.get_by_role("button", name="确认划分")).to_be_disabled()
    halve(board, "胡家镇", choose=False)
    name.fill("东片")
    visit.panel.get_by_label("第 2 块名称").fill("西片")
    expect(visit.panel.get_by_role("button", name="确认划分")).to_be_enabled()
    expect(visit.panel.locator(".figures")).to_contain_text("西片")
    name.press("Enter")
    expect(visit.page.get_by_role("status").filter(has_text="划分出 2 个单元网格")).to_be_visible()


def test_alt_suspends_snapping(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    town = board.shape("胡家镇")
    corner = shapely.get_coordinates(town)[0].tolist()
    inside = town.representative_point()
    edits = asked(visit)
    board.click(inside.x, inside.y)
    visit.page.keyboard.press("s")
    expect(visit.panel).to_contain_text("按住 Alt 不吸附")
    x, y = board.view.pixel(*corner)
    for keys in ([], ["Alt"]):
        edits.clear()
        for key in keys:
            visit.page.keyboard.down(key)
        visit.page.mouse.click(board.left + x + 2, board.top + y + 2)
        for key in keys:
            visit.page.keyboard.up(key)
        board.click(inside.x, inside.y)
        visit.page.wait_for_timeout(200)
        drawn = edits[-1]["line"]["coordinates"][0]
        assert (drawn == [round(each, 9) for each in corner]) is not bool(keys)
        visit.page.keyboard.press("Escape")


def test_a_vertex_that_was_pulled_is_pulled_again_from_where_it_is(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    grids = board.grids().values()
    towns = [shapely.geometry.shape(each["geometry"]) for each in grids if each["properties"]["level"] == 3]
    inner = shapely.union_all(towns).buffer(-0.02)
    met = Counter(tuple(each) for town in towns for each in {*map(tuple, shapely.get_coordinates(town))})
    corner = max((each for each in met if inner.contains(shapely.Point(each))), key=lambda each: met[each])
    assert met[corner] >= 3
    edits = asked(visit)
    visit.page.keyboard.press("x")
    x, y = (a + b for a, b in zip(board.view.pixel(*corner), (board.left, board.top), strict=True))
    visit.page.keyboard.down("Alt")
    landed = []
    for start, end in (((x, y), (x + 6, y - 22)), ((x + 6, y - 22), (x + 20, y + 4))):
        visit.page.mouse.move(*start)
        visit.page.mouse.down()
        visit.page.mouse.move(*end, steps=5)
        with visit.page.expect_request("**/edits?*"):
            visit.page.mouse.up()
        assert edits[-1]["operation"] == "move_vertex"
        assert edits[-1]["at"] == [round(each, 9) for each in corner]
        landed.append(edits[-1]["to"])
    visit.page.keyboard.up("Alt")
    away = [math.dist(each, corner) for each in landed]
    assert away[0] == pytest.approx(math.hypot(6, 22) / math.hypot(20, 4) * away[1], rel=0.3)
    assert landed[1][0] > landed[0][0] > corner[0]


def test_the_city_lies_beside_the_tools(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    land = min(
        (board.shape(name) for name in ("胡家镇", "甜水镇", "石新镇")), key=lambda each: each.bounds[0]
    )
    x, _ = board.view.pixel(land.bounds[0], land.centroid.y)
    assert board.view.left_px < x
    inside = land.representative_point()
    board.click(inside.x, inside.y)
    expect(visit.panel.locator("h3.doing")).to_be_visible()
    expect(visit.page.locator(".legend > button")).to_have_attribute("aria-expanded", "false")


def test_keys_are_told_in_full(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", login="planner")
    tools = visit.page.get_by_role("toolbar")
    expect(tools.get_by_role("button", name="撤销").locator("kbd")).to_have_text("Ctrl Z")
    expect(tools.get_by_role("button", name="重做").locator("kbd")).to_have_text("Ctrl ⇧ Z")


def test_tools_lie_in_one_low_row_on_a_phone(visiting: Visiting) -> None:
    for lang in ("zh", "en"):
        visit = visiting(f"view=planner&plan=2&lang={lang}", PHONE, "planner")
        bar = visit.page.get_by_role("toolbar").bounding_box()
        assert bar is not None
        assert bar["height"] <= 60
        words = visit.page.locator(".edit-tool > span")
        words.first.wait_for()
        boxes = [each.bounding_box() for each in words.all()]
        ends = [(each["x"], each["x"] + each["width"], each["height"]) for each in boxes if each]
        assert all(height < 20 for _, _, height in ends)
        assert all(end < start for (_, end, _), (start, _, _) in pairwise(ends))
        expect(visit.page.locator(".edit-tool kbd").first).to_be_hidden()


def test_a_comparison_tells_former_names_and_small_changes(visiting: Visiting) -> None:
    visit = visiting("view=planner&lang=zh", login="planner")
    one = {"uid": "a", "name": "新名", "name_before": "旧名", "change": "renamed", "geometry": None}
    one |= {"area_m2_before": 64.91e6, "area_m2_after": 64.91e6}
    other = one | {"uid": "b", "name": "边镇", "name_before": None, "change": "reshaped"}
    other |= {"area_m2_after": 64.91e6 - 1500}
    changes = {"grids": [one, other], "sources_moved": 0, "people_affected": []}
    visit.page.route("**/changes?*", lambda route: route.fulfill(json=changes))
    visit.go("view=planner&plan=2&lang=zh")
    visit.panel.get_by_role("tab", name="比对").click()
    rows = visit.panel.locator(".checks > li")
    expect(rows.first).to_contain_text("原 旧名")
    expect(rows.nth(1)).to_contain_text("−1\u2009500 m²")
