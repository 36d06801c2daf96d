"""Land that two or more grids of one level claim."""

from __future__ import annotations

from gisgrid.frames import FindingKind
from gisgrid.text import Text
from layers._findings import findings_layer

layer = findings_layer(
    "overlaps",
    FindingKind.OVERLAP,
    title=Text(zh="重叠", en="Overlaps"),
    about=Text(
        zh="同级两个或更多网格都划入的土地：多家负责，容易推诿。",
        en="Land that two or more grids of one level claim: each may leave it to the other.",
    ),
    position=21,
)
