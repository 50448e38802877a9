"""docs/audit.schema.json is what the code writes."""

from __future__ import annotations

import json

import pytest
from jsonschema import (  # type: ignore[import-untyped]  # ships no types
    Draft202012Validator,
    ValidationError,
)

from app.observe.audit_schema import audit_schema

from .conftest import SCHEMA, VALIDATOR

LINE = {"channel": "audit", "time": "2026-01-01T00:00:00.000+00:00", "event": "user-revoked"}


def test_the_schema_is_fresh() -> None:
    """`make documents` writes it."""
    assert audit_schema() == SCHEMA
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        LINE | {"whom": None},
        LINE | {"whom": "ben", "event": "another"},
        LINE | {"whom": "ben", "channel": "log"},
        LINE | {"whom": "ben", "rights": {"ben": 1}},
    ],
)
def test_what_is_no_line_is_refused(line: dict[str, object]) -> None:
    """An event without what it has always, an unknown one, a null, another type."""
    VALIDATOR.validate(LINE | {"whom": "ben"})
    with pytest.raises(ValidationError):
        VALIDATOR.validate(json.loads(json.dumps(line)))
