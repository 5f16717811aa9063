"""Passwords: only a slow hash of one is kept, and a wrong one costs as much time as a right one."""

import secrets
import threading
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from taskloom.errors import Fault
from taskloom.fields.base import BLANK

LONGEST_PASSWORD = 1024
ROUNDS = 2
MEMORY_KIB = 19 * 1024
"""The least that OWASP advises, for sign-ins must fit into a process's memory beside the rest."""

_HASHER = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)
_AT_ONCE = 2


class Passwords:
    """Hashes and verifies, two at a time."""

    def __init__(self) -> None:
        self._turns = threading.Semaphore(_AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turns:
            return _HASHER.hash(_bytes(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Tell whether this is the password; without a hash it is not, after the same time."""
        if not self._nobodys:
            self._nobodys = self.hash(secrets.token_urlsafe(16))
        try:
            with self._turns:
                _HASHER.verify(hashed or self._nobodys, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


def password_faults(password: str) -> Iterator[Fault]:
    """Say what is wrong with a password that somebody chose."""
    if not password:
        yield Fault(path=("password",), code=BLANK, message="is required")
    if len(password) > LONGEST_PASSWORD:
        message = f"must have at most {LONGEST_PASSWORD} characters"
        yield Fault(path=("password",), code="too_long", message=message)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
