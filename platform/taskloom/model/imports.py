"""An import: a file of rows on its way into a workflow, as a job that outlives its server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from taskloom.errors import Fault
from taskloom.model.task import Moment

State = Literal["queued", "running", "held", "done", "failed", "cancelled"]
ENDED: Final[frozenset[State]] = frozenset({"done", "failed", "cancelled"})

Part = Literal["file", "rejects", "aside"]
"""What is kept of an import beside its record: the file that came, refused rows, columns aside."""

MODES: Final = ("upsert", "create", "update")
"""What each row of an import may do."""

UNKNOWN: Final = ("refuse", "aside", "ignore")
"""What may be done with columns that belong to no field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is to be imported.

    `mode` is what each row does: one of `MODES`. `reading` holds what is known of the
    file beforehand, such as its format and encoding, by the names of `exchange.opening.Choices`.
    `columns` says where columns go, None for one to be left out; `unknown` is what happens to those
    that find no field: one of `UNKNOWN`. A `dry_run` writes nothing; with `hold` the file is looked
    at, and nothing more until it is started.
    """

    mode: str = "upsert"
    dry_run: bool = False
    hold: bool = False
    unknown: str = "refuse"
    reading: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a file turned out to be.

    `notes` is what had to be found out about it, for people. `columns` names every column in the
    file's order with the field key, built-in or link it belongs to, None for one left out; `aside`
    are those kept aside, `named` the column with the unique ID. `proposed` is what the workflow
    could have so that more would arrive, `sample` are the values of the first rows by column; both
    as JSON text. `tabular` tells whether rows are cells.
    """

    tabular: bool
    notes: Sequence[str] = ()
    columns: Sequence[tuple[str, str | None]] = ()
    named: str | None = None
    aside: Sequence[str] = ()
    proposed: str = "{}"
    sample: str = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is: rows settled, bytes of the file read, milliseconds spent on it."""

    rows: int = 0
    read: int = 0
    spent: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose rights an import has: those of a credential, as long as it is good.

    `user` is None for "API"; `scopes` narrow the rights, None means all; `epoch` is the user's when
    the import began.
    """

    user: str | None
    credential: str
    scopes: frozenset[str] | None
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. `workflow` is the public id, `uid` that of the workflow which had it then.

    `name` and `size` (bytes) are those of the file. `reason` and `faults` say why it failed.
    `cancelling` is set once it is to end early. `tries` counts how often it was taken up since it
    last came further.
    """

    id: str
    workspace: str
    workflow: str
    uid: str
    holder: Holder
    name: str
    size: int
    options: Options
    at: Moment
    state: State = "queued"
    started: Moment | None = None
    ended: Moment | None = None
    analysis: Analysis | None = None
    progress: Progress = field(default_factory=Progress)
    reason: str = ""
    faults: Sequence[Fault] = ()
    cancelling: bool = False
    tries: int = 0

    @property
    def unprocessed(self) -> int | None:
        """How many rows were not tried; None where nobody has counted them."""
        return 0 if self.state == "done" else None

    @property
    def rate(self) -> int | None:
        """Rows a second so far."""
        done = self.progress
        return done.rows * 1000 // done.spent if done.spent else None

    @property
    def remaining(self) -> int | None:
        """Seconds that the rest will take at this rate, rounded up."""
        done = self.progress
        if self.state in ENDED:
            return 0
        if not done.read or not done.spent:
            return None
        left = max(self.size - done.read, 0)
        return -(-done.spent * left // (done.read * 1000))
