"""Sensitive receptors: schools, hospitals, homes, water sources, reserves, rivers."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id, Shape, Strs, geometry


class Receptor(Base):
    """A sensitive place, as a point, a line or a polygon."""

    __tablename__ = "receptor"
    __table_args__ = (Index("ix_receptor_grid_path", "grid_path", postgresql_using="gin"),)

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    kind: Mapped[str | None]
    location: Mapped[str]
    grid_path: Mapped[Strs]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.import_run.id"))
    changed_at: Mapped[CreatedAt]
    geometry: Mapped[Shape] = geometry("GEOMETRY")
