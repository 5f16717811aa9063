"""How the Admin/Member dialect spells errors that no request brings about on purpose."""

import pytest

from taskloom.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotAllowed,
    NotFound,
    TaskloomError,
    TooMany,
    Unavailable,
    Unexpected,
    Unseen,
)
from taskloom.wire.admin_member.errors import render, saying


def test_our_own_mistakes_tell_nothing_but_their_reference() -> None:
    told = render(Unexpected("a KeyError in tasks.py", reference="abc"))

    assert (500, {"message": "Server error", "error": "abc"}) == (told.status, told.body)


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (TooMany("slower", retry_after=7), 429, {"Retry-After": "7"}),
        (Unavailable("later"), 503, {"Retry-After": "2"}),
        (NotAllowed("GET only", allow=["GET", "PUT"]), 405, {"Allow": "GET, PUT"}),
        (Conflict("two at once"), 409, {}),
    ],
)
def test_other_errors_keep_their_words(
    error: TaskloomError, status: int, headers: dict[str, str]
) -> None:
    told = render(error)

    assert (status, headers) == (told.status, told.headers)
    assert {"message": error.message} == told.body


def test_every_fault_is_told_once_with_its_hint() -> None:
    blank = Fault(path=("email",), code="blank", message="can't be blank")
    odd = Fault(path=("x", 2, "y"), code="unknown", message="is unknown", hint="did you mean z?")

    told = render(Invalid([blank, odd, blank]))

    assert {"message": "email can't be blank; x[2].y is unknown (did you mean z?)"} == told.body


def test_a_scope_that_is_lacking_is_told_whatever_the_route_would_say() -> None:
    lacking = Forbidden("the credential lacks the scope task:write", verb="scope")

    with pytest.raises(Forbidden) as caught, saying(forbidden="Not authorized"):
        raise lacking
    assert {"message": lacking.message} == render(caught.value).body


def test_the_innermost_words_are_said() -> None:
    with (
        pytest.raises(NotFound) as caught,
        saying(missing="Task not found"),
        saying(missing="Checklist item not found"),
    ):
        raise NotFound("nothing here")

    assert {"message": "Checklist item not found"} == render(caught.value).body
    assert (403, {"message": "Not authorized"}) == (
        render(Unseen("there is no task with this id", verb="read")).status,
        render(Unseen("there is no task with this id", verb="read")).body,
    )
