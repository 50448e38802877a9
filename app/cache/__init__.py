"""Stored answers: entries, epochs, single flight."""
