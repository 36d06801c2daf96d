"""The audit: from files of grids and sources to what is not covered."""

from gisgrid.audit.request import AuditRequest, LevelFile, PointFile
from gisgrid.audit.result import Audit, FileReport, LevelReport, SourceReport, SurroundingsReport
from gisgrid.audit.run import repair_files, run

__all__ = [
    "Audit",
    "AuditRequest",
    "FileReport",
    "LevelFile",
    "LevelReport",
    "PointFile",
    "SourceReport",
    "SurroundingsReport",
    "repair_files",
    "run",
]
