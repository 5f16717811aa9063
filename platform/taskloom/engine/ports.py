"""What the engine needs from the outside, as protocols; `storage` fulfils them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from taskloom.engine.blobs import Fetcher, FileStore
from taskloom.engine.callstore import CallStore
from taskloom.engine.jobs import ImportStore
from taskloom.engine.measures import FigureStore
from taskloom.engine.retries import RetryStore
from taskloom.engine.shelves import SavedViewStore
from taskloom.engine.shifts import Applied, ShiftStore
from taskloom.engine.stores import FeedStore, SessionStore
from taskloom.engine.upkeep import UpkeepStore
from taskloom.engine.versions import VersionStore
from taskloom.model.event import Change, Event
from taskloom.model.notification import Notification
from taskloom.model.people import Key, User, Workspace
from taskloom.model.task import Faces, Moment, Row, Task
from taskloom.model.workflow import Workflow
from taskloom.query.tree import Filter, Query
from taskloom.schema.compiled import Compiled, LinkSide


class Taken(Exception):
    """A unique value (task's unique ID, e-mail, workflow id) exists already."""


class LastAdmin(Exception):
    """Without this user, or with another role for them, a workspace would have no admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relink:
    """Which tasks the written task is linked to from now on, by id, instead of `old`.

    Applies only while `old` holds. Where a task of the other side can have one partner only, it
    leaves the one it had.
    """

    side: LinkSide
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def change(self) -> Change:
        """What the event of the write tells of it."""
        return Change(field=self.side.key, old=list(self.old), new=list(self.new))


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """A new task with the event that made it, and what it is linked to.

    `print` is a digest of all that was asked for, where that is worth remembering.
    """

    task: Task
    event: Event
    links: tuple[Relink, ...] = ()
    print: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A task before and after a write, with the event; applies only while `before.rev` holds.

    Of the values, exactly those are written that the event's changes name, as they name them.
    `print` is as that of an insertion.
    """

    before: Task
    after: Task
    event: Event
    links: tuple[Relink, ...] = ()
    print: bytes | None = None


class Printed(NamedTuple):
    """A task's id, and the digest of its last write if this version of the workflow made it."""

    id: str
    print: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A task that is removed, with the event of its end; applies only while `task.rev` holds."""

    task: Task
    event: Event


class TaskStore(Protocol):
    """Tasks of all workflows. Every write is one atomic operation that holds its event and links.

    Only what is written alone, not with many others, may bring links.
    """

    def prepare(self, workflow: Compiled) -> None:
        """Make the workflow's collection and indexes; harmless to repeat."""

    def drop(self, workflow: Compiled) -> None:
        """Remove all tasks, events, links and counters of the workflow."""

    def drop_rest(self) -> None:
        """Drop what is left of workflows that were deleted by a process that was then killed."""

    def insert(self, workflow: Compiled, new: Insertion) -> None:
        """Store a new task; raise `Taken` when its unique ID exists or a linked task is gone."""

    def insert_many(self, workflow: Compiled, new: Sequence[Insertion]) -> frozenset[str]:
        """Store new tasks; return the ids of those not stored because their unique ID exists."""

    def replace(self, workflow: Compiled, change: Replacement) -> bool:
        """Store a change; False when the task was changed, linked or deleted since `before`.

        Raises `Taken` when another task has the unique ID.
        """

    def replace_many(self, workflow: Compiled, changes: Sequence[Replacement]) -> frozenset[str]:
        """Store changes; return the ids of tasks that were changed or deleted since `before`."""

    def delete(self, workflow: Compiled, task: Task, event: Event) -> bool:
        """Remove a task and its links, keeping its history and `event`.

        False when `task.rev` is outdated.
        """

    def delete_many(
        self, workflow: Compiled, gone: Sequence[Removal], *, whole: bool = False
    ) -> frozenset[str]:
        """Remove tasks as `delete` does; return the ids of those that are outdated.

        As a `whole` all or none are removed, and where one is outdated the ids of all come back.
        """

    def commit(self, workflow: Compiled, writes: Sequence[Insertion | Replacement]) -> bool:
        """Store all writes in their order, links included, or nothing.

        False when a task is not there any more as it was, or a unique ID is taken.
        """

    def lost(self, workflow: Compiled, events: Mapping[str, str]) -> frozenset[str]:
        """Tell which of these tasks the event, an id beside each, never happened to.

        An event that the task does not hold any more, or not even the task is there, happened.
        """

    def get(self, workflow: Compiled, task: str) -> Task | None:
        """Return the task with this id."""

    def by_unique(self, workflow: Compiled, unique: str) -> Task | None:
        """Return the task with this canonical unique ID."""

    def row_by_unique(self, workflow: Compiled, unique: str) -> Row | None:
        """Return the task with this canonical unique ID as far as the view shows it."""

    def by_uniques(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Task]:
        """Return the tasks with these canonical unique IDs, by unique ID."""

    def printed(self, workflow: Compiled, uniques: Sequence[str]) -> Mapping[str, Printed]:
        """Tell of the tasks with these canonical unique IDs what was last asked of them."""

    def find(self, workflow: Compiled, query: Query) -> Iterator[Task]:
        """Yield matching tasks in order, in constant memory; with the links the query names."""

    def rows(self, workflow: Compiled, query: Query) -> Iterator[Row]:
        """Yield what `find` does, as far as the view shows it."""

    def faces(self, workflow: Compiled, query: Query) -> Faces | None:
        """Return the faces of a page of tasks; None where they are not to be had for all of them.

        The view shows all fields, and the query asks for all.
        """

    def linked(self, side: LinkSide, task: str) -> Sequence[str]:
        """Return the ids of all tasks linked to the task with this id."""

    def crowded(self, side: LinkSide, targets: Sequence[str], most: int) -> frozenset[str]:
        """Return which of the tasks of the other side are linked to `most` tasks or more."""

    def count(self, workflow: Compiled, where: Filter, *, estimate: bool = False) -> int:
        """Count matching tasks; or estimate how many they are, at a cost that is bounded."""

    def stage_counts(self, workflow: Compiled) -> Mapping[str, int]:
        """Count tasks by stage key."""

    def assigned_counts(self, workflow: Compiled, where: Filter) -> Mapping[tuple[str, str], int]:
        """Count matching tasks by each of their assignees and stage key."""

    def tallies(
        self, workflow: Compiled, where: Filter, fields: Sequence[str]
    ) -> Mapping[str, Mapping[str | None, int]]:
        """Count matching tasks by each value of each of these fields, None where it is unset.

        Fields are `STAGE` and single selects, at least one; all are counted in one command.
        """

    def unassign(self, workflow: Compiled, user: str, at: Moment, by: str | None) -> int:
        """Take a user off all tasks' assignees, each with its event; return how many."""

    def history(self, workflow: Compiled, task: str) -> Sequence[Event]:
        """Return everything that happened to a task, oldest first, deletion included."""

    def next_number(self, workflow: Compiled, count: int = 1) -> int:
        """Return the first of the next `count` numbers, starting at 1; none is given twice."""

    def last_number(self, workflow: Compiled) -> int:
        """Return the last number given, 0 when none was."""

    def reach_number(self, workflow: Compiled, number: int) -> None:
        """Make sure that later numbers are greater than `number`."""


class WorkflowStore(VersionStore, Protocol):
    """Workflows and all their versions."""

    def current(self, workspace: str, workflow: str) -> Compiled | None:
        """Return the newest version by public id; compiled once per process and version.

        May come from memory that is less than a second old.
        """

    def newest(self, workspace: str, workflow: str) -> Compiled | None:
        """Return the newest version as the database has it now; for who is about to change it."""

    def every(self, workspace: str) -> Sequence[Workflow]:
        """Return the newest version of each workflow, by title."""

    def mounts(self) -> Mapping[str, str]:
        """Return the dialect of every mount that some workflow of any workspace is behind.

        May come from memory that is less than a second old.
        """

    def claims(self) -> Sequence["Claim"]:
        """Return what is behind the mounts of all workspaces, as the database has it now."""

    def insert(
        self, workflow: Workflow, origin: str | None, at: Moment, by: str | None = None
    ) -> None:
        """Store the first version; raise `Taken` when its id or a mount is in the workspace."""

    def replace(
        self,
        workflow: Workflow,
        origin: str | None,
        at: Moment,
        *,
        by: str | None = None,
        applied: Applied | None = None,
    ) -> bool:
        """Store the next version; False when its predecessor is not the newest any more.

        `applied` tells of a plan that it came by. Raises `Taken` when another workflow of the
        workspace is behind one of its mounts.
        """

    def delete(self, workflow: Workflow) -> None:
        """Remove all versions, and note that its tasks are to be dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A workflow (by its `uid` and public id) that a dialect is mounted for."""

    workspace: str
    uid: str
    workflow: str
    dialect: str
    mount: str


class DirectoryStore(Protocol):
    """Workspaces, users and keys. Nothing here is served from memory older than a second."""

    def workspaces(self) -> Sequence[Workspace]: ...
    def workspace(self, workspace: str) -> Workspace | None: ...
    def found(
        self, workspace: Workspace, admin: User, password: str, *, key: Key, digest: str
    ) -> None:
        """Store a workspace with its first admin, and that one's password hash and key.

        All of it or nothing; raise `Taken` when the name, the e-mail or the digest exists.
        """

    def users(self, workspace: str) -> Sequence[User]:
        """Return the users of a workspace, oldest first."""

    def user(self, workspace: str, user: str) -> User | None: ...
    def user_by_email(self, email: str) -> User | None:
        """Find a user of any workspace; case does not matter."""

    def with_password(self, email: str) -> tuple[User, str | None] | None:
        """Find a user as `user_by_email` does, with the password hash of the same moment."""

    def insert_user(self, user: User, password: str | None) -> None:
        """Store a user with a password hash; raise `Taken` when the e-mail exists."""

    def change_user(self, before: User, after: User, password: str | None) -> bool:
        """Store what differs in `after`, but `left` and `roles`, which have their own methods.

        A password hash of None keeps the old one; another one adds 1 to the stored `epoch`. False
        when the user is gone or has another role than `before`. Raises `Taken` when the e-mail
        exists, and `LastAdmin`.
        """

    def leave(self, workspace: str, user: str, workflow: str) -> bool:
        """Take a user out of a workflow, by its `uid`; False when there is none to take out."""

    def give_role(self, workspace: str, user: str, workflow: str, role: str | None) -> bool:
        """Give a user the role with this id in a workflow, by its `uid`; None: that of all others.

        False when there is no such user.
        """

    def delete_user(self, user: User) -> bool:
        """Remove a user and all keys of that user, all or nothing; raise `LastAdmin`.

        False when the user is gone or has another role by now.
        """

    def signing_key(self) -> bytes:
        """Return the 32 random bytes that tokens are signed with: made once per database."""

    def keys(self, workspace: str) -> Sequence[Key]: ...
    def key(self, workspace: str, key: str) -> Key | None: ...
    def key_by_digest(self, digest: str) -> Key | None:
        """Find a key by the hex SHA-256 of its secret."""

    def insert_key(self, key: Key, digest: str) -> None:
        """Store a key; raise `Taken` when the digest exists."""

    def delete_key(self, workspace: str, key: str) -> bool:
        """Revoke a key; effective on every process within a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How many requests there were since `start`, which begins a minute or a day in UTC."""

    start: Moment
    count: int


class ThrottleStore(Protocol):
    """Counts requests, over all server processes."""

    def hit(self, credential: str, at: Moment) -> tuple[Hits, Hits]:
        """Count a request; return those of its minute and of its day, this one included."""


class NotificationStore(Protocol):
    """What users are told; kept until its time is over."""

    def insert_many(self, new: Sequence[Notification]) -> int:
        """Store those whose id is not there yet, whoever else stores them; return how many."""

    def every(self, workspace: str, user: str) -> Iterator[Notification]:
        """Yield what a user was told, newest first, in constant memory."""

    def mark_read(self, workspace: str, user: str, ids: Sequence[str]) -> int:
        """Note that a user has read these; return how many of them are that user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The engine's whole outside; `clock` gives milliseconds, `new_id` 24 hex digits."""

    tasks: TaskStore
    workflows: WorkflowStore
    directory: DirectoryStore
    throttle: ThrottleStore
    notifications: NotificationStore
    imports: ImportStore
    upkeep: UpkeepStore
    retries: RetryStore
    sessions: SessionStore
    feed: FeedStore
    saved_views: SavedViewStore
    figures: FigureStore
    shifts: ShiftStore
    calls: CallStore
    files: FileStore
    fetcher: Fetcher
    clock: Callable[[], Moment]
    new_id: Callable[[], str]
