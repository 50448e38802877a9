"""How long a published document is fresh (RFC 9111, section 4.2), within bounds of our own."""

from __future__ import annotations

from collections.abc import Mapping

# Not so short that we trouble the publisher, not so long that a withdrawn key lives on for a day.
LEAST_SECONDS = 300
MOST_SECONDS = 3600


def seconds_fresh(headers: Mapping[str, str]) -> int:
    """What Cache-Control grants, less what the document has spent in caches; an hour if it is silent."""
    directives = _directives(headers.get("cache-control", ""))
    if "no-store" in directives or "no-cache" in directives:
        return LEAST_SECONDS
    granted = _whole(directives.get("max-age", ""))
    if granted is None:
        return MOST_SECONDS
    spent = _whole(headers.get("age", "")) or 0
    return min(max(granted - spent, LEAST_SECONDS), MOST_SECONDS)


def _directives(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _whole(text: str) -> int | None:
    """A delta-seconds; one that is too large for anybody's counter is as good as 2^31."""
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= 10 else 2**31
