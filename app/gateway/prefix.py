"""Where the public operations begin."""

API = "/api/v1"
