"""Claims of workflows on mounts: one workflow of a workspace, one dialect of the server each."""

from collections.abc import Iterator, Sequence

from taskloom.engine.ports import Claim
from taskloom.errors import Fault
from taskloom.model.rules import Facade
from taskloom.model.workflow import Workflow


def claim_faults(new: Workflow, others: Sequence[Claim]) -> Iterator[Fault]:
    """Refuse mounts of a workflow that other workflows have already."""
    for position, facade in enumerate(new.facades):
        there = [claim for claim in others if claim.mount == facade.mount]
        told = _spoken_against(facade, new.workspace, there)
        if told is not None:
            path = ("workflow", "facade", position, "mount")
            yield Fault(path=path, code="taken", message=told[0], hint=told[1])


def _spoken_against(
    facade: Facade, workspace: str, there: Sequence[Claim]
) -> tuple[str, str] | None:
    """Say what the claims on a mount have against another one, and the remedy."""
    for claim in there:
        if claim.workspace == workspace:
            message = f"is that of the workflow {claim.workflow!r} already: {facade.mount!r}"
            return message, f"choose another mount, or take this one off {claim.workflow!r}"
    for claim in there:
        if claim.dialect != facade.dialect:
            # Whose it is, nobody outside that workspace may know.
            message = f"is where this server speaks {claim.dialect}: {facade.mount!r}"
            return message, "choose another mount"
    return None
