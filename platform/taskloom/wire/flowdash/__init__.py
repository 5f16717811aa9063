"""The native dialect, one part of the API a module."""

from taskloom.wire.flowdash import dialect

__all__ = ["dialect"]
