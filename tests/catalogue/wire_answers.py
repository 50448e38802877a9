"""One answer of the platform, read by the model of the operation that it serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from app.catalogue.operation import Operation
from app.catalogue.operations import BUILT_IN
from app.catalogue.tenant_lists import ConnectionOnWire, StatusesOnWire
from app.gateway.drift import shape_of, unknown_fields
from app.upstream.envelope import open_envelope
from app.upstream.exchange import Incoming

# What the gateway gathers from several answers is declared as a whole: these read one answer.
SINGLE: Mapping[str, Any] = {
    "listConnections": list[ConnectionOnWire],
    "listAdAccounts": StatusesOnWire,
}


def readers(number: int) -> Iterator[type[Operation[Any]]]:
    """The operations that this operation of the platform serves."""
    for operation in BUILT_IN.operations:
        if operation.upstream is not None and operation.upstream.number == number:
            yield operation


def data_of(status: int, body: bytes) -> Any:
    """What is in the envelope; raises what the gateway would."""
    return open_envelope(Incoming(status, {"content-type": "application/json"}, body))


def undeclared(operation: type[Operation[Any]], data: Any) -> set[str]:
    """Paths of fields that the operation does not declare; raises when the data is not readable."""
    wire = SINGLE.get(operation.id, operation.wire_type)
    TypeAdapter(wire).validate_python(data)
    return set(unknown_fields(data, shape_of(wire)))
