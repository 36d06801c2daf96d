"""Land of a grid that lies outside every coarser one."""

from __future__ import annotations

from gisgrid.frames import FindingKind
from gisgrid.text import Text
from layers._findings import findings_layer

layer = findings_layer(
    "protrusions",
    FindingKind.PROTRUSION,
    title=Text(zh="越界", en="Protrusions"),
    about=Text(
        zh="下级网格伸出全部上级网格之外的土地。", en="Land of a grid that lies outside every coarser grid."
    ),
    position=22,
)
