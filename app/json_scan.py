"""What must not reach a JSON parser: nesting beyond a bound, and numbers that are not finite.

Scanned and not recursed: the depth of what somebody sends must not become the depth of our stack.
Most bodies are cleared by passes over all of their bytes at once; what these cannot tell apart is read
closely. The patterns never go back over what they have read, so that nobody can make the scan slow.
"""

from __future__ import annotations

import re

DEEPEST = 64
# A string that never ends is one string too, else each of its quotes would start another search.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{\]}]")
# The words that JSON does not have, and exponents (of what is not zero) and digits that together could
# pass 1e308.
_NOT_FINITE = re.compile(
    rb"NaN|Infinity|(?<!\d)\d{200}|(?<![\d.])0*+\.?+0*+[1-9][\d.]*+[eE]\+?0*+[1-9]\d{2}"
)
# Every digit as 0, and e as E.
_FIGURES = bytes.maketrans(b"e123456789", b"E000000000")
_FAR = (b"NaN", b"Infinity", b"E000", b"E+000", b"0" * 200)
# Both kinds of brackets as one, and all that is neither a bracket nor a quote.
_NESTING = bytes.maketrans(b"{}", b"[]")
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))


def json_fault(body: bytes) -> str | None:
    """What forbids parsing these bytes, None when nothing does. Linear in their length."""
    if out_of_range(body):
        return "a number is out of range"
    return f"nested deeper than {DEEPEST}" if too_deep(body) else None


def out_of_range(body: bytes) -> bool:
    """Whether a number is not finite, or may not be as soon as it is a float."""
    figures = body.translate(_FIGURES)
    if not any(far in figures for far in _FAR):
        return False
    return _NOT_FINITE.search(_without_strings(body)) is not None


def too_deep(body: bytes) -> bool:
    """Whether brackets nest deeper than is allowed."""
    nesting = _nesting(body)
    for level in range(DEEPEST):
        if level + len(nesting) <= DEEPEST:
            return False
        # The innermost level is taken off, as long as that leads on.
        shorter = nesting.replace(b"[]", b"")
        if b'"' in nesting or len(shorter) > len(nesting) * 0.9:
            break
        nesting = shorter
    return _deeper(_without_strings(body))


def _nesting(body: bytes) -> bytes:
    """The brackets alone, if no string holds one: then each is a pair of quotes, and falls away."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return body.translate(_NESTING, _OTHER).replace(b'""', b"")


def _without_strings(body: bytes) -> bytes:
    return _STRINGS.sub(b'""', body)


def _deeper(bare: bytes) -> bool:
    depth = 0
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False
