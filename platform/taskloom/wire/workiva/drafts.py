"""What clients write: the properties of a task become a draft of the workflow behind the mount."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, cast

from taskloom.engine.writing import ABSENT, Draft
from taskloom.errors import ASSIGNEE, STAGE, Fault, Path, Refusal
from taskloom.fields.base import BLANK, INVALID, People
from taskloom.fields.moment import moment, pack
from taskloom.model.task import Task
from taskloom.model.values import Values
from taskloom.schema.hints import did_you_mean
from taskloom.wire.base import Titles
from taskloom.wire.exact import shortened
from taskloom.wire.facades import Facing
from taskloom.wire.workiva import names
from taskloom.wire.workiva.dates import with_time

_UNKNOWN: Final = "unknown"
_NO_USER: Final = "no_such_user"
_DUE_ORDER: Final = "due_order"
_OUT_OF_ORDER: Final = "must be after the due date before it, the task's first"
_MOST_GUESSED: Final = 5
_PLAIN: Final = (names.TITLE, names.DESCRIPTION, names.DUE, names.OWNER, names.SILENT)
_BUILT_IN: Final[Mapping[str, str]] = {names.ASSIGNEES: ASSIGNEE, names.STATUS: STAGE}
_NEW: Final = (
    *(name for name in _PLAIN if name != names.OWNER),
    names.ASSIGNEES,
    names.STEPS,
    names.LOCATION,
    names.STATUS,
)
_NOTHING: Final[tuple[object, ...]] = (None, "", False, [])
_LOCATION: Final[Mapping[str, str]] = {"resource": names.RESOURCE, "segment": names.SEGMENT}
_USER_ALSO: Final = frozenset({"displayName", "email"})
"""What examples of the API say of a user beyond the id; it is not read."""


def names_of(facing: Facing) -> Titles:
    """Name fields and built-ins as this dialect does; others by their titles."""
    workflow = facing.workflow
    titles = {key: field.title for key, field in workflow.fields.items()}
    own = {key: name for name in names.FIELDS if (key := facing.key(name)) is not None}
    return {**titles, **own, ASSIGNEE: names.ASSIGNEES, STAGE: names.STATUS}


def created(document: Mapping[str, object], facing: Facing) -> Draft:
    """Read a new task; what is read-only in it is left out."""
    given = {name: value for name, value in document.items() if name not in names.READ_ONLY}
    reading = Reading(facing)
    if names.OLD_DUE in given and names.DUE not in given:
        given[names.DUE] = given.pop(names.OLD_DUE)
    for name in _NEW:
        if name in given:
            reading.set(name, given.pop(name))
    if not facing.workflow.workflow.ignore_unknown:
        reading.faults += unknown(given, _NEW, "is not a property of a task")
    return reading.draft()


def changed(changes: Mapping[str, object], task: Task, facing: Facing) -> Draft:
    """Read new values of a task's properties."""
    reading = Reading(facing, task.values)
    for name, value in changes.items():
        reading.set(name, value)
    return reading.draft()


def unknown(
    given: Iterable[str], known: Iterable[str], message: str, path: Path = ()
) -> list[Fault]:
    """Refuse names that mean nothing, each with the nearest one that does."""
    return [
        Fault(
            path=(*path, shortened(name)),
            code=_UNKNOWN,
            message=message,
            hint=did_you_mean(shortened(name), known) if place < _MOST_GUESSED else "",
        )
        for place, name in enumerate(given)
    ]


class Reading:
    """Reads properties one by one; `before` are the values of a task that there is already."""

    def __init__(self, facing: Facing, before: Values | None = None) -> None:
        self.faults: list[Fault] = []
        self._facing = facing
        self._before = before or {}
        self._values: dict[str, object] = {}
        self._stage: object = ABSENT
        self._assignees: object = ABSENT

    def draft(self) -> Draft:
        """Return what was read so far."""
        return Draft(
            values=self._values,
            stage=self._stage,
            assignees=self._assignees,
            faults=(*self.faults, *self._due_faults()),
        )

    def _due_faults(self) -> Iterator[Fault]:
        """Refuse steps that are due no later than the task: it comes before them in their order.

        The order of the steps among themselves is for their field to keep.
        """
        due, steps = self._facing.key(names.DUE), self._facing.key(names.STEPS)
        if due is None or steps is None or not self._values.keys() & {due, steps}:
            return
        people, values = self._facing.people, {**self._before, **self._values}
        task = _moment(values.get(due), people)
        for place, own in enumerate(_dues(values.get(steps), people)):
            if task and own and own <= task:
                path = (steps, place, names.DUE) if steps in self._values else (due,)
                yield Fault(path=path, code=_DUE_ORDER, message=_OUT_OF_ORDER)

    def set(self, name: str, value: object) -> None:
        """Read one property."""
        special: Mapping[str, Callable[[object], None]] = {
            names.ASSIGNEES: self._set_assignees,
            names.STEPS: self._set_steps,
            names.LOCATION: self._set_location,
            names.STATUS: self._set_status,
        }
        if name in special:
            special[name](value)
        else:
            self._put(name, with_time(value) if name == names.DUE else value)

    def _put(self, name: str, value: object) -> None:
        key = self._facing.key(name)
        if key is not None:
            self._values[key] = value
        elif value not in _NOTHING:
            self._refuse((name,), _UNKNOWN, "is not a property of tasks here")

    def _refuse(self, path: Path, code: str, message: str, hint: str = "") -> None:
        self.faults.append(Fault(path=path, code=code, message=message, hint=hint))

    def _set_assignees(self, value: object) -> None:
        users = [] if value is None else self._users(value, (ASSIGNEE,))
        if users is not None:
            self._assignees = users

    def _set_status(self, value: object) -> None:
        name = self._facing.stage_name(value) if value in names.BY_HAND else None
        if name is None:
            hint = f"one of {', '.join(names.BY_HAND)}; others follow from actions"
            self._refuse((STAGE,), INVALID, "is not a status that can be set", hint)
        else:
            self._stage = name

    def _set_location(self, value: object) -> None:
        """Read what a task is attached to; it is one value, so one part of it fixes the other."""
        at = self._path(names.RESOURCE)
        if value is not None and not isinstance(value, dict):
            self._refuse(at, INVALID, "must be an object or null")
            return
        given = cast(Mapping[str, object], value or {})
        if value is not None:
            self.faults += unknown(
                [name for name in given if name not in _LOCATION],
                _LOCATION,
                "is not a property of a location",
                (names.LOCATION,),
            )
            if not given.get("resource"):
                self._refuse(at, BLANK, "can't be blank")
        for name, field in _LOCATION.items():
            self._put(field, given.get(name) or None)
        self._keep_location()

    def _keep_location(self) -> None:
        keys = [key for name in _LOCATION.values() if (key := self._facing.key(name)) is not None]
        held = {key: self._before[key] for key in keys if self._before.get(key)}
        now = {key: self._values[key] for key in keys if self._values.get(key)}
        if held and held != now:
            self._refuse(
                self._path(names.RESOURCE),
                "write_once",
                "can't be changed once a task is attached to something",
            )

    def _path(self, name: str) -> Path:
        return (self._facing.key(name) or name,)

    def _set_steps(self, value: object) -> None:
        """Read approval steps, responses left out, into what fields of their kind read."""
        if not isinstance(value, list):
            self._put(names.STEPS, value)
            return
        path, known = self._path(names.STEPS), len(self.faults)
        steps = [self._step(item, (*path, at)) for at, item in enumerate(value)]
        if len(self.faults) == known:
            self._put(names.STEPS, steps)

    def _step(self, step: object, path: Path) -> object:
        if not isinstance(step, dict):
            return step
        read = {name: value for name, value in step.items() if name != "responses"}
        if names.OLD_DUE in read and names.DUE not in read:
            read[names.DUE] = read.pop(names.OLD_DUE)
        if names.DUE in read:
            read[names.DUE] = with_time(read[names.DUE])
        if "participants" in read and read["participants"] is not None:
            read["participants"] = self._users(read["participants"], (*path, "participants"))
        return read

    def _users(self, value: object, path: Path) -> list[str] | None:
        """Read users as ids, each once; None where one of them cannot be read."""
        if not isinstance(value, list):
            self._refuse(path, INVALID, 'must be a list of users like {"id": "…", "type": "USER"}')
            return None
        ids = [self._user(item, (*path, at)) for at, item in enumerate(value)]
        read = [user for user in ids if user is not None]
        return list(dict.fromkeys(read)) if len(read) == len(ids) else None

    def _user(self, user: object, path: Path) -> str | None:
        if not isinstance(user, dict):
            self._refuse(path, INVALID, 'must be a user like {"id": "…", "type": "USER"}')
            return None
        odd = [name for name in user if name not in {"id", "type", *_USER_ALSO}]
        self.faults += unknown(odd, ("id", "type"), "is not a property of a user", path)
        known = user.get("id")
        is_one = isinstance(known, str) and self._facing.people.id_of(known) is not None
        if not is_one:
            self._refuse((*path, "id"), _NO_USER, "must be the id of a user of this workspace")
        is_user = user.get("type", "USER") == "USER"
        if not is_user:
            self._refuse((*path, "type"), INVALID, "must be USER")
        return known if is_one and is_user and not odd else None


def _dues(steps: object, people: People) -> Iterator[str]:
    """Yield the due dates of steps, as they are sent or held."""
    for step in steps if isinstance(steps, list | tuple) else ():
        due = step.get(names.DUE, step.get("due")) if isinstance(step, dict) else None
        yield _moment(due, people)


def _moment(text: object, people: People) -> str:
    """Return a due date in the form that sorts as time does; what is none is empty."""
    try:
        return pack(moment(text, people))
    except Refusal:
        return ""
