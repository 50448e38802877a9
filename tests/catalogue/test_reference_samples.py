"""The platform's own examples, read by our models."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.catalogue.operation import Operation
from app.catalogue.operations import INTERNAL
from tests.catalogue.wire_answers import data_of, readers, undeclared
from tests.sandbox.reference.asks import SAMPLES

# The reference writes "string" where only these make sense.
FILLED = {
    "role": "MEMBER",
    "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
}

ANSWERED = [(number, body) for (number, part), body in SAMPLES.items() if part.startswith("2")]
READ = [(operation, body) for number, body in ANSWERED for operation in readers(number)]


def filled(node: Any, name: str = "") -> Any:
    """The sample with sensible values in place of its placeholders."""
    if isinstance(node, dict):
        return {key: filled(value, key) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(part) for part in node]
    return FILLED.get(name, node) if node == "string" else node


@pytest.mark.parametrize(("operation", "body"), READ, ids=lambda value: getattr(value, "id", ""))
def test_a_documented_answer_is_read(operation: type[Operation[Any]], body: Any) -> None:
    """The data of every documented success satisfies the model that reads it."""
    undeclared(operation, data_of(200, json.dumps(filled(body)).encode()))


def test_every_documented_answer_has_a_reader() -> None:
    """No documented success is left out: an operation reads it, or the gateway itself does."""
    read = {operation.upstream.number for operation, _ in READ if operation.upstream}
    internal = {upstream.number for upstream in INTERNAL.values()}
    assert {number for number, _ in ANSWERED} == read | internal
