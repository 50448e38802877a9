"""The platform without the platform: a stateful stand-in, and an identity provider beside it."""
