"""What the layers of sources share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import case

from gisgrid.layer import Column, Kind
from gisgrid.model import Source
from gisgrid.report.words import LOCATIONS
from gisgrid.text import Text
from layers._look import CLASS_WEIGHT

WEIGHT: Final = case(
    *((Source.source_class == each, weight) for each, weight in CLASS_WEIGHT.items()), else_=0
)
"""The heavier the class, the sooner a point is kept."""

LOCATION: Final = Column(
    "location",
    Text(zh="坐标状态", en="Coordinates"),
    words={each.value: words for each, words in LOCATIONS.items()},
)
LOCATED_BY: Final = Column("located_by", Text(zh="定位方式", en="Located by"))
STACK: Final = Column("stack_size", Text(zh="同点污染源数", en="Sources on the spot"), Kind.INTEGER)
STATED_NAME: Final = Column("stated_name", Text(zh="登记所属网格", en="Grid stated in the register"))
STATED_DISTANCE: Final = Column(
    "stated_distance_m", Text(zh="距登记网格", en="Distance to that grid"), Kind.NUMBER, "m"
)
