"""A workflow as a mounted dialect sees it: names and values mapped both ways, people by id."""

from dataclasses import dataclass

from flask import Request

from taskloom.engine.engine import Engine
from taskloom.errors import NotFound
from taskloom.fields.base import People
from taskloom.model.people import Actor
from taskloom.model.rules import Facade
from taskloom.schema.compiled import Compiled
from taskloom.wire.auth import actor_of
from taskloom.wire.base import Limits
from taskloom.wire.links import base_url
from taskloom.wire.mounts import mounted, prefix_of


class Ids:
    """The people of a workspace by their ids: where e-mails are spoken of, ids are meant."""

    def __init__(self, people: People) -> None:
        self._people = people

    def id_of(self, email: str) -> str | None:
        """Return the id itself where it is that of a user of the workspace."""
        return email if self._people.email_of(email) is not None else None

    def email_of(self, user: str) -> str | None:
        """Return the id itself, or None when the user is gone."""
        return self.id_of(user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facing:
    """One request to a workflow behind a mount.

    `workflow` is what the actor may see of it, `people` speaks of users by id, `base` is the
    address of the mount without a slash at its end.
    """

    actor: Actor
    workflow: Compiled
    facade: Facade
    people: Ids
    base: str

    def address(self, path: str) -> str:
        """Return the address from outside of a path (with its query) below the mount."""
        return self.base + path

    def key(self, name: str) -> str | None:
        """Return the key of the field that the dialect calls so, or None where there is none."""
        key = self.facade.fields.get(name, name)
        return key if key in self.workflow.fields else None

    def stage_keys(self, status: str) -> tuple[str, ...]:
        """Return the keys of the stages that a status stands for, none if it is unknown."""
        mapped = self.facade.stages.get(status)
        if mapped is not None:
            return mapped
        key = self.workflow.stage_keys.get(status)
        return () if key is None or self.status(key) != status else (key,)

    def stage_name(self, status: str) -> str | None:
        """Return the name of the stage that writing a status means, as `Draft.stage` takes it."""
        keys = self.stage_keys(status)
        return self.workflow.stages[keys[0]].name if keys else None

    def status(self, stage: str) -> str:
        """Return the status that shows a stage; the stage's name where none is mapped to it."""
        for status, keys in self.facade.stages.items():
            if stage in keys:
                return status
        found = self.workflow.stages.get(stage)
        return stage if found is None else found.name

    def option(self, name: str, value: str, held: object = None) -> str:
        """Return the option of the field that writing a value of the dialect means.

        That is the one the task has, `held`, where it shows as this value already.
        """
        options = self.options(name, value)
        return next((option for option in options if option == held), options[0])

    def options(self, name: str, value: str) -> tuple[str, ...]:
        """Return the options of the field that a value of the dialect stands for."""
        return self.facade.values.get(name, {}).get(value, (value,))

    def value(self, name: str, option: str) -> str:
        """Return the value of the dialect that shows an option; the option where none does."""
        for value, options in self.facade.values.get(name, {}).items():
            if option in options:
                return value
        return option


def mount_url(request: Request, limits: Limits) -> str:
    """Return the address from outside of the mount of a request, without a slash at its end."""
    where = mounted(request)
    return base_url(request, limits) + (prefix_of(where.mount) if where is not None else "")


def face(request: Request, engine: Engine, limits: Limits) -> Facing:
    """Return the workflow of the actor's workspace that is behind the mount of the request.

    Raises `Unauthenticated`, or `NotFound` where no workflow is behind it, or not for this actor.
    """
    actor = actor_of(request, engine)
    where = mounted(request)
    if where is None:
        raise NotFound("there is nothing at this address")
    workflow = engine.workflows.mounted(actor, where.dialect, where.mount)
    facade = next(
        facade
        for facade in workflow.workflow.facades
        if (facade.dialect, facade.mount) == (where.dialect, where.mount)
    )
    return Facing(
        actor=actor,
        workflow=workflow,
        facade=facade,
        people=Ids(engine.people.people(actor)),
        base=mount_url(request, limits),
    )
