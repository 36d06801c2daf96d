"""axe finds nothing to complain of, on any screen, in either language, on a desk or in a hand."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Size, Visit, Visiting, four

PLACE = "lon=122.0336031&lat=41.111375&topic=straw_burning"
SCREENS = {
    "welcome": ("", None, ".gridlist"),
    "answer": (PLACE, None, ".who.first"),
    "outside": ("lon=121.66776&lat=41.33374", None, ".who.first"),
    "list": ("list=1", None, ".gridlist"),
    "coverage": ("view=analyst&tab=coverage&list=1", "analyst", "tbody tr"),
    "uncovered": ("view=analyst&tab=uncovered&list=1", "analyst", "tbody tr"),
    "surroundings": ("view=analyst&tab=surroundings&list=1", "analyst", "tbody tr"),
    "responsibility": ("view=analyst&tab=responsibility&list=1", "analyst", "tbody tr"),
    "workload": ("view=analyst&tab=workload&list=1", "analyst", "tbody tr"),
    "plans": ("view=planner&list=1", "planner", ".plans li"),
    "plan": ("view=planner&plan=2&list=1", "planner", "tbody tr"),
    "filings": ("view=planner&plan=1&part=filings&list=1", "planner", "tbody tr"),
    "letters": ("view=planner&plan=1&part=letters&list=1", "planner", "tbody tr"),
}


def complaints(visit: Visit) -> list[str]:
    """What axe says is wrong with the page as it stands."""
    found = Axe().run(visit.page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("size", "lang"), [(None, "zh"), (PHONE, "en")], ids=["desktop-zh", "phone-en"])
def test_a_screen_has_no_violations(visiting: Visiting, screen: str, size: Size | None, lang: str) -> None:
    route, login, there = SCREENS[screen]
    arguments = {} if size is None else {"size": size}
    visit = visiting(f"{route}&lang={lang}", login=login, **arguments)
    expect(visit.panel.locator(there).first).to_be_visible()
    assert complaints(visit) == []


@four
def test_the_map_with_its_controls_has_no_violations(visiting: Visiting, size: Size, lang: str) -> None:
    visit = visiting(f"view=analyst&lang={lang}", size, "analyst")
    visit.see_map()
    visit.page.locator(".switcher > button").click()
    assert complaints(visit) == []


@pytest.mark.parametrize("dialog", ["login", "share", "tokens", "accounts", "password"])
def test_a_dialog_has_no_violations(visiting: Visiting, dialog: str) -> None:
    login = {"login": None, "share": None, "accounts": "admin"}.get(dialog, "analyst")
    visit = visiting(f"{PLACE}&lang=zh&list=1", login=login)
    expect(visit.panel.locator(".who.first")).to_be_visible()
    if dialog in ("login", "share"):
        visit.page.get_by_role("button", name={"login": "登录", "share": "分享 / 二维码"}[dialog]).click()
    else:
        visit.page.get_by_role("button", name="管理员" if login == "admin" else "分析员").click()
        words = {"tokens": "访问令牌", "accounts": "账号", "password": "修改密码"}
        visit.page.locator("#account").get_by_role("button", name=words[dialog]).click()
    expect(visit.page.get_by_role("dialog")).to_be_visible()
    assert complaints(visit) == []


def test_an_error_has_no_violations(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1&lon=41.2&lat=122")
    visit.expected.append("4\\d\\d")
    expect(visit.page.get_by_role("alert")).to_be_visible()
    assert complaints(visit) == []


def test_everything_is_reached_by_keyboard(visiting: Visiting) -> None:
    visit = visiting("lang=zh&list=1")
    expect(visit.panel.locator(".gridlist").first).to_be_visible()
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator(".skip")).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.panel).to_be_focused()
    visit.panel.get_by_role("button", name=re.compile("^盘锦市")).focus()
    visit.page.keyboard.press("Enter")
    expect(visit.panel.locator(".who").first).to_be_visible()
