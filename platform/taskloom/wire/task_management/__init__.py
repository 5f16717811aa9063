"""The dialect of the Task Management API, one part of it a module."""

from taskloom.wire.task_management import dialect

__all__ = ["dialect"]
