"""The management API: workflows, users and keys, for admins; JSON below `/api/v1`."""

from collections.abc import Sequence

from flask_smorest import Blueprint

from taskloom.engine.engine import Engine
from taskloom.wire.base import Limits
from taskloom.wire.docs import documents
from taskloom.wire.management import infer, keys, meta, plans, team, users, workflows


def blueprints(engine: Engine, limits: Limits) -> Sequence[Blueprint]:
    """Make the blueprints of the management API."""
    return [
        workflows.blueprint(engine),
        plans.blueprint(engine),
        infer.blueprint(engine, limits),
        users.blueprint(engine, limits),
        team.blueprint(engine, limits),
        keys.blueprint(engine, limits),
        meta.blueprint(),
        documents.blueprint(engine, limits),
    ]
