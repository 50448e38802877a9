"""Traces: which spans there are, what they say, and whom they cost nothing."""
