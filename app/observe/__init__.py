"""What the operator sees: logs, the audit, metrics."""
