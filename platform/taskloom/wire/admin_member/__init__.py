"""The Admin/Member dialect: the tasks of a team, its people, and reports for its admins."""

from taskloom.wire.admin_member import dialect

__all__ = ["dialect"]
