"""The tables of the platform; one file a noun.

Geometries are EPSG:4490, x = longitude. Who may see and change which rows is
said in `gisgrid.store.access` and enforced by the database.
"""

from __future__ import annotations

from gisgrid.model.account import AccessToken, Account, AccountRole, LoginSession
from gisgrid.model.base import SCHEMA, SRID, Base
from gisgrid.model.department import Department, Duty, DutyRole, DutyTransfer, Topic
from gisgrid.model.edit import Edit, EditChange, EditState
from gisgrid.model.finding import Assignment, Finding, Surrounding, UncoveredSource
from gisgrid.model.grid import Grid, GridKind, UnitBasis
from gisgrid.model.plan import Plan, PlanLevel, PlanState
from gisgrid.model.post import Letter, Person, Post, PostKind, Responsibility
from gisgrid.model.receptor import Receptor
from gisgrid.model.review import CheckReason, Comment, Decision, DecisionAction, Filing, FilingState
from gisgrid.model.source import WORK, Enterprise, Source, SourceClass, SourceUnit
from gisgrid.model.trail import ChangeNoted, DataVersion, ImportRun, TrailEntry

__all__ = [
    "SCHEMA",
    "SRID",
    "WORK",
    "AccessToken",
    "Account",
    "AccountRole",
    "Assignment",
    "Base",
    "ChangeNoted",
    "CheckReason",
    "Comment",
    "DataVersion",
    "Decision",
    "DecisionAction",
    "Department",
    "Duty",
    "DutyRole",
    "DutyTransfer",
    "Edit",
    "EditChange",
    "EditState",
    "Enterprise",
    "Filing",
    "FilingState",
    "Finding",
    "Grid",
    "GridKind",
    "ImportRun",
    "Letter",
    "LoginSession",
    "Person",
    "Plan",
    "PlanLevel",
    "PlanState",
    "Post",
    "PostKind",
    "Receptor",
    "Responsibility",
    "Source",
    "SourceClass",
    "SourceUnit",
    "Surrounding",
    "Topic",
    "TrailEntry",
    "UncoveredSource",
    "UnitBasis",
]
