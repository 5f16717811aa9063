"""The token endpoint: OAuth 2.0 client credentials (RFC 6749), with the errors of that document."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from flask import Response, request

from taskloom.engine.engine import Engine
from taskloom.engine.people import Granted
from taskloom.errors import Invalid, TooLarge, Unauthenticated
from taskloom.wire.answer import answer
from taskloom.wire.body import received
from taskloom.wire.docs.describe import TEXT, body, documented, reply

FORM: Final = "application/x-www-form-urlencoded"
SCOPES: Final = ("task:read", "task:write")
GRANT: Final = "client_credentials"
ERRORS: Final = (
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "unsupported_grant_type",
)

_LARGEST: Final = 16 * 1024
_MOST_PARAMETERS: Final = 20
_UNKEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_EXPLAINED: Final = "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2"

_TOKEN: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "access_token": TEXT,
        "expires_in": {"type": "integer", "description": "In seconds."},
        "scope": {"type": "string", "description": "What was granted, separated by spaces."},
        "token_type": {"const": "bearer"},
    },
    "required": ["access_token", "expires_in", "scope", "token_type"],
    "additionalProperties": False,
}
_ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "error": {"enum": list(ERRORS)},
        "error_description": TEXT,
        "error_uri": {"type": "string", "format": "uri"},
    },
    "required": ["error"],
    "additionalProperties": False,
}
_FORM_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "grant_type": {"const": GRANT},
        "client_id": {
            "type": "string",
            "description": "The id of an API key, or the id or e-mail of its user.",
        },
        "client_secret": {"type": "string", "description": "The API key."},
        "scope": {"type": "string", "description": "Separated by spaces; all where absent."},
    },
    "required": ["grant_type"],
}


class Refused(Exception):
    """A token request that is refused; `error` is one of `ERRORS`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Tokens:
    """The view of the token endpoint."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @documented(
        "Get a token",
        description="The client is an API key: its id (or its user's id or e-mail) with the key as "
        "secret, by HTTP Basic or in the form. Scopes that are unknown here are left out.",
        request=body(_FORM_SCHEMA, media=FORM),
        replies={
            200: reply("The token.", _TOKEN, headers={"Cache-Control": "Always `no-store`."}),
            400: reply("The request is refused.", _ERROR),
            401: reply(
                "The client is unknown, or the secret is wrong.",
                _ERROR,
                headers={"WWW-Authenticate": "How to authenticate."},
            ),
        },
        errors=(429, 500, 503),
        public=True,
    )
    def get_token(self) -> Response:
        """Answer a token for a client."""
        try:
            granted = self._granted(_form())
        except Refused as refused:
            return _refusal(refused)
        told = {
            "access_token": granted.token,
            "expires_in": granted.expires_in,
            "scope": " ".join(sorted(granted.scopes)),
            "token_type": "bearer",
        }
        return answer(told, headers=_UNKEPT)

    def _granted(self, form: Mapping[str, str]) -> Granted:
        grant = form.get("grant_type")
        if not grant:
            raise Refused("invalid_request", "grant_type is missing")
        if grant != GRANT:
            raise Refused("unsupported_grant_type", f"grant_type can only be {GRANT}")
        client, secret = _client(form)
        scopes = _scopes(form.get("scope", ""))
        try:
            return self._engine.people.exchange(client, secret, scopes)
        except Unauthenticated:
            raise Refused("invalid_client", "the client id or secret is wrong") from None
        except Invalid:
            raise Refused("invalid_scope", "the scope goes beyond that of the client") from None


def _form() -> Mapping[str, str]:
    """Read the form, every parameter at most once."""
    if request.mimetype != FORM:
        raise Refused("invalid_request", f"the Content-Type must be {FORM}")
    try:
        with received(request, _LARGEST) as (sent, size):
            text = sent.read(size).decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except (TooLarge, ValueError):
        raise Refused("invalid_request", "the body is no form, or too large") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Refused("invalid_request", "a parameter is given twice")
    return form


def _client(form: Mapping[str, str]) -> tuple[str, str]:
    """Return the client's id and secret, from the header or the form but not from both."""
    basic = _basic()
    if basic is None:
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form or form.get("client_id", basic[0]) != basic[0]:
        raise Refused("invalid_request", "the client is named twice, in the header and the form")
    else:
        client, secret = basic
    if not client or not secret:
        raise Refused("invalid_client", "the client id and secret are missing")
    return client, secret


def _basic() -> tuple[str, str] | None:
    scheme, _, sent = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(sent.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("invalid_client", "the Authorization header is broken") from None
    client, _, secret = text.partition(":")
    return unquote(client), unquote(secret)


def _scopes(asked: str) -> frozenset[str] | None:
    """Return the scopes that are known here; None where all are asked for."""
    if not asked.split():
        return None
    known = frozenset(asked.split()) & frozenset(SCOPES)
    if not known:
        raise Refused("invalid_scope", f"no scope is known here; there are {', '.join(SCOPES)}")
    return known


def _refusal(refused: Refused) -> Response:
    told = {
        "error": refused.error,
        "error_description": refused.description,
        "error_uri": _EXPLAINED,
    }
    if refused.error != "invalid_client":
        return answer(told, 400, _UNKEPT)
    return answer(told, 401, {**_UNKEPT, "WWW-Authenticate": 'Basic realm="taskloom"'})
