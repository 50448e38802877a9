"""The scan of JSON that is too deep or out of range, against one that looks at each byte in turn."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.json_scan import DEEPEST, json_fault

PIECES = st.sampled_from(
    [
        *rb"""[ ] { } " \ \" \\ "a" "[" "]" "" "][" [[[[[]]]]] e0 00""".split(),
        *rb"""1e400 1E+0400 1e99 0.0e400 0.01e400 .1e400 NaN -Infinity "1e400" """.split(),
        *(b"[]" * 40, b"[" * 33, b"]" * 33, b'{"a":' * 31, b"}" * 31, b"9" * 150, b"9" * 201),
    ]
)
# Numbers that touch are no JSON, and no matter.
BODIES = st.lists(PIECES, max_size=25).map(b" ".join)


def slowly(body: bytes) -> bool:
    """Whether something forbids parsing, told byte by byte."""
    depth, inside, escaped, bare = 0, False, False, bytearray()
    for byte in body:
        if inside:
            inside = escaped or byte != ord('"')
            escaped = byte == ord("\\") and not escaped
            continue
        inside = byte == ord('"')
        bare.append(byte)
        depth += (byte in b"[{") - (byte in b"]}")
        if depth > DEEPEST:
            return True
    numbers = re.findall(rb"(?<![\d.])([\d.]*)[eE]\+?0*[1-9]\d{2}", bytes(bare))
    return re.search(rb"NaN|Infinity|\d{200}", bytes(bare)) is not None or any(
        mantissa.strip(b"0.") for mantissa in numbers
    )


@pytest.mark.holds(40)
@given(BODIES)
@example(b"[" * 65 + b"]" * 65)
@example(b"[" * 64 + b"]" * 64)
@example(b'["]"' * 65)
@example(b'["\\"]","\\\\"' * 65)
@example(b"[[]" * 65)
@settings(max_examples=1000, deadline=None)
def test_the_scan_finds_what_a_look_at_each_byte_finds(body: bytes) -> None:
    """Brackets in strings and escaped quotes hide nothing and pretend nothing."""
    assert (json_fault(body) is not None) is slowly(body)
