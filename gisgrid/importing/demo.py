"""The Panjin demo region, brought in through the same door as anybody's files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.plans import NEW, Target
from gisgrid.importing.receptors import import_receptors
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.store.database import Database
from gisgrid.text import Text

TERRITORY = Text(zh="盘锦市", en="Panjin")
PLAN_2015 = Text(zh="2015 年网格划分方案", en="Grid division plan of 2015")
VALID_FROM = date(2015, 12, 30)


def load_demo(database: Database, folder: Path) -> None:
    """Load the demo region of `folder` into a migrated database; running it again changes nothing."""
    import_grids(
        database,
        GridImport(
            AuditRequest(
                tuple(LevelFile(folder / f"level{level}.geojson", "EPSG:4490") for level in (1, 2, 3))
            ),
            Target(NEW, PLAN_2015, TERRITORY, publish_from=VALID_FROM),
        ),
    )
    sources = PointFile(folder / "sources.csv", "EPSG:4490")
    import_sources(database, RegisterImport(sources))
    receptors = PointFile(folder / "receptors.csv", "EPSG:4490")
    import_receptors(database, RegisterImport(receptors))
