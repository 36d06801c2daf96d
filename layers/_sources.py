"""What the layers of sources share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import case

from gisgrid.model import Source
from layers._look import CLASS_WEIGHT

WEIGHT: Final = case(
    *((Source.source_class == each, weight) for each, weight in CLASS_WEIGHT.items()), else_=0
)
"""The heavier the class, the sooner a point is kept."""
