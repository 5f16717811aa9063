"""Envelopes read strictly: unknown names are refused by name, and every fault is told at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from taskloom.errors import Fault, Invalid
from taskloom.model.task import Moment
from taskloom.schema.hints import did_you_mean
from taskloom.wire.body import as_object

_UNKNOWN = "Unknown field."
_WHOLE = "_schema"


class Strict(Schema):
    """An envelope that has no room for names it does not know."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


def load(envelope: Strict, data: object) -> dict[str, Any]:
    """Read `data`, or raise `Invalid` with every fault."""
    try:
        loaded: dict[str, Any] = envelope.load(as_object(data))
    except ValidationError as error:
        raise Invalid(_faults(envelope, error.messages_dict)) from None
    return loaded


def _faults(envelope: Strict, messages: Mapping[str, Any]) -> Sequence[Fault]:
    known = [field.data_key or name for name, field in envelope.fields.items()]
    return [
        _fault(name, message, known)
        for name, told in messages.items()
        for message in (told if isinstance(told, list) else [str(told)])
    ]


def _fault(name: str, message: str, known: Sequence[str]) -> Fault:
    path = () if name == _WHOLE else (name,)
    if message == _UNKNOWN:
        hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
        return Fault(path=path, code="unknown", message="is unknown", hint=hint)
    return Fault(path=path, code="not_valid", message=message.removesuffix(".").lower())


def stamp(at: Moment) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SSZ`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
