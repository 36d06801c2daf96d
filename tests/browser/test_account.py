"""Logging in and out, sessions that end, and access tokens."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Panjin, Size, Visit, Visiting, four

SECRET = "/ogc/collections/coverage-gaps/items"
"""Of a layer that only accounts may read."""


def log_in(visit: Visit, login: str, password: str, word: str) -> None:
    """Fill in the login form."""
    dialog = visit.page.get_by_role("dialog")
    if dialog.count() == 0:
        visit.page.get_by_role("button", name=word).click()
    dialog.locator("input[name=login]").fill(login)
    dialog.locator("input[name=password]").fill(password)
    dialog.get_by_role("button", name=word).click()


@four
def test_a_wrong_password_is_refused_and_the_right_one_lets_in(
    visiting: Visiting, panjin: Panjin, size: Size, lang: str
) -> None:
    visit = visiting(f"lang={lang}&list=1", size)
    visit.expected.append("401")
    word = "登录" if lang == "zh" else "Log in"
    log_in(visit, "department", f"not it, {lang} {size['width']}", word)
    expect(visit.page.get_by_role("alert")).to_be_visible()
    log_in(visit, "department", panjin.passwords["department"], word)
    expect(visit.page.get_by_role("dialog")).to_have_count(0)
    expect(visit.page.get_by_role("button", name="分析" if lang == "zh" else "Analyst")).to_be_visible()
    kept = visit.page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]")
    assert kept == ["", 0, 0]


def test_a_session_that_has_ended_is_said_and_one_logs_in_again(visiting: Visiting, panjin: Panjin) -> None:
    visit = visiting("lang=zh&list=1")
    visit.expected.append("401")
    log_in(visit, "approver", panjin.passwords["approver"], "登录")
    expect(visit.page.get_by_role("button", name="规划")).to_be_visible()
    visit.page.context.clear_cookies()
    visit.page.get_by_role("button", name="审批员").click()
    visit.page.get_by_role("button", name="访问令牌").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("登录已过期")
    dialog.get_by_role("button", name="登录").click()
    over = visit.page.get_by_role("dialog").last
    over.locator("input[name=login]").fill("approver")
    over.locator("input[name=password]").fill(panjin.passwords["approver"])
    over.get_by_role("button", name="登录").click()
    expect(dialog).to_have_count(1)  # what was open stays open
    expect(dialog).not_to_contain_text("登录已过期")


def test_logging_out_closes_the_session(visiting: Visiting, panjin: Panjin) -> None:
    visit = visiting("lang=en&list=1", PHONE)
    log_in(visit, "officer", panjin.passwords["officer"], "Log in")
    visit.page.get_by_role("button", name="Account menu").click()
    expect(visit.page.locator("#account")).to_contain_text("双台子区")
    [cookie] = visit.page.context.cookies()
    visit.page.get_by_role("button", name="Log out").click()
    expect(visit.page.get_by_role("button", name="Log in")).to_be_visible()
    answer = httpx.get(f"{panjin.base}/api/session", cookies={cookie["name"]: cookie["value"]})
    assert answer.json()["user"] is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_token_is_shown_once_reads_layers_and_can_be_revoked(
    visiting: Visiting, panjin: Panjin, lang: str
) -> None:
    zh = lang == "zh"
    visit = visiting(f"lang={lang}&list=1", login="analyst")
    dialog = visit.page.get_by_role("dialog")

    def open_tokens() -> None:
        visit.page.get_by_role("button", name="分析员").click()
        visit.page.get_by_role("button", name="访问令牌" if zh else "Access tokens").click()

    open_tokens()
    dialog.get_by_label("用途" if zh else "Purpose").fill(f"QGIS {lang}")
    dialog.get_by_role("button", name="新建" if zh else "Create").click()
    token = dialog.get_by_label(f"QGIS {lang}", exact=True).input_value()
    assert token.startswith("gg_")
    assert httpx.get(panjin.base + SECRET).status_code == 404
    assert httpx.get(panjin.base + SECRET, headers={"Authorization": f"Bearer {token}"}).json()["features"]
    assert httpx.get(panjin.base + SECRET, auth=("analyst", token)).json()["features"]

    visit.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    open_tokens()
    expect(dialog.get_by_role("cell", name=f"QGIS {lang}", exact=True)).to_be_visible()
    assert token not in visit.page.content()
    dialog.get_by_role("button", name=f"{'吊销' if zh else 'Revoke'} QGIS {lang}").click()
    expect(dialog.get_by_role("row", name=f"QGIS {lang}")).to_contain_text("已吊销" if zh else "revoked")
    answer = httpx.get(panjin.base + SECRET, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@four
def test_a_planner_makes_a_token_for_qgis_that_lets_the_last_writer_win(
    visiting: Visiting, panjin: Panjin, size: Size, lang: str
) -> None:
    zh = lang == "zh"
    visit = visiting(f"lang={lang}&list=1", size, login="planner")
    dialog = visit.page.get_by_role("dialog")
    if size == PHONE:
        visit.page.get_by_role("button", name="账号菜单" if zh else "Account menu").click()
    else:
        visit.page.get_by_role("button", name="规划员").click()
    visit.page.get_by_role("button", name="访问令牌" if zh else "Access tokens").click()
    name = f"QGIS {lang} {size['width']}"
    dialog.get_by_label("用途" if zh else "Purpose").fill(name)
    allows = dialog.get_by_label("权限" if zh else "Allows")
    expect(allows).to_have_value("read")
    allows.select_option(label="后写者胜" if zh else "Last writer wins")
    expect(dialog).to_contain_text("以您的修改为准" if zh else "your change counts")
    dialog.get_by_role("button", name="新建" if zh else "Create").click()
    token = dialog.get_by_label(name, exact=True).input_value()
    expect(dialog.get_by_role("row", name=name)).to_contain_text("后写者胜" if zh else "Last writer wins")
    bearer = {"Authorization": f"Bearer {token}"}
    allowed = httpx.options(f"{panjin.base}/ogc/collections/draft-1/items", headers=bearer)
    assert "POST" in allowed.headers["allow"]
    dialog.get_by_role("button", name=f"{'吊销' if zh else 'Revoke'} {name}").click()
    expect(dialog.get_by_role("row", name=name)).to_contain_text("已吊销" if zh else "revoked")


def test_an_analyst_is_offered_no_token_that_writes(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1", login="analyst")
    visit.page.get_by_role("button", name="分析员").click()
    visit.page.get_by_role("button", name="访问令牌").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_label("用途")).to_be_visible()
    expect(dialog.get_by_label("权限")).to_have_count(0)


def test_an_administrator_sees_the_accounts_and_an_analyst_does_not(visiting: Visiting) -> None:
    admin = visiting("lang=zh&list=1", login="admin")
    admin.page.get_by_role("button", name="管理员").click()
    admin.page.locator("#account").get_by_role("button", name="账号").click()
    expect(admin.page.get_by_role("dialog").get_by_role("cell", name="officer", exact=True)).to_be_visible()
    analyst = visiting("lang=zh&list=1", login="analyst")
    analyst.page.get_by_role("button", name="分析员").click()
    expect(analyst.page.locator("#account")).not_to_contain_text("账号管理")
    expect(analyst.page.locator("#account").get_by_role("button", name="账号", exact=True)).to_have_count(0)
