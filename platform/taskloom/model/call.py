"""A call of the API: what somebody asked a workflow for, and what was answered."""

from dataclasses import dataclass

from taskloom.model.task import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request and its answer; `by` is the id of a user, None for a key without one and nobody.

    `query` is what stands behind the question mark, `ms` how long the answer took. `request` and
    `answer` are the starts of the bodies; None where there was none, or none that is text.
    """

    id: str
    at: Moment
    by: str | None
    method: str
    path: str
    query: str
    status: int
    ms: int
    request: str | None = None
    answer: str | None = None
