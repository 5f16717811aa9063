"""Everything that speaks against a workflow file, told without a server."""

from taskloom.app.telling import placed
from taskloom.schema.load import FileFault, faults_of, load_workflow
from taskloom.wire.needs import facade_faults_of


def examined(source: str) -> list[FileFault]:
    """Tell every fault of a workflow file; of a good one, what its dialects still need of it."""
    found = faults_of(source)
    if found:
        return found
    workflow = load_workflow(source, workspace="", uid="", version=1)
    return placed(source, facade_faults_of(workflow))
