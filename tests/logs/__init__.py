"""Log lines: what each says, and that nothing else is said."""
