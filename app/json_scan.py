"""What must not reach a JSON parser: nesting beyond a bound, and numbers that are not finite.

Scanned and not recursed: the depth of what somebody sends must not become the depth of our stack.
The patterns never go back over what they have read, so that nobody can make the scan slow.
"""

from __future__ import annotations

import re

DEEPEST = 64
# A string that never ends is one string too, else each of its quotes would start another search.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{\]}]")
# The words that JSON does not have, and exponents and digits that together could pass 1e308.
_NOT_FINITE = re.compile(rb"NaN|Infinity|[eE]\+?0*+[1-9]\d{2}|(?<!\d)\d{200}")


def json_fault(body: bytes) -> str | None:
    """What forbids parsing these bytes, None when nothing does. Linear in their length."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST and not _NOT_FINITE.search(body):
        return None
    bare = _STRINGS.sub(b'""', body)
    if _NOT_FINITE.search(bare):
        return "a number is out of range"
    depth = 0
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            return f"nested deeper than {DEEPEST}"
    return None
