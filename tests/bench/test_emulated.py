"""What valgrind wrote is read by its names, in whatever order it counts."""

from __future__ import annotations

from bench.emulated import read

DUMP = """\
# callgrind format
events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw
fl=(1) a.c
fn=(1) main
16 400 3 2
totals: 1000 300 200 50 20 10 5 4 3
"""


def test_a_dump_is_read() -> None:
    assert dict(read(DUMP)) == {
        "instructions": 1000,
        "of which had to be fetched": 50,
        "data that had to be fetched": 30,
        "either, beyond the second level": 12,
    }
