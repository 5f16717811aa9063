"""A notification: something that a user is told of a task."""

from dataclasses import dataclass
from typing import Literal

from taskloom.model.task import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What `user` is told of a task; nobody is told twice under one `id`, of 24 hex digits.

    `workflow` is the `uid` of the task's workflow, `date` the day or moment in ISO text that it is
    about, `fields` the keys of the fields it gives away. It is forgotten after `until`.
    """

    id: str
    workspace: str
    user: str
    workflow: str
    task: str
    date: str
    fields: frozenset[str]
    at: Moment
    until: Moment
    kind: Literal["reminder"] = "reminder"
    read: bool = False
