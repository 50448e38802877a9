"""Where in the request a fault is, as an RFC 6901 pointer."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HARMLESS = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def pointer(location: Sequence[str | int]) -> str:
    """`("body", "members", 0, "role")` as `/body/members/0/role`.

    Names of fields can be the caller's own words (a field that nobody declared), so what is not a
    plain name is shown as `…`.
    """
    return "".join(f"/{step if _HARMLESS.fullmatch(str(step)) else '…'}" for step in location)
