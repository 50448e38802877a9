""".env.example tells of the settings that there are, and of no others."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from app.settings import known_names, load

CHECKOUT = Path(__file__).parents[2]
ASSIGNMENT = re.compile(r"^# (BFF_\w+)=(.*)$", re.MULTILINE)


def example() -> list[tuple[str, str]]:
    return ASSIGNMENT.findall((CHECKOUT / ".env.example").read_text("utf-8"))


def test_exactly_the_known_settings_are_named() -> None:
    """Each setting stands in the example once, and nothing else does."""
    assert sorted(name for name, _ in example()) == sorted(known_names())


def test_the_values_shown_are_the_defaults() -> None:
    """Taking every # away changes nothing."""
    assert load(dict(example())) == load({})


def test_the_example_is_up_to_date() -> None:
    """The example is what its generator writes today, descriptions included."""
    generator = CHECKOUT / "scripts" / "env_example.py"
    subprocess.run([sys.executable, generator, "--check"], check=True, timeout=60)
