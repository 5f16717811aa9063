"""Rules of a workflow across its fields: approvals, checklist, reminders, lists, facades, links."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """The approval process of a workflow.

    `steps` is the key of the field of kind `approvalSteps`, `owner` that of a person field, if
    any. The others are stage keys; `restart_on` are field keys and `_assignee`, whose change takes
    a task back to `start`.
    """

    steps: str
    owner: str | None
    start: str
    waiting: str
    done: str
    returned: str
    cancelled: str
    restart_on: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """What follows from a checklist: `items` and `progress` are field keys.

    `none`, `some` and `all` are the stages of a task of whose items none, some or all are done;
    None where the stage does not follow.
    """

    items: str
    progress: str | None
    none: str | None = None
    some: str | None = None
    all: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Whom a task waits for is reminded so many hours before the value of the field `date`.

    `hours_before` is a number of hours, or the key of the field that holds it.
    """

    date: str
    hours_before: str | int | Decimal

    @property
    def fields(self) -> frozenset[str]:
        """The keys of the fields that the time of a reminder follows from."""
        hours = self.hours_before
        return frozenset({self.date, hours} if isinstance(hours, str) else {self.date})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A dialect that a workflow is mounted in.

    `fields` maps the dialect's names to field keys; what it leaves out has the same name. `stages`
    maps the dialect's statuses to stage keys, the first of which a write means. `values` maps, by
    dialect name, the dialect's values to options of the field, likewise.
    """

    dialect: str
    mount: str
    fields: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that an index is to serve: what it is filtered by, and then sorted by, either way.

    Both are field keys or `_stage`, `_assignee`, `_created`, `_updated`.
    """

    filter: tuple[str, ...]
    sorted_by: tuple[str, ...]


Cardinality = Literal["one-to-one", "one-to-many", "many-to-one", "many-to-many"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as the workflow file declares it, seen from the declaring workflow.

    `key` is immutable and unique in its workflow; `name` is shown here, `inverse` in the workflow
    `to` (a public id).
    """

    key: str
    name: str
    to: str
    inverse: str
    cardinality: Cardinality
