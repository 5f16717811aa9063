"""Requests that are sent again because their answer was lost: done once, answered the same.

A try holds its request for a short time, and anew as long as it runs; so a request whose process
died can be taken up by the next try. What that finds done already follows from its `Origin`.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from taskloom.engine.terms import Origin
from taskloom.errors import Conflict, Fault, Invalid, TaskloomError
from taskloom.model.people import Actor

HEADER: Final = "Idempotency-Key"
KEPT_HOURS: Final = 24
LONGEST_KEY: Final = 255
REUSED: Final = "key_reused"

HELD_MS: Final = 10_000
_BEAT_SECONDS: Final = 3.0
_WAIT_SECONDS: Final = 2
_ROOT_DIGITS: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a request, which holds it: by a `token` of its own, from the same `root`."""

    request: str
    token: str
    root: str
    again: bool

    @property
    def origin(self) -> Origin:
        """Where the request's writes come from."""
        return Origin(root=self.root, again=self.again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The answer to a request; its body is read by the request's name."""

    request: str
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What else is known of a request: that another was sent by the name, or that it still runs."""

    same: bool


class RetryStore(Protocol):
    """Requests and their answers, by names of 64 hex digits; all times are the database's."""

    def begin(self, attempt: Try, fingerprint: str, *, hold: int, keep: int) -> Try | Kept | Other:
        """Hold a request for so many milliseconds, and keep it for as many as `keep` says.

        The try that comes back is a later one, with the root of the first, where a try before it
        was let go or its time is over.
        """

    def hold(self, attempts: Collection[Try], hold: int) -> None:
        """Hold the requests of these tries from now on for so many milliseconds."""

    def let_go(self, attempt: Try) -> None:
        """Let the next try go on at once."""

    def forget(self, attempt: Try) -> None:
        """Let the next try be the first one."""

    def finish(
        self, attempt: Try, status: int, headers: Mapping[str, str], body: Iterable[bytes]
    ) -> None:
        """Keep the answer."""

    def body(self, request: str) -> Iterator[bytes]:
        """Yield the body of an answer."""


class Retries:
    """Lets a request with a key be done once, however often it comes."""

    def __init__(self, store: RetryStore, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id
        self._running = _Running(store)

    def begin(self, actor: Actor, key: str, fingerprint: str) -> Try | Kept:
        """Begin a request of the actor's, or return the answer it had.

        Raises `Conflict` while it runs, and `Invalid` where the key was used for another request.
        """
        name = sha256(f"{actor.workspace}\n{actor.credential}\n{key}".encode()).hexdigest()
        token = self._new_id()
        # As long as an id with the rest left open; the moment stands first, as in all ids.
        root = (token[:8] + sha256(f"{name}{token}".encode()).hexdigest())[:_ROOT_DIGITS]
        found = self._store.begin(
            Try(request=name, token=token, root=root, again=False),
            fingerprint,
            hold=HELD_MS,
            keep=KEPT_HOURS * 3_600_000,
        )
        if not isinstance(found, Other):
            return found
        if found.same:
            message = "the request with this key is still running"
            raise Conflict(message, retry_after=_WAIT_SECONDS)
        raise Invalid(
            [
                Fault(
                    path=(HEADER,),
                    code=REUSED,
                    message="was used for another request",
                    hint="a key stands for one request, body included",
                )
            ]
        )

    @contextlib.contextmanager
    def running(self, attempt: Try) -> Iterator[None]:
        """Hold a request for as long as the block takes."""
        self._running.add(attempt)
        try:
            yield
        finally:
            self._running.remove(attempt)

    def finish(
        self, attempt: Try, status: int, headers: Mapping[str, str], body: Iterable[bytes]
    ) -> None:
        """Keep an answer."""
        self._store.finish(attempt, status, headers, body)

    def fail(self, attempt: Try, *, by_origin: bool) -> None:
        """Let the request be sent again; what it wrote `by_origin` is then found."""
        with contextlib.suppress(TaskloomError):
            if by_origin:
                self._store.let_go(attempt)
            else:
                self._store.forget(attempt)

    def body(self, kept: Kept) -> Iterator[bytes]:
        """Yield the body of an answer."""
        return self._store.body(kept.request)


class _Running:
    """The tries of this process; a thread holds their requests as long as there are any."""

    def __init__(self, store: RetryStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._attempts: dict[str, Try] = {}
        self._beating = False

    def add(self, attempt: Try) -> None:
        with self._lock:
            self._attempts[attempt.token] = attempt
            if self._beating:
                return
            self._beating = True
        threading.Thread(target=self._beat, name="retries", daemon=True).start()

    def remove(self, attempt: Try) -> None:
        with self._lock:
            del self._attempts[attempt.token]

    def _beat(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(_BEAT_SECONDS)
            with self._lock:
                attempts = list(self._attempts.values())
                if not attempts:
                    self._beating = False
                    return
            # Whoever cannot be held now may be the next time, or is taken up by another try.
            with contextlib.suppress(TaskloomError):
                self._store.hold(attempts, HELD_MS)
