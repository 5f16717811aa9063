"""What an actor intends with a draft, as far as the actor's view of the workflow goes."""

from dataclasses import replace

from taskloom.engine.intent import Intent, read
from taskloom.engine.references import referring
from taskloom.engine.writing import Draft, Mode
from taskloom.errors import Fault, Invalid, NotFound
from taskloom.fields.base import BLANK, People
from taskloom.schema.compiled import Compiled


def intended(draft: Draft, workflow: Compiled, people: People) -> Intent:
    """Read a draft; fields that the view does not show are as unknown as any that is not there."""
    hidden = workflow.role.hidden
    if hidden.isdisjoint(draft.values):
        return referring(read(draft, workflow.base, people), draft, workflow, people)
    strange = [
        Fault(path=(key,), code="unknown", message="is not a field of this workflow")
        for key in draft.values
        if key in hidden
    ]
    known = {key: value for key, value in draft.values.items() if key not in hidden}
    plain = replace(draft, values=known, faults=(*draft.faults, *strange))
    return referring(read(plain, workflow.base, people), draft, workflow, people)


def require_unique(workflow: Compiled, intent: Intent, mode: Mode) -> None:
    """Refuse an update that names no task."""
    if mode != "update" or intent.unique is not None:
        return
    key = workflow.workflow.unique_id
    if key is None:
        raise NotFound("this workflow has no unique ID field, so nothing can be found by it")
    if all(fault.path[:1] != (key,) for fault in intent.faults):
        blank = Fault(path=(key,), code=BLANK, message="can't be blank")
        raise Invalid([*intent.faults, blank])
    raise Invalid(intent.faults)
