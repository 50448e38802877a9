"""How an answer of the platform can differ from its declaration."""

from __future__ import annotations

from enum import StrEnum


class Difference(StrEnum):
    """Of one field."""

    UNDECLARED = "undeclared"
    MISSING = "missing"
    RETYPED = "retyped"
