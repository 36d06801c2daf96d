"""The command, from files on disk to files on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from tests.squares import box, level, sources

CITY = {"211100": box(0, 0, 4000, 2000)}
COUNTIES = {"211102": box(0, 0, 2000, 2000), "211103": box(2100, 0, 4000, 2000)}


def gisgrid(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "gisgrid", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},
        check=False,
    )


def saved(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_file(path)
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A city with two counties and a gap of 100 m between them, and three sources, one of them in the gap."""
    points = sources([(1000, 1000), (2050, 1000), (3000, 1000)], stated_code=["211102", "211102", "211103"])
    register = pd.DataFrame(
        {
            "污染源编号": points["id"],
            "企业名称": points["name"],
            "所属网格编码": points["stated_code"],
            "经度": points.geometry.x,
            "纬度": points.geometry.y,
        }
    )
    register.to_csv(tmp_path / "sources.csv", index=False, encoding="gb18030")
    return {
        "city": saved(level(CITY), tmp_path / "city.gpkg"),
        "counties": saved(level(COUNTIES, dict.fromkeys(COUNTIES, "211100")), tmp_path / "counties.gpkg"),
        "sources": tmp_path / "sources.csv",
        "out": tmp_path / "out",
    }


def test_an_audit_writes_all_outputs_and_prints_a_summary(files: dict[str, Path]) -> None:
    done = gisgrid("audit", files["city"], files["counties"], "--out", files["out"])
    assert done.returncode == 0, done.stderr
    assert sorted(each.name for each in files["out"].iterdir()) == [
        "audit.gpkg",
        "audit.json",
        "audit.xlsx",
        "map.html",
    ]
    report = json.loads((files["out"] / "audit.json").read_text(encoding="utf-8"))
    (coverage,) = report["coverage"]
    assert coverage["gaps"]["count"] == 1
    assert coverage["gaps"]["area_m2"] == pytest.approx(200_000, rel=1e-3)
    assert coverage["gaps"]["by_class"] == {"noise": 0, "sliver": 0, "strip": 0, "real": 1}
    assert report["sources"]["file"] is None
    assert "覆盖空白" in done.stdout


def test_json_is_printed_instead_and_alone(files: dict[str, Path]) -> None:
    done = gisgrid("audit", files["city"], files["counties"], "--out", files["out"], "--json")
    assert json.loads(done.stdout) == json.loads((files["out"] / "audit.json").read_text(encoding="utf-8"))


def test_strict_exits_with_one_if_anything_was_found(files: dict[str, Path]) -> None:
    assert (
        gisgrid("audit", files["city"], files["counties"], "--out", files["out"], "--strict").returncode == 1
    )
    assert gisgrid("audit", files["city"], "--out", files["out"], "--strict").returncode == 0


def test_sources_are_located_and_the_uncovered_one_is_found(files: dict[str, Path]) -> None:
    done = gisgrid(
        "audit", files["city"], files["counties"], "--sources", files["sources"],
        "--source-crs", "EPSG:4490", "--out", files["out"], "--json",
    )  # fmt: skip
    report = json.loads(done.stdout)["sources"]
    assert (report["rows"], report["located"], report["uncovered"]) == (3, 3, 1)
    assert report["assigned"] == {"1": 3, "2": 2}
    assert report["stated_elsewhere"] == 1


def test_an_undeclared_register_is_an_input_error_that_lists_candidates(files: dict[str, Path]) -> None:
    done = gisgrid("audit", files["city"], "--sources", files["sources"], "--out", files["out"])
    assert done.returncode == 2
    assert "sources.csv" in done.stderr
    assert "EPSG:4490" in done.stderr
    assert "gcj02" in done.stderr
    assert not files["out"].exists()


def test_one_file_may_hold_all_levels(tmp_path: Path) -> None:
    rows = pd.concat([level(CITY), level(COUNTIES, dict.fromkeys(COUNTIES, "211100"))], ignore_index=True)
    rows["级别"] = ["市", "区县", "区县"]
    file = saved(gpd.GeoDataFrame(rows, crs="EPSG:4490"), tmp_path / "all.gpkg")
    done = gisgrid(
        "audit", file, "--level", "级别", "--levels", "市,区县", "--out", tmp_path / "out", "--json"
    )
    report = json.loads(done.stdout)
    assert [each["grids"] for each in report["levels"]] == [1, 2]
    assert report["coverage"][0]["gaps"]["count"] == 1


def test_a_named_level_that_is_absent_is_an_error_that_lists_the_values(tmp_path: Path) -> None:
    rows = level(COUNTIES)
    rows["级别"] = "区县"
    file = saved(rows, tmp_path / "all.gpkg")
    done = gisgrid("audit", file, "--level", "级别", "--levels", "市,区县", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "市" in done.stderr
    assert "区县" in done.stderr


def test_points_given_as_grids_are_refused(files: dict[str, Path], tmp_path: Path) -> None:
    points = saved(
        gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Point(123, 41)], crs=4490), tmp_path / "p.gpkg"
    )
    done = gisgrid("audit", points, "--out", files["out"])
    assert done.returncode == 2
    assert "p.gpkg" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--rings", "abc"),
        ("--rings", "-5"),
        ("--noise-width", "9"),
        ("--level", "级别"),
        ("--grid-crs", "EPSG:4490", "--grid-crs", "EPSG:4490", "--grid-crs", "EPSG:4490"),
        ("--grid-crs", "nonsense"),
        ("--code", "no such field"),
    ],
)
def test_a_wrong_option_is_a_clear_error(files: dict[str, Path], wrong: tuple[str, ...]) -> None:
    done = gisgrid("audit", files["city"], files["counties"], "--out", files["out"], *wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "→" in done.stderr


def test_a_missing_file_is_a_clear_error(files: dict[str, Path]) -> None:
    done = gisgrid("audit", files["city"], "nowhere.gpkg", "--out", files["out"])
    assert done.returncode == 2
    assert "nowhere.gpkg" in done.stderr


def test_a_repair_mends_slivers_and_proposes_the_rest(tmp_path: Path) -> None:
    city = saved(level(CITY), tmp_path / "city.gpkg")
    towns = {"a": box(0, 0, 1000, 2000), "b": box(1002, 0, 2000, 2000), "c": box(2100, 0, 4000, 2000)}
    file = saved(level(towns), tmp_path / "towns.gpkg")
    done = gisgrid("repair", city, file, "--out", tmp_path / "mended.gpkg")
    assert done.returncode == 0, done.stderr
    steps = gpd.read_file(tmp_path / "mended.gpkg", layer="steps")
    assert dict(zip(steps["size"], steps["applied"], strict=True)) == {"sliver": True, "real": False}
    assert gisgrid("repair", city, file, "--accept", "all", "--out", tmp_path / "all.gpkg").returncode == 0
    mended = gpd.read_file(tmp_path / "all.gpkg", layer="grids")
    for at in (1, 2):
        saved(mended[mended["level"] == at], tmp_path / f"mended{at}.gpkg")
    again = gisgrid(
        "audit", tmp_path / "mended1.gpkg", tmp_path / "mended2.gpkg", "--out", tmp_path / "out", "--strict"
    )
    assert again.returncode == 0, again.stdout


def test_no_input_is_overwritten(files: dict[str, Path]) -> None:
    before = files["counties"].read_bytes()
    done = gisgrid("repair", files["city"], files["counties"], "--out", files["counties"])
    assert done.returncode == 2
    assert files["counties"].read_bytes() == before
    again = files["city"].rename(files["city"].parent / "audit.gpkg")
    assert gisgrid("audit", again, files["counties"], "--out", again.parent).returncode == 2


def test_what_a_killed_run_left_behind_is_removed(files: dict[str, Path]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = files["out"] / f".gisgrid-{gone.pid}-abc"
    left.mkdir(parents=True)
    running = files["out"] / f".gisgrid-{os.getpid()}-abc"
    running.mkdir()
    assert gisgrid("audit", files["city"], "--out", files["out"]).returncode == 0
    assert not left.exists()
    assert running.exists()


def test_the_version_is_told() -> None:
    assert gisgrid("--version").stdout.startswith("gisgrid 0.")
