"""What may be remembered, and for how long: caches that all server processes drop together."""

import fcntl
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_COUNTER = struct.Struct("<Q")
LIFETIME_SECONDS = 0.9
LARGEST_CACHE = 10_000


class Generation:
    """A number in a small file that all processes of one machine see in their memory.

    It grows after every write to what the caches hold; whoever sees another number than before
    forgets everything.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with self._alone():
            if os.fstat(self._file).st_size < _COUNTER.size:
                os.ftruncate(self._file, _COUNTER.size)
        self._memory = mmap.mmap(self._file, _COUNTER.size)

    @property
    def value(self) -> int:
        """The number now; costs a read of memory."""
        number: int = _COUNTER.unpack_from(self._memory)[0]
        return number

    def bump(self) -> None:
        """Make every process forget what it remembers."""
        with self._alone():
            _COUNTER.pack_into(self._memory, 0, self.value + 1)

    @contextmanager
    def bumped(self) -> Iterator[None]:
        """Bump after a write; after a failed one too, for it may have reached the database."""
        try:
            yield
        finally:
            self.bump()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # A file lock holds between processes, not between the threads of one.
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the number stays in it."""
        self._memory.close()
        os.close(self._file)


class Fresh(Generic[K, V]):
    """Remembers what was read for 0.9 seconds at most, and never past the next write.

    The generation covers this machine at once; the short life covers all others. That something
    is absent is never remembered.
    """

    def __init__(
        self, generation: Generation, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._generation = generation
        self._clock = clock
        self._held: dict[K, tuple[int, float, V]] = {}

    def get(self, key: K, load: Callable[[], V | None]) -> V | None:
        """Return what is remembered under `key`, or load it."""
        # Both are taken before loading: a write that comes in between must not be missed.
        generation, now = self._generation.value, self._clock()
        held = self._held.get(key)
        if held is not None and held[0] == generation and now < held[1]:
            return held[2]
        value = load()
        if value is None:
            self._held.pop(key, None)
            return None
        if len(self._held) >= LARGEST_CACHE:
            self._held.clear()
        self._held[key] = (generation, now + LIFETIME_SECONDS, value)
        return value
