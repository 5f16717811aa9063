"""The Workiva dialect's token endpoint: RFC 6749, client credentials."""

import pytest

from tests.wire.api import Api
from tests.wire.conftest import Ask
from tests.wire.wk import TOKEN, UNKNOWN, Wk, basic, client, error, workiva

READ, WRITE = "task:read", "task:write"
NO_TOKENS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer x.y.z",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "Basic dXNlcjpwYXNz",
    "Bearer \xff\xfe",
)
BROKEN: tuple[tuple[dict[str, str] | bytes, tuple[int, str]], ...] = (
    ({}, (400, "invalid_request")),
    ({"grant_type": ""}, (400, "invalid_request")),
    ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ({"grant_type": "client_credentials"}, (401, "invalid_client")),
    ({"grant_type": "client_credentials", "client_id": "x"}, (401, "invalid_client")),
    (client("", ""), (401, "invalid_client")),
    (client("\0", "\0" * 40), (401, "invalid_client")),
    (client("x" * 3000, "y" * 3000), (401, "invalid_client")),
    (client("x", "y" * 20_000), (400, "invalid_request")),
    (b"grant_type=client_credentials&grant_type=client_credentials", (400, "invalid_request")),
    (b"grant_type=%ff", (400, "invalid_request")),
    (b"grant_type=\xff", (400, "invalid_request")),
    (b"&".join(b"a%d=1" % n for n in range(50)), (400, "invalid_request")),
    (b"{}", (400, "invalid_request")),
    (b"", (400, "invalid_request")),
)


@pytest.fixture
def wk(api: Api, ask: Ask) -> Wk:
    return workiva(api, ask)


def refused(wk: Wk, form: dict[str, str] | bytes, **headers: str) -> tuple[int, str]:
    """Ask for a token that is refused, in words that RFC 6749 allows; nothing may be kept."""
    answer = wk.token(form, **headers)
    said = answer.json
    assert {"error", "error_description", "error_uri"} == set(said)
    assert set(said["error_description"]).isdisjoint('"\\')
    assert said["error_description"].isascii()
    assert "no-store" == answer.headers["Cache-Control"]
    assert (answer.status == 401) == ("WWW-Authenticate" in answer.headers)
    return answer.status, said["error"]


def test_wk_1_a_good_client_gets_a_token_and_a_bad_one_an_error(wk: Wk) -> None:
    ann = wk.person("ann")

    for answer in (
        wk.token(client(ann.id, ann.key)),
        wk.token(client(ann.email, ann.key)),
        wk.token({"grant_type": "client_credentials"}, Authorization=basic(ann.id, ann.key)),
    ):
        said = answer.json
        assert 200 == answer.status
        assert {"access_token", "expires_in", "scope", "token_type"} == set(said)
        assert ("bearer", f"{READ} {WRITE}") == (said["token_type"], said["scope"])
        assert said["expires_in"] > 0
        assert ("no-store", "no-cache") == (
            answer.headers["Cache-Control"],
            answer.headers["Pragma"],
        )
        assert 200 == wk.list(key=said["access_token"]).status
    for name, secret in ((ann.id, "tl_" + "x" * 40), (UNKNOWN, ann.key), (wk.admin(), ann.key)):
        assert (401, "invalid_client") == refused(wk, client(name, secret))


def test_the_id_of_a_key_is_a_client_id_too_and_needs_no_user(wk: Wk) -> None:
    """Who acts for the workspace is nobody, so such a task has no owner."""
    made = wk.api.post("/keys", {"name": "robot"}).json

    token = wk.token(client(made["id"], made["key"])).json["access_token"]
    task = wk.post({"title": "Robotic"}, key=token).json

    assert (None, None) == (task["owner"], task["created"]["user"])


def test_a_token_holds_the_scopes_that_were_asked_for_and_are_known(wk: Wk) -> None:
    ann = wk.person("ann")

    for asked, granted in (
        (READ, READ),
        (f"file:read {WRITE}", WRITE),
        (f"{WRITE}  {READ}", f"{READ} {WRITE}"),
        ("", f"{READ} {WRITE}"),
        ("  ", f"{READ} {WRITE}"),
    ):
        assert granted == wk.token(client(ann.id, ann.key, scope=asked)).json["scope"]
    assert (400, "invalid_scope") == refused(wk, client(ann.id, ann.key, scope="file:read"))


def test_a_token_goes_no_further_than_its_client(wk: Wk) -> None:
    made = wk.api.post("/keys", {"name": "reader", "scopes": [READ]}).json

    assert READ == wk.token(client(made["id"], made["key"])).json["scope"]
    form = client(made["id"], made["key"], scope=WRITE)
    assert (400, "invalid_scope") == refused(wk, form)


def test_wk_2_without_a_token_nothing_is_answered(wk: Wk) -> None:
    for answer in (wk.list(key=None), wk.get(UNKNOWN, key=None), wk.post({}, key=None)):
        error(answer, 401, "Unauthorized")
        assert "Bearer" == answer.headers["WWW-Authenticate"]


def test_what_is_no_token_is_refused(wk: Wk) -> None:
    for header in NO_TOKENS:
        error(wk.list(key=None, headers={"Authorization": header}), 401, "Unauthorized")


def test_a_forged_token_is_refused(wk: Wk) -> None:
    token = wk.person("ann").token
    head, body, sign = token.split(".")

    for forged in (
        f"{head}.{body}.{sign[::-1]}",
        f"{head}.{body}.",
        f"{head}.{body[::-1]}.{sign}",
        f"{token}.{sign}",
    ):
        error(wk.list(key=forged), 401, "Unauthorized")


def test_wk_3_a_token_that_may_only_read_writes_nothing(wk: Wk) -> None:
    ann = wk.person("ann", role="manager", scope=READ)
    task = wk.task()["id"]

    assert (200, 200) == (wk.list(by=ann).status, wk.get(task, by=ann).status)
    for answer in (
        wk.post({"title": "x"}, by=ann),
        wk.set(task, "title", "x", by=ann),
        wk.act(task, "SUBMIT", by=ann),
        wk.request("DELETE", f"/tasks/{task}", by=ann),
    ):
        error(answer, 403, "Forbidden")
    assert ["Review"] == wk.found()


def test_a_token_that_may_only_write_reads_nothing(wk: Wk) -> None:
    ann = wk.person("ann", scope=WRITE)
    task = wk.task()["id"]

    error(wk.list(by=ann), 403, "Forbidden")
    error(wk.get(task, by=ann), 403, "Forbidden")
    assert 200 == wk.set(task, "title", "Written", by=ann).status


def test_the_tokens_and_secrets_of_a_deleted_user_are_worth_nothing(wk: Wk) -> None:
    ann = wk.person("ann")
    assert wk.api.delete(f"/users/{ann.id}").status in {200, 204}

    assert (401, "invalid_client") == refused(wk, client(ann.id, ann.key))
    error(wk.list(by=ann), 401, "Unauthorized")


def test_revoking_a_key_ends_its_tokens(wk: Wk) -> None:
    made = wk.api.post("/keys", {"name": "robot"}).json
    token = wk.token(client(made["id"], made["key"])).json["access_token"]
    assert wk.api.delete(f"/keys/{made['id']}").status in {200, 204}

    error(wk.list(key=token), 401, "Unauthorized")
    assert (401, "invalid_client") == refused(wk, client(made["id"], made["key"]))


def test_a_token_of_another_workspace_sees_nothing_here(wk: Wk) -> None:
    """There no workflow is behind the mount."""
    wk.task()

    error(wk.list(key=wk.api.other_workspace()), 404, "NotFound")


def test_a_broken_request_is_refused_in_the_shape_of_the_standard(wk: Wk) -> None:
    for form, expected in BROKEN:
        assert expected == refused(wk, form), form


def test_a_broken_header_names_no_client(wk: Wk) -> None:
    form = {"grant_type": "client_credentials"}

    for header in ("Basic", "Basic !", "Basic /w==", "Basic eHg=", "Bearer x"):
        assert (401, "invalid_client") == refused(wk, form, Authorization=header), header


def test_a_client_is_named_once(wk: Wk) -> None:
    ann = wk.person("ann")
    header = basic(ann.id, ann.key)
    form = {"grant_type": "client_credentials"}

    assert (400, "invalid_request") == refused(wk, client(ann.id, ann.key), Authorization=header)
    other = {**form, "client_id": UNKNOWN}
    assert (400, "invalid_request") == refused(wk, other, Authorization=header)
    assert 200 == wk.token({**form, "client_id": ann.id}, Authorization=header).status


def test_tokens_are_asked_for_by_forms_only(wk: Wk) -> None:
    json = {"Content-Type": "application/json"}

    assert (400, "invalid_request") == refused(wk, b"{}", **json)
    error(wk.request("GET", TOKEN, key=None), 405, "MethodNotAllowed")
