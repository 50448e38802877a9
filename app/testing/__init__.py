"""A gateway and a platform for tests, and the checks that every declared operation passes.

For declarations of one's own (`BFF_CATALOGUE__EXTRA`, docs/extending.md); the project's own tests
stand on the same pieces.
"""

from app.testing.asks import Ask, Example
from app.testing.extension import Check, Extension
from app.testing.world import Browser, World, world

__all__ = ["Ask", "Browser", "Check", "Example", "Extension", "World", "world"]
