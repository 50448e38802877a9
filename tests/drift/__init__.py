"""Answers that are not what was declared: told of, and tolerated where that is safe."""
