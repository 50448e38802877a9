"""A long mixed load with faults that come and go, and what is left of it: `make soak`.

    python -m tests.soak --seconds 600 --seed 1

Each word of the report is read from outside: from answers, from the platform itself, from /proc.
"""
