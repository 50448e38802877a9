"""What must not reach a JSON parser: nesting beyond a bound, and numbers that are not finite.

Scanned and not recursed: the depth of what somebody sends must not become the depth of our stack.
"""

from __future__ import annotations

import re

DEEPEST = 64
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{\]}]")
# Numbers that a double cannot hold, and the words that JSON does not have.
_NOT_FINITE = re.compile(rb"NaN|Infinity|[eE]\+?0*[1-9]\d{2,}|\d{309,}")


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
