"""What `bff` does, a module for each command; app/cli.py names them."""
