"""What a run tells while it goes on."""

from __future__ import annotations

import sys
import time

_BEGAN = time.monotonic()


def tell(what: str) -> None:
    """That a step is done, and after how many seconds."""
    print(f"  {time.monotonic() - _BEGAN:5.0f} s  {what}", file=sys.stderr, flush=True)
