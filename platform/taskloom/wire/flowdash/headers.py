"""What the headers of a list tell about it: how many tasks there are, which index would help."""

from collections.abc import Mapping
from typing import Final

from taskloom.engine.engine import Engine
from taskloom.model.people import Actor
from taskloom.query.serving import hint
from taskloom.schema.compiled import Compiled
from taskloom.wire.flowdash.query import Asked

TOTAL: Final = "X-Total-Count"
TOTAL_KIND: Final = "X-Total-Count-Kind"
HINT: Final = "X-Query-Hint"
NEXT: Final = "X-Next-Cursor"


def about(engine: Engine, actor: Actor, workflow: Compiled, wanted: Asked) -> Mapping[str, str]:
    """Tell what is known of a list; its tasks are counted only where that is asked for."""
    told = {}
    if said := hint(wanted.query, workflow):
        told[HINT] = said
    if wanted.count is not None:
        estimate = wanted.count == "estimate"
        total = engine.tasks.count(actor, workflow, wanted.query.where, estimate=estimate)
        told |= {TOTAL: str(total), TOTAL_KIND: wanted.count}
    return told
