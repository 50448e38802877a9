"""Several processes that serve one port: the supervisor and its workers."""
