"""The browser of all browser tests: the system's, or else playwright's own, drawing without a GPU."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


WITHOUT_WEBGL = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]


def launch(playwright: Playwright) -> Browser:
    """Start it; `make test` has installed one."""
    return playwright.chromium.launch(executable_path=_installed(), args=ARGUMENTS)


def launch_flat(beside: Browser) -> Browser:
    """Start another one that cannot draw maps."""
    return beside.browser_type.launch(executable_path=_installed(), args=WITHOUT_WEBGL)


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
