"""What planners are told of a draft's course, of edits in another window, and of sessions that end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Panjin, Size, Visit, Visiting
from tests.browser.test_account import log_in
from tests.browser.test_editor import opened

SOON = 25_000
"""An opened draft looks for decisions as often as for edits."""
NOT_LOOKING = "() => { for (let id = 1; id < 1000; id++) clearInterval(id) }"
"""The page no longer finds out by itself, every 15 s, what happens to the draft."""
ASKING = """async ([path, body, headers]) => {
    const { csrf } = await (await fetch('/api/session')).json()
    const answer = await fetch(path, {
        method: 'POST', headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
    })
    return [answer.status, await answer.json()]
}"""


def asked(visit: Visit, path: str, body: dict[str, Any], etag: str | None = None) -> tuple[int, Any]:
    """Ask the server for something, as whoever is logged in there."""
    headers = {} if etag is None else {"If-Match": etag}
    status, answer = visit.page.evaluate(ASKING, [path, body, headers])
    return status, answer


def submitted(visit: Visit, plan: int) -> None:
    """Handed in, with a reason for everything."""
    checks = visit.page.evaluate(f"fetch('/api/plans/{plan}/checks').then(answer => answer.json())")["checks"]
    reasons = {each["key"]: "以后处理" for each in checks if each["blocks"]}
    status, answer = asked(visit, f"/api/plans/{plan}/submit", {"reasons": reasons, "note": None})
    assert status == 200, answer


def renamed(visit: Visit, plan: int, grid: dict[str, Any], name: str) -> None:
    """Give a grid another name, as if in another window."""
    body = {"operation": "attributes", "grid": grid["properties"]["uid"], "changes": {"name": name}}
    status, answer = asked(visit, f"/api/plans/{plan}/edits", body, grid["properties"]["holder_etag"])
    assert status == 201, answer


def test_a_planner_is_told_that_a_draft_came_back_and_why_and_takes_one_back(visiting_own: Visiting) -> None:
    planner = visiting_own("view=planner&plan=2&lang=zh", login="planner")
    expect(planner.panel.locator(".editor-head .state.draft")).to_be_visible()
    submitted(planner, 2)
    expect(planner.panel.locator(".editor-head .state.in_review")).to_be_visible(timeout=SOON)
    approver = visiting_own("view=planner&plan=2&lang=zh", PHONE, login="approver")
    expect(approver.panel.get_by_role("button", name="撤回提交")).to_have_count(0)
    status, _ = asked(approver, "/api/plans/2/return", {"note": "请核对<b>胡家镇</b>的边界"})
    assert status == 200
    note = planner.panel.locator(".returned")
    expect(note).to_contain_text("approver", timeout=SOON)
    expect(note).to_contain_text("请核对<b>胡家镇</b>的边界")
    planner.panel.get_by_role("tab", name="历史").click()
    expect(planner.panel.get_by_role("tabpanel")).to_contain_text("流转记录")

    submitted(planner, 2)
    planner.page.reload()
    planner.panel.get_by_role("button", name="撤回提交").click()
    dialog = planner.page.get_by_role("dialog")
    dialog.get_by_label("说明").fill("还要再改")
    dialog.get_by_role("button", name="撤回", exact=True).click()
    expect(planner.panel.locator(".editor-head .state.draft")).to_be_visible()
    expect(planner.page.locator(".edit-toast")).to_contain_text("已撤回")
    expect(note).to_have_count(0)


def test_what_is_published_is_in_force_at_once_from_the_day_it_is_here(visiting_own: Visiting) -> None:
    planner = visiting_own("view=planner&plan=2&lang=zh&list=1", login="planner")
    submitted(planner, 2)
    visit = visiting_own("view=planner&lang=zh", login="approver", timezone_id="Asia/Shanghai")
    visit.page.clock.set_fixed_time("2026-11-28T20:00:00Z")
    visit.panel.locator(".plans li").filter(has_text="2026 修订稿").get_by_role("button").click()
    visit.panel.get_by_role("tab", name="比对").click()
    visit.panel.get_by_role("button", name="批准并发布").click()
    sheet = visit.page.get_by_role("dialog")
    expect(sheet.get_by_label("生效日期")).to_have_value("2026-11-29")
    sheet.get_by_role("button", name="批准并发布").click()
    expect(visit.panel.get_by_role("status").filter(has_text="已发布。")).to_be_visible()
    expect(visit.page.locator(".version")).to_contain_text("2026 修订稿")


def test_a_revision_is_begun_under_a_title_of_its_own(visiting_own: Visiting) -> None:
    visit = visiting_own("view=public&lang=zh&list=1", login="planner")
    visit.page.clock.set_fixed_time("2026-11-28T04:00:00Z")
    visit.go("view=planner&lang=zh&list=1")
    visit.panel.locator(".plans li").filter(has=visit.page.locator(".state.published")).get_by_role(
        "button"
    ).click()
    visit.panel.get_by_role("button", name="建修订稿").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_label("名称（中文）")).to_have_value("2026 修订稿（2）")
    expect(dialog.get_by_label("名称（英文）")).to_have_value("Revision 2026 (2)")
    dialog.get_by_role("button", name="建立").click()
    expect(visit.panel.locator(".editor-head .state.draft")).to_be_visible()
    expect(visit.panel.locator("h2.title")).to_have_text("2026 修订稿（2）")


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_an_edit_is_kept_while_one_logs_in_again(
    visiting: Visiting, panjin: Panjin, draft: int, size: Size | None
) -> None:
    visit = visiting(f"view=planner&plan={draft}&lang=zh", *([size] if size else []), login="planner")
    visit.expected.append("401|403|404")
    visit.panel.get_by_role("tab", name="检查").click()
    visit.panel.get_by_role("button", name="一次修补全部").click()
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.page.context.clear_cookies()
    visit.panel.get_by_role("button", name="确认修补").click()
    note = visit.panel.get_by_role("alert")
    expect(note).to_contain_text("登录已过期。重新登录后自动提交。")
    note.get_by_role("button", name="登录").click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    log_in(visit, "planner", panjin.passwords["planner"], "登录")
    expect(visit.page.get_by_role("status").filter(has_text="修补 2 处问题")).to_be_visible()
    expect(visit.panel.locator("h2.title")).to_have_text("试画")


def test_repairs_beyond_the_first_are_looked_up_when_asked_for(visiting: Visiting, draft: int) -> None:
    visit = visiting("view=public&lang=zh", login="planner")
    visit.page.route(
        "**/repairs?limit=50", lambda route: route.continue_(url=re.sub("50$", "1", route.request.url))
    )
    visit.go(f"view=planner&plan={draft}&lang=zh")
    visit.panel.get_by_role("tab", name="检查").click()
    repairs = visit.panel.get_by_role("button", name="看修补")
    expect(repairs).to_have_count(1)
    more = visit.panel.get_by_role("button", name="处未查修补办法")
    more.click()
    expect(more).to_have_count(0)
    assert repairs.count() > 1


def test_an_own_edit_in_another_window_is_not_somebody_elses_and_is_decided_first(
    visiting: Visiting, draft: int
) -> None:
    visit, board = opened(visiting, draft)
    visit.expected.append("412")
    town = board.grids()["平安镇"]
    inside = board.shape("平安镇").representative_point()
    board.click(inside.x, inside.y)
    visit.page.keyboard.press("a")
    visit.panel.get_by_label("名称").fill("平安街道")
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.page.evaluate(NOT_LOOKING)
    renamed(visit, draft, town, "平安新镇")
    with visit.page.expect_response(lambda answer: f"/plans/{draft}/grids" in answer.url):
        visit.panel.get_by_role("button", name="保存属性").click()
    note = visit.panel.get_by_role("alert")
    expect(note).to_contain_text("您在另一个窗口先改了这里")
    expect(visit.panel.get_by_role("button", name="保存属性")).to_be_disabled()
    note.get_by_role("button", name="在新的状态上再看").click()
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.panel.get_by_role("button", name="保存属性").click()
    expect(visit.page.get_by_role("status").filter(has_text="改名为平安街道")).to_be_visible()
    expect(note).to_have_count(0)


def test_an_own_edit_in_another_window_is_told_and_costs_no_proposal(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    visit.panel.get_by_role("tab", name="检查").click()
    visit.panel.get_by_role("button", name="一次修补全部").click()
    expect(visit.panel.locator(".took")).to_be_visible()
    with visit.page.expect_response(lambda answer: "preview=true" in answer.url, timeout=SOON):
        # What is proposed is asked for anew.
        renamed(visit, draft, board.grids()["平安镇"], "平安新镇")
    told = visit.page.locator(".edit-toast").filter(has_text="您（另一个窗口）")
    expect(told).to_contain_text("平安新镇")
    visit.panel.get_by_role("button", name="确认修补").click()
    expect(visit.page.get_by_role("status").filter(has_text="修补 2 处问题")).to_be_visible()


def test_another_parent_and_another_name_are_one_edit(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    grids = board.grids()
    town = grids["平安镇"]["properties"]
    other = next(
        each["properties"]
        for each in grids.values()
        if each["properties"]["level"] == town["level"] - 1
        and each["properties"]["uid"] != town["parent_uid"]
    )
    inside = board.shape("平安镇").representative_point()
    board.click(inside.x, inside.y)
    visit.page.keyboard.press("a")
    visit.panel.get_by_label("上级网格").select_option(other["uid"])
    with visit.page.expect_request(
        lambda made: "preview" in made.url and "平安街道" in (made.post_data or "")
    ) as made:
        visit.panel.get_by_label("名称").fill("平安街道")
    assert all(each in (made.value.post_data or "") for each in ("bulk", "change_parent", "attributes"))
    visit.panel.get_by_role("button", name="保存属性").click()
    expect(visit.page.get_by_role("status").filter(has_text="平安街道")).to_be_visible()
    changed = board.grids()["平安街道"]["properties"]
    assert changed["parent_uid"] == other["uid"]


def test_a_comments_place_is_picked_once(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    inside = board.shape("平安镇").representative_point()
    visit.panel.get_by_role("tab", name="批注").click()
    visit.panel.get_by_role("button", name="在地图上批注").click()
    hint = visit.page.locator(".edit-badge").filter(has_text="点选地图上的位置")
    expect(hint).to_be_visible()
    board.click(inside.x, inside.y)
    expect(visit.panel.get_by_label("批注内容")).to_be_visible()
    expect(hint).to_have_count(0)
