"""The browser of all browser tests: the system's, or else playwright's own, drawing without a GPU."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def launch(playwright: Playwright) -> Browser:
    """Start it; `make test` has installed one."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
