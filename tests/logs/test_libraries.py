"""What libraries say: warnings and worse, and no values of settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from app.observe.logs import INDISCREET, make_log, tame_others
from app.settings import LogFormat, LogSettings


@pytest.fixture
def out() -> Iterator[StringIO]:
    """Where libraries' lines go; afterwards everything about loggers is as it was."""
    root, names = logging.getLogger(), INDISCREET
    before = root.handlers, root.level, [logging.getLogger(name).level for name in names]
    stream = StringIO()
    tame_others(make_log(LogSettings(format=LogFormat.JSON), stream))
    yield stream
    root.handlers, level, levels = before
    root.setLevel(level)
    for name, one in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(one)


def test_a_library_that_warns_by_showing_values_is_silent(out: StringIO) -> None:
    """The parser of OTEL_EXPORTER_OTLP_HEADERS repeats what it cannot read, credentials included."""
    logging.getLogger("some.library").warning("it is late")
    from opentelemetry.util.re import parse_env_headers  # noqa: PLC0415  # it warns while it reads

    parse_env_headers("Authorization: Bearer a-canary-of-a-token")
    assert "it is late" in out.getvalue()
    assert "canary" not in out.getvalue()
