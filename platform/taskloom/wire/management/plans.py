"""Plans: what a new version would do to the tasks, applied when it was looked at, taken back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from flask import Response, request
from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.engine.impact import Breaking, Conversion, Removed
from taskloom.engine.plans import Plan
from taskloom.errors import Fault, NotFound
from taskloom.schema.changes import Difference
from taskloom.wire.answer import answer
from taskloom.wire.auth import actor_of
from taskloom.wire.docs.describe import TEXT, documented, parameter, reply
from taskloom.wire.management.meta import MEDIA
from taskloom.wire.management.workflows import FILE, FILE_REQUEST, NAMED, source_of_request

_LARGEST_VERSION: Final = 9
_COUNT: Final = {"type": "integer", "minimum": 0}
_PATH: Final = {"type": "array", "items": {"type": ["string", "integer"]}}
_NAMES: Final = {"type": "array", "items": TEXT, "maxItems": 20}


def _object(**properties: object) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(**properties: object) -> dict[str, Any]:
    return {"type": "array", "items": _object(**properties)}


_PLAN: Final = _object(
    id={**TEXT, "description": "Is `?plan=` of the `PUT` that applies exactly this."},
    version=_object(**{"from": {"type": "integer"}, "to": {"type": "integer"}}),
    tasks={**_COUNT, "description": "How many tasks there are."},
    changes=_list(
        path=_PATH,
        kind={
            "enum": [
                "added",
                "removed",
                "renamed",
                "converted",
                "rules",
                "stages",
                "workflow",
                "presentation",
            ]
        },
        text=TEXT,
    ),
    faults={
        **_list(path=_PATH, code=TEXT, message=TEXT, hint=TEXT),
        "description": "What has to be put right first: a plan with faults cannot be applied.",
    },
    breaking={
        **_list(path=_PATH, message=TEXT, count=_COUNT, tasks=_NAMES),
        "description": "Rules of the new version that tasks break, and did not break before: how "
        "many tasks, and the unique IDs of the first. They stay as they are until they are written "
        "the next time.",
    },
    conversions={
        **_list(
            **{
                "field": TEXT,
                "from": TEXT,
                "to": TEXT,
                "converted": _COUNT,
                "kept": _COUNT,
                "examples": {
                    **_list(task=TEXT, value={"description": "As it was shown."}),
                    "maxItems": 20,
                },
            }
        ),
        "description": "Fields whose kind changes: how many values convert, and how many are kept "
        "aside because they do not.",
    },
    removed={
        **_list(field=TEXT, key=TEXT, count=_COUNT),
        "description": "Fields that are removed; their values are kept until they are purged.",
    },
    exact={
        "type": "boolean",
        "description": "All tasks were looked at. Of very many tasks only some are, and counts are "
        "of those.",
    },
)
_KEPT: Final = _list(
    key={**TEXT, "description": "What it is purged by."},
    title=TEXT,
    count={**_COUNT, "description": "So many tasks hold such a value."},
)
_VERSION: Final = parameter(
    "version", "Number of the version.", {"type": "string"}, place="path", example="1"
)
_KEY: Final = parameter("key", "Key as `removed` lists it.", place="path", example="size")


def plan_shown(plan: Plan) -> dict[str, object]:
    """Spell a plan for the wire."""
    return {
        "id": plan.id,
        "version": {"from": plan.old, "to": plan.new},
        "tasks": plan.tasks,
        "changes": list(map(_change, plan.changes)),
        "faults": list(map(_fault, plan.faults)),
        "breaking": list(map(_breaking, plan.breaking)),
        "conversions": list(map(_conversion, plan.conversions)),
        "removed": list(map(_removed, plan.removed)),
        "exact": plan.exact,
    }


def _change(change: Difference) -> Mapping[str, object]:
    return {"path": list(change.path), "kind": change.sort, "text": change.text}


def _fault(fault: Fault) -> Mapping[str, object]:
    return {**asdict(fault), "path": list(fault.path)}


def _breaking(rule: Breaking) -> Mapping[str, object]:
    return {**asdict(rule), "path": list(rule.path)}


def _conversion(conversion: Conversion) -> Mapping[str, object]:
    return {
        "field": conversion.title,
        "from": conversion.old,
        "to": conversion.new,
        "converted": conversion.converted,
        "kept": conversion.kept,
        "examples": list(map(asdict, conversion.examples)),
    }


def _removed(gone: Removed) -> Mapping[str, object]:
    return {"field": gone.title, "key": gone.key, "count": gone.count}


def _number(version: str) -> int:
    if not (version.isascii() and version.isdigit() and len(version) <= _LARGEST_VERSION):
        raise NotFound("there is no such version")
    return int(version)


class Plans:
    """The views; each takes the request of the moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "Plan a new version",
        description="Says what the file would change and what would become of the tasks; changes "
        "nothing. `PUT` with `?plan=` and the plan's id applies it.",
        parameters=[NAMED],
        request=FILE_REQUEST,
        replies={200: reply("The plan.", _PLAN)},
        errors=(404,),
    )
    def plan_workflow(self, workflow: str) -> Response:
        """Plan the file's version."""
        actor = actor_of(request, self._engine)
        source = source_of_request()
        return answer(plan_shown(self._engine.plans.plan(actor, workflow, source)))

    @documented(
        "Plan to go back",
        description="The plan for an earlier version's file: values that a conversion kept aside "
        "come back, where they were not changed since.",
        parameters=[NAMED, _VERSION],
        replies={200: reply("The plan.", _PLAN)},
        errors=(404, 422),
    )
    def plan_version(self, workflow: str, version: str) -> Response:
        """Plan an earlier version's file."""
        actor = actor_of(request, self._engine)
        return answer(plan_shown(self._engine.plans.back(actor, workflow, _number(version))))

    @documented(
        "Get a version's file",
        parameters=[NAMED, _VERSION],
        replies={200: reply("The workflow file, exactly as it was pushed.", FILE, media=MEDIA)},
        errors=(404,),
    )
    def get_version(self, workflow: str, version: str) -> Response:
        """Answer the file of one version."""
        actor = actor_of(request, self._engine)
        found = self._engine.plans.version(actor, workflow, _number(version))
        return Response(found.source, mimetype=MEDIA)

    @documented(
        "List what is kept aside",
        description="Values that no field shows: those of removed fields, and those of kinds that "
        "fields had before.",
        parameters=[NAMED],
        replies={200: reply("What is kept.", _KEPT)},
        errors=(404,),
    )
    def list_removed(self, workflow: str) -> Response:
        """Answer what is kept aside."""
        actor = actor_of(request, self._engine)
        return answer(list(map(asdict, self._engine.plans.kept(actor, workflow))))

    @documented(
        "Purge what is kept aside",
        description="For good: going back does not bring these values back.",
        parameters=[NAMED, _KEY],
        replies={204: reply("Purged.")},
        errors=(404,),
    )
    def purge_removed(self, workflow: str, key: str) -> Response:
        """Remove kept values from all tasks."""
        actor = actor_of(request, self._engine)
        self._engine.plans.purge(actor, workflow, key)
        return Response(status=204)


def blueprint(engine: Engine) -> Blueprint:
    """Make the blueprint."""
    views = Plans(engine)
    made = Blueprint(
        "plans",
        __name__,
        url_prefix="/api/v1",
        description="Changes of workflows, looked at first.",
    )
    one = "/workflows/<workflow>"
    made.add_url_rule(f"{one}/plan", view_func=views.plan_workflow, methods=["POST"])
    version = f"{one}/versions/<version>"
    made.add_url_rule(version, view_func=views.get_version, methods=["GET"])
    made.add_url_rule(f"{version}/plan", view_func=views.plan_version, methods=["POST"])
    made.add_url_rule(f"{one}/removed", view_func=views.list_removed, methods=["GET"])
    made.add_url_rule(f"{one}/removed/<key>", view_func=views.purge_removed, methods=["DELETE"])
    return made
