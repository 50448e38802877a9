"""Bounds of what is remembered in a dict: who came first goes first."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import islice
from typing import Any


def drop_oldest(remembered: dict[Any, Any], most: int) -> None:
    """Where there are more than `most`, the oldest sixteenth goes at once.

    To find the first key of a dict whose first ones were deleted, Python looks at each place that they
    had: one at a time would cost more the larger the dict is.
    """
    if len(remembered) > most:
        gone: list[Hashable] = list(islice(remembered, max(1, most // 16)))
        for key in gone:
            del remembered[key]
