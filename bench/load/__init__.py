"""What asks: wrk for closed loops, and small programs of our own for what wrk cannot do."""
