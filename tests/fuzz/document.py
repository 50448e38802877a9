"""The committed document as Schemathesis reads it, and how long it may look for faults."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.schemas import BaseSchema

Drawn = Case[Any]

DOCUMENT = Path(__file__).parents[2] / "openapi" / "bff.json"
RAW: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
# FUZZ_EXAMPLES=500 looks longer, and at other examples each time; without it every run is the same.
MORE_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def load(given: dict[str, Any] = RAW) -> BaseSchema:
    """A copy of the document, so that who loads it may configure it."""
    document = copy.deepcopy(given)
    # On a plain-http loopback origin the cookie bears this name.
    document["components"]["securitySchemes"]["session"]["name"] = "bff-dev"
    schema = schemathesis.openapi.from_dict(document)
    schema.config.seed = 1
    # Too much is refused as well, before anybody looks at what it is.
    refusals = schema.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "413"]
    # The callers are signed in; drawn credentials would only meet a 401.
    schema.config.generation.update(with_security_parameters=False)
    return schema


def operation_of(case: Drawn) -> str:
    """Its operationId."""
    return str(case.operation.definition.raw["operationId"])


def budget(examples: int, steps: int = 1) -> settings:
    """So many examples, of so many steps where they are journeys."""
    return settings(
        max_examples=MORE_EXAMPLES or examples,
        derandomize=not MORE_EXAMPLES,
        database=None,
        deadline=None,
        # How long it takes to draw a campaign says nothing about the gateway.
        suppress_health_check=list(HealthCheck),
        stateful_step_count=steps,
    )
