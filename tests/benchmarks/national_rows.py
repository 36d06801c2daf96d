"""The nation in a database: all levels of grids and a million sources, through the imports' own door."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np

from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.plans import NEW, Target
from gisgrid.importing.seeds import import_seeds
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.store.database import Database
from gisgrid.text import Text
from tests.benchmarks.nation import nation

SOURCES = 1_000_000
CLASSES = np.array(["A", "B", "C", "待定"])


def load_nation(database: Database) -> None:
    """Import everything, and say how long it took."""
    paths = nation()
    import_seeds(database)
    begin = time.perf_counter()
    levels = tuple(LevelFile(paths[name], "EPSG:4490") for name in ("cities", "counties", "townships"))
    plan = Target(
        NEW, Text(zh="全国", en="Nation"), Text(zh="全国", en="China"), publish_from=date(2015, 1, 1)
    )
    import_grids(database, GridImport(AuditRequest(levels), plan))
    print(f"  grids imported, audited and published in {time.perf_counter() - begin:.0f} s")
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "sources.parquet"
        _register(paths["sources"]).to_parquet(register, index=False)
        import_sources(database, RegisterImport(PointFile(register, "EPSG:4490")))
    print(f"  {SOURCES:,} sources imported and assigned in {time.perf_counter() - begin:.0f} s")


def _register(path: Path) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(11)
    sources = gpd.read_parquet(path).sample(SOURCES, random_state=11)
    sources["编号"] = [f"N{number:07d}" for number in range(SOURCES)]
    sources["名称"] = "示例源" + sources["编号"]
    sources["管理类别"] = rng.choice(CLASSES, SOURCES, p=[0.5, 0.3, 0.1, 0.1])
    return sources[["编号", "名称", "管理类别", "geometry"]]
