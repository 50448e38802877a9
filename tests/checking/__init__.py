"""`bff check`: what is found without asking, and what those answer whom the settings name."""
