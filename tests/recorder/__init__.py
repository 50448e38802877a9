"""Recording a platform, and playing it again."""
