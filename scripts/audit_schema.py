"""Writes docs/audit.schema.json, what every line of the audit is.

With `--check` nothing is written: exit 1 says that the file is not what would be written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.observe.audit_schema import audit_schema

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "audit.schema.json"


def main(arguments: list[str]) -> int:
    text = json.dumps(audit_schema(), indent=2) + "\n"
    if "--check" not in arguments:
        SCHEMA.write_text(text, "utf-8")
    elif not SCHEMA.is_file() or SCHEMA.read_text("utf-8") != text:
        print(f"{SCHEMA.name} is not up to date: run `make documents`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
