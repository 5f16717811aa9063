"""The Admin/Member Tasks API: signing in, profiles, users, pictures."""

from pathlib import Path
from typing import Any, Final

import jwt
import pytest
import time_machine

from taskloom.config import Settings, load
from taskloom.effects.base import EFFECTS
from taskloom.engine.engine import Engine
from tests.wire.am import Am, Person, admin_member, refused
from tests.wire.api import Api, Reply
from tests.wire.conftest import Ask

NOBODY: Final = "0123456789abcdef01234567"
INVITATION: Final = "an invitation for admins"
ANN: Final = {"name": "Ann", "email": "ann@example.com", "password": "correct horse"}
LOGIN: Final = {name: ANN[name] for name in ("email", "password")}
PNG: Final = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 64
WEBP: Final = b"RIFF\x40\0\0\0WEBPVP8 " + b"\0" * 64
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEX: Final = 24


@pytest.fixture
def invitation() -> str | None:
    """The server's invitation for admins."""
    return INVITATION


@pytest.fixture
def settings(tmp_path: Path, invitation: str | None) -> Settings:
    """A server where anybody may register."""
    given = {"data_dir": str(tmp_path / "data"), "signup": "open"}
    return load(given | ({} if invitation is None else {"invite_token": invitation}), {})


@pytest.fixture
def am(api: Api, ask: Ask) -> Am:
    return admin_member(api, ask)


def registered(am: Am, **changes: object) -> Any:
    """Register Ann, which must be fine, and give the answer."""
    answer = am.post("/auth/register", {**ANN, **changes}, key=None)
    assert 201 == answer.status, answer.json
    return answer.json


def test_am_1_without_a_valid_token_nothing_is_answered(am: Am) -> None:
    forged = jwt.encode({"sub": am.admin(), "ws": "x", "epoch": 0}, "k" * 32, algorithm="HS256")
    unsigned = jwt.encode({"sub": am.admin()}, None, algorithm="none")
    protected = (
        ("GET", "/tasks"),
        ("POST", "/tasks"),
        ("PUT", f"/tasks/{NOBODY}"),
        ("DELETE", f"/tasks/{NOBODY}"),
        ("PATCH", f"/tasks/{NOBODY}/progress"),
        ("GET", "/tasks/dashboard-data"),
        ("GET", "/auth/profile"),
        ("POST", "/auth/invite-admin"),
        ("POST", "/auth/upload-image"),
        ("GET", "/users"),
        ("GET", "/users/me"),
        ("PATCH", f"/users/{NOBODY}/role"),
        ("GET", "/reports/export/tasks"),
    )
    for method, path in protected:
        refused(am.request(method, path, key=None), 401, "Not authorized, no token")
        for token in ("nonsense", "a.b.c", forged, unsigned, "tl_" + "x" * 40):
            answer = am.request(method, path, key=token)
            refused(answer, 401, "Not authorized")
            assert "Bearer" == answer.headers["WWW-Authenticate"]


def test_am_2_who_registers_is_a_member(am: Am) -> None:
    answer = registered(am)

    assert "User registered successfully" == answer["message"]
    user = {"name": "Ann", "email": "ann@example.com", "role": "member", "profileImageUrl": ""}
    assert user.items() <= answer["user"].items()
    assert answer["user"].items() <= answer.items()
    assert HEX == len(answer["_id"])
    assert answer["user"] == am.get("/auth/profile", by=answer["token"]).json


def test_am_2_the_role_that_is_asked_for_is_ignored(am: Am) -> None:
    for number, role in enumerate(("admin", "manager", None, ["admin"])):
        answer = registered(am, email=f"user-{number}@example.com", role=role)

        assert ("member", "member") == (answer["role"], answer["user"]["role"])
        refused(am.get("/users", by=answer["token"]), 403, "Access denied, admin only")


def test_am_2_no_answer_holds_a_password(am: Am) -> None:
    answers = [
        am.post("/auth/register", ANN, key=None),
        am.post("/auth/login", LOGIN, key=None),
        am.get("/users"),
        am.get("/users/me"),
        am.put("/auth/profile", {"password": "another horse"}),
        am.post("/auth/invite-admin", {**ANN, "email": "bob@example.com"}),
    ]

    assert {200, 201} == {answer.status for answer in answers}
    assert not any(word in answer.body for answer in answers for word in (b"horse", b"argon"))


def test_am_3_an_e_mail_is_taken_once(am: Am) -> None:
    registered(am)

    for email in ("ann@example.com", "Ann@Example.com"):
        answer = am.post("/auth/register", {**ANN, "email": email}, key=None)
        refused(answer, 409, "User already exists")
        refused(am.post("/auth/invite-admin", {**ANN, "email": email}), 409, "User already exists")


def test_am_4_what_registering_and_signing_in_need(am: Am) -> None:
    for name in ANN:
        for blank in (None, "", "absent"):
            sent: dict[str, object] = {**ANN, name: blank}
            if blank == "absent":
                del sent[name]
            assert name in refused(am.post("/auth/register", sent, key=None), 400)
            if name in LOGIN:
                del sent["name"]
                answer = am.post("/auth/login", sent, key=None)
                refused(answer, 400, "Email and password required")
    said = refused(am.post("/auth/register", {"nam": "Ann"}, key=None), 400)
    assert all(name in said for name in ("nam is unknown", "email", "password"))
    assert "email is invalid" == refused(
        am.post("/auth/register", {**ANN, "email": "ann"}, key=None), 400
    )
    odd = {**ANN, "profileImageUrl": "javascript:alert(1)"}
    assert "profileImageUrl" in refused(am.post("/auth/register", odd, key=None), 400)
    assert ["admin@example.com"] == [user["email"] for user in am.get("/users").json]


def test_am_5_signing_in_gives_a_token(am: Am) -> None:
    ann = registered(am)

    answer = am.post("/auth/login", LOGIN, key=None)

    assert 200 == answer.status
    assert ann["user"] == answer.json["user"]
    assert ann["user"].items() <= answer.json.items()
    assert [] == am.listed(by=answer.json["token"])


def test_am_5_a_wrong_password_and_a_wrong_e_mail_are_told_alike(am: Am) -> None:
    registered(am)

    for wrong in ({**LOGIN, "password": "x"}, {**LOGIN, "email": "bob@example.com"}):
        refused(am.post("/auth/login", wrong, key=None), 401, "Invalid email or password")
    for odd in ({**LOGIN, "password": ["x"]}, {**LOGIN, "email": {"$gt": ""}}):
        assert "must be a text" in refused(am.post("/auth/login", odd, key=None), 400)


def test_am_6_a_token_expires_after_seven_days(am: Am) -> None:
    with time_machine.travel(0, tick=False) as clock:
        clock.move_to("2026-11-01T00:00:00Z")
        token = registered(am)["token"]
        clock.move_to("2026-11-07T23:59:00Z")
        assert [] == am.listed(by=token)
        clock.move_to("2026-11-08T00:00:01Z")
        refused(am.get("/tasks", by=token), 401, "Not authorized, token expired")


def test_am_6_a_token_of_a_user_who_is_gone_is_worthless(am: Am, engine: Engine) -> None:
    ann = registered(am)
    admin = engine.people.authenticate(am.api.key)

    engine.users.delete(admin, ann["_id"])

    refused(am.get("/tasks", by=ann["token"]), 401, "Not authorized")


def test_am_7_the_profile_shows_the_picture(am: Am) -> None:
    ann = registered(am, profileImageUrl="https://example.com/ann.png")

    answer = am.get("/auth/profile", by=ann["token"])

    expected = {
        "_id": ann["_id"],
        "name": "Ann",
        "email": "ann@example.com",
        "role": "member",
        "profileImageUrl": "https://example.com/ann.png",
    }
    assert (200, expected) == (answer.status, answer.json)


def test_am_7_a_profile_is_changed_and_a_new_password_ends_the_old_tokens(am: Am) -> None:
    old = registered(am)["token"]
    change = {"name": "Anna", "email": "anna@example.com", "password": "new horse"}

    answer = am.put("/auth/profile", change, by=old)

    assert 200 == answer.status
    assert ("Anna", "anna@example.com") == (answer.json["name"], answer.json["user"]["email"])
    refused(am.get("/tasks", by=old), 401)
    assert [] == am.listed(by=answer.json["token"])
    login = {"email": "anna@example.com", "password": "new horse"}
    assert 200 == am.post("/auth/login", login, key=None).status
    refused(am.put("/auth/profile", {"role": "admin"}, by=answer.json["token"]), 400)


def test_am_7_a_key_of_the_workspace_has_no_profile(am: Am) -> None:
    key = am.api.post("/keys", {"name": "robot"}).json["key"]

    refused(am.get("/auth/profile", by=key), 404, "User not found")
    refused(am.get("/users/me", by=key), 404, "User not found")
    refused(am.put("/auth/profile", {"name": "x"}, by=key), 404, "User not found")


def test_am_8_admins_make_admins(am: Am) -> None:
    ann = registered(am)
    bob = {"name": "Bob", "email": "bob@example.com", "password": "a horse"}

    answer = am.post("/auth/invite-admin", bob)

    assert 200 == answer.status
    assert "Admin user created successfully" == answer.json["message"]
    user = answer.json["user"]
    assert ("Bob", "bob@example.com", "admin") == (user["name"], user["email"], user["role"])
    for by in (ann["token"], am.person("mia", "manager")):
        answer = am.post("/auth/invite-admin", {**bob, "email": "cid@example.com"}, by=by)
        refused(answer, 403, "Access denied, admin only")
    for name in bob:
        assert name in refused(am.post("/auth/invite-admin", {**bob, name: ""}), 400)


def test_am_9_the_right_invitation_alone_makes_an_admin(am: Am) -> None:
    assert "admin" == registered(am, adminInviteToken=INVITATION)["role"]
    for number, wrong in enumerate(("", None, INVITATION.upper(), "x" * 1000, "é")):
        email = f"user-{number}@example.com"
        assert "member" == registered(am, email=email, adminInviteToken=wrong)["role"]


@pytest.mark.parametrize("invitation", [None, ""])
def test_am_9_without_an_invitation_of_the_server_nothing_makes_an_admin(am: Am) -> None:
    for number, sent in enumerate(("", None, "None", "null", " ")):
        email = f"user-{number}@example.com"
        assert "member" == registered(am, email=email, adminInviteToken=sent)["role"]


def test_am_10_admins_list_all_users_with_their_tasks(am: Am) -> None:
    ann, bob = am.person("ann"), am.person("bob")
    am.task(assignedTo=[ann.id, bob.id])
    am.task(assignedTo=[ann.id], status="InProgress")
    am.task(assignedTo=[ann.id], status="Completed")
    am.task(assignedTo=[ann.id], status="Completed")

    users = am.get("/users").json

    names = ("pendingTasks", "inProgressTasks", "completedTasks")
    counts = {user["email"]: tuple(user[name] for name in names) for user in users}
    admin = {"admin@example.com": (0, 0, 0)}
    assert {**admin, ann.email: (1, 1, 2), bob.email: (1, 0, 0)} == counts
    assert ["admin", "member", "member"] == [user["role"] for user in users]
    for by in (ann, am.person("mia", "manager")):
        refused(am.get("/users", by=by), 403, "Access denied, admin only")


def test_am_10_users_are_there_without_a_workflow(am: Am) -> None:
    assert 204 == am.api.delete("/workflows/team-tasks").status

    assert [0] == [user["pendingTasks"] for user in am.get("/users").json]
    refused(am.get("/tasks"), 404)


def test_am_11_oneself(am: Am) -> None:
    ann = registered(am)
    change = {"name": "Anna", "profileImageUrl": "https://example.com/a.png"}

    assert ann["user"] == am.get("/users/me", by=ann["token"]).json
    answer = am.patch("/users/me", change, by=ann["token"])

    expected = {
        "message": "Profile updated successfully",
        "user": {"_id": ann["_id"], **change},
    }
    assert (200, expected) == (answer.status, answer.json)
    assert change.items() <= am.get("/users/me", by=ann["token"]).json.items()
    cleared = am.patch("/users/me", {"profileImageUrl": None}, by=ann["token"]).json["user"]
    assert ("Anna", "") == (cleared["name"], cleared["profileImageUrl"])
    for odd in ({"role": "admin"}, {"name": ""}, {"name": 7}, {"profileImageUrl": "data:x"}):
        said = refused(am.patch("/users/me", odd, by=ann["token"]), 400)
        assert said.startswith(next(iter(odd)))


def test_am_12_a_member_sees_no_e_mail_or_role_of_others(am: Am) -> None:
    ann, bob = am.person("ann"), am.person("bob")

    other = am.get(f"/users/{ann.id}", by=bob)
    assert (200, {"_id": ann.id, "name": "ann", "profileImageUrl": ""}) == (
        other.status,
        other.json,
    )
    for by in (ann, None):
        whole = am.get(f"/users/{ann.id}", by=by).json
        assert (ann.email, "member") == (whole["email"], whole["role"])
    for unknown in (NOBODY, "7", "%00"):
        refused(am.get(f"/users/{unknown}", by=bob), 404, "User not found")


def test_am_13_admins_change_roles(am: Am) -> None:
    ann, bob = am.person("ann"), am.person("bob")
    path = f"/users/{ann.id}/role"

    answer = am.patch(path, {"role": "admin"})

    expected = {
        "message": "User role updated successfully",
        "user": {"_id": ann.id, "name": "ann", "role": "admin"},
    }
    assert (200, expected) == (answer.status, answer.json)
    assert 200 == am.get("/users", by=ann).status
    assert "member" == am.patch(path, {"role": "member"}).json["user"]["role"]
    for by in (bob, ann):
        refused(am.patch(path, {"role": "admin"}, by=by), 403, "Access denied, admin only")
    for role in ("manager", "root", "", None, 7):
        assert "role" in refused(am.patch(path, {"role": role}), 400)
    refused(am.patch(f"/users/{NOBODY}/role", {"role": "admin"}), 404, "User not found")


def test_am_13_an_admin_always_stays(am: Am) -> None:
    refused(am.patch(f"/users/{am.admin()}/role", {"role": "member"}), 403)
    key = am.api.post("/keys", {"name": "robot"}).json["key"]
    answer = am.patch(f"/users/{am.admin()}/role", {"role": "member"}, by=key)
    refused(answer, 409)
    assert "admin" == am.get("/users/me").json["role"]


def upload(
    am: Am, contents: bytes, *, by: Person | str | None = None, name: str = "image", **rest: Any
) -> Reply:
    """Upload a picture as a form does."""
    lines = [
        b"--x",
        f'Content-Disposition: form-data; name="{name}"; filename="me.png"'.encode(),
        b"Content-Type: image/png",
        b"",
        contents,
        b"--x--",
        b"",
    ]
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return am.post("/auth/upload-image", b"\r\n".join(lines), by=by, headers=headers, **rest)


def test_am_47_a_picture_is_uploaded_and_shown_to_whoever_has_its_address(am: Am) -> None:
    ann = am.person("ann")
    for contents, kind in ((PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")):
        answer = upload(am, contents, by=ann)
        assert 200 == answer.status, answer.json
        address = answer.json["imageUrl"]
        path = address.removeprefix("http://localhost/api")
        shown = am.get(path, key=None)
        assert (200, contents, kind) == (shown.status, shown.body, shown.headers["Content-Type"])
        assert "nosniff" == shown.headers["X-Content-Type-Options"]
        known = am.get(path, key=None, headers={"If-None-Match": shown.headers["ETag"]})
        assert (304, b"") == (known.status, known.body)


def test_am_47_nothing_but_pictures_is_taken(am: Am) -> None:
    for contents in (SVG, b"text", b"%PDF-1.7", b"GIF89a" + b"\0" * 64):
        assert "image" in refused(upload(am, contents), 400)
    refused(upload(am, b""), 400)
    refused(upload(am, PNG, name="file"), 400, "No file uploaded")
    refused(upload(am, PNG, key=None), 401)
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(am.post("/auth/upload-image", b"no form", headers=form), 400)
    key = am.api.post("/keys", {"name": "robot"}).json["key"]
    refused(upload(am, PNG, by=key), 403)


def test_am_47_without_a_form_there_is_no_file(am: Am) -> None:
    path, said = "/auth/upload-image", "No file uploaded"
    form = {"Content-Type": "multipart/form-data; boundary=x"}

    refused(am.post(path), 400, said)
    refused(am.post(path, b"", headers=form), 400, said)
    refused(am.post(path, {"image": "x"}), 400, said)
    refused(am.post(path, PNG, headers={"Content-Type": "image/png"}), 400, said)
    refused(am.post(path, key=None), 401)


def test_am_47_a_picture_lasts_as_long_as_its_user_shows_it(am: Am, engine: Engine) -> None:
    ann = am.person("ann")
    shown, former = (upload(am, PNG, by=ann).json["imageUrl"] for _ in range(2))
    am.patch("/users/me", {"profileImageUrl": shown}, by=ann)

    with time_machine.travel("2099-01-01T00:00:00Z", tick=False):
        EFFECTS["collect"].run(engine.pictures._ports)  # noqa: SLF001 - what the server's loop is given
    paths = [address.removeprefix("http://localhost/api") for address in (shown, former)]
    assert [200, 404] == [am.get(path, key=None).status for path in paths]


def test_am_47_other_files_are_not_shown_as_pictures(am: Am) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    lines = (
        b"--x",
        b'Content-Disposition: form-data; name="file"; filename="me.png"',
        b"",
        PNG,
        b"--x--",
        b"",
    )
    blob = am.api.post("/files", b"\r\n".join(lines), headers=headers).json["blobId"]
    workspace = upload(am, PNG).json["imageUrl"].split("/")[-2]

    refused(am.get(f"/auth/images/{workspace}/{blob}", key=None), 404)
    refused(am.get(f"/auth/images/{NOBODY}/{blob}", key=None), 404)
