"""The dialect of the Workiva Tasks API, version 2026-01-01."""

from taskloom.wire.workiva import dialect

__all__ = ["dialect"]
