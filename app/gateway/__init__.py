"""How one asking is served: front, pipeline, access, routes, problems."""
