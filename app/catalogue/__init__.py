"""What is offered: every operation, declared."""
