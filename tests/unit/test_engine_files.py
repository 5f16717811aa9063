"""Files over the real store: uploaded, fetched, opened by who may, collected in the end."""

import base64
from pathlib import Path

import pytest

from taskloom.effects.base import EFFECTS
from taskloom.engine import attachments
from taskloom.engine.blobs import Fetched
from taskloom.engine.files import OpenFile
from taskloom.engine.media import is_harmless
from taskloom.errors import Conflict, Invalid, NotFound, Refusal
from taskloom.model.people import Actor
from taskloom.model.values import Upload
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, Office, member, open_office, papers_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
HOUR_MS = 3600 * 1000
FAR = 4 * 10**12


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return open_office(database, tmp_path)


def upload(
    contents: bytes = b"x", *, name: str | None = "a.txt", kind: str | None = None
) -> Upload:
    return Upload(filename=name, content_type=kind, contents=contents)


def read(office: Office, file: OpenFile) -> bytes:
    return b"".join(office.engine.files.read(file, 0, file.attachment["size"]))


def readable(office: Office, actor: Actor, blob: str) -> bool:
    try:
        office.engine.files.open(actor, blob)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize(
    ("given", "name", "kind"),
    [
        (upload(PNG, name="a.txt"), "a.txt", "image/png"),
        (upload(b"text"), "a.txt", "text/plain"),
        (upload(b"text", name="a.unknown"), "a.unknown", "application/octet-stream"),
        (upload(PNG, name=None, kind="text/html"), "file", "text/html"),
    ],
)
def test_a_file_s_type_is_the_one_given_or_told_by_contents_or_name(
    office: Office, given: Upload, name: str, kind: str
) -> None:
    attachment = office.engine.files.upload(office.admin, given)

    assert (name, kind) == (attachment["filename"], attachment["contentType"])
    file = office.engine.files.open(office.admin, attachment["blobId"])
    assert given.contents == read(office, file)


@pytest.mark.parametrize(
    ("kind", "harmless"),
    [("image/png", True), ("Text/Plain; charset=utf-8", True), ("text/html", False), ("", False)],
)
def test_only_what_runs_nothing_is_harmless(kind: str, harmless: bool) -> None:
    assert harmless is is_harmless(kind)


def test_a_remote_file_is_fetched_and_has_the_names_given_or_those_it_came_with(
    office: Office,
) -> None:
    orders = office.push(ORDERS)
    there = Fetched(filename="there.png", content_type="image/png", contents=PNG)
    office.shelf.files["https://example.com/a"] = there
    remote = {"remoteUrl": "https://example.com/a"}
    named = {**remote, "filename": "mine.txt", "contentType": "text/plain"}

    papers = papers_of(office.write(orders, ref="A", papers=[remote, named, remote]).task)

    assert [("there.png", "image/png"), ("mine.txt", "text/plain"), ("there.png", "image/png")] == [
        (paper["filename"], paper["contentType"]) for paper in papers
    ]
    assert 3 == len({paper["blobId"] for paper in papers})


def test_every_entry_that_cannot_be_had_is_told_and_nothing_is_stored(
    office: Office, database: Database
) -> None:
    orders = office.push(ORDERS)
    entries = [
        {"remoteUrl": "https://example.com/none"},
        {"blobId": "unknown"},
        {"filename": "a.txt", "base64contents": "eA=="},
    ]

    with pytest.raises(Invalid) as refused:
        office.write(orders, ref="A", papers=entries)

    told = [(fault.path, fault.code) for fault in refused.value.faults]
    assert [(("papers", 0), "remote"), (("papers", 1), "invalid")] == told
    assert 0 == database["attachments"].count_documents({})
    with pytest.raises(Refusal):
        office.engine.files.upload(
            office.admin,
            Upload(filename=None, content_type=None, url="https://example.com/none"),
        )


def test_each_fetched_file_is_stored_before_the_next_is_fetched(
    office: Office, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten files of 25 MiB do not fit into a server process together."""
    orders = office.push(ORDERS)
    stored = []

    def fetch(_url: str) -> Fetched:
        stored.append(database["attachments"].count_documents({}))
        return Fetched(filename="a.txt", content_type="text/plain", contents=b"x")

    monkeypatch.setattr(office.shelf, "fetch", fetch)
    remote = [{"remoteUrl": f"https://example.com/{n}"} for n in range(3)]
    office.write(orders, ref="A", papers=remote)

    assert [0, 1, 2] == stored


def test_no_file_is_fetched_once_the_time_of_a_write_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = office.push(ORDERS)
    monkeypatch.setattr(attachments, "FETCH_SECONDS", -1.0)
    there = Fetched(filename="a.txt", content_type="text/plain", contents=b"x")
    office.shelf.files["https://example.com/a"] = there

    with pytest.raises(Invalid) as refused:
        office.write(orders, ref="A", papers=[{"remoteUrl": "https://example.com/a"}] * 2)

    assert [(("papers", n), "fetch_failed") for n in (0, 1)] == [
        (fault.path, fault.code) for fault in refused.value.faults
    ]
    assert [] == office.all(orders)


def test_a_file_is_open_to_its_uploader_and_then_to_who_sees_the_task(office: Office) -> None:
    orders = office.push(ORDERS)
    ann, bob = member(office, "ann@example.com"), member(office, "bob@example.com")
    blob = office.engine.files.upload(ann, upload())["blobId"]
    assert (True, False) == (readable(office, ann, blob), readable(office, bob, blob))

    office.write(orders, actor=ann, ref="A", papers=[{"blobId": blob}])

    gone = Actor(
        workspace=bob.workspace, user=bob.user, role="member", left=frozenset({orders.workflow.uid})
    )
    assert [True, True, False] == [readable(office, actor, blob) for actor in (ann, bob, gone)]
    stranger = Actor(workspace="0" * 24, user=None, role="admin")
    assert not readable(office, stranger, blob)
    office.write(orders, ref="A", papers=[])
    assert not readable(office, bob, blob)


def test_the_file_of_a_deleted_task_or_workflow_is_closed(office: Office) -> None:
    orders = office.push(ORDERS)
    first, second = (
        papers_of(office.write(orders, ref=ref, papers=[_entry(ref)]).task)[0]["blobId"]
        for ref in "AB"
    )
    office.delete(orders, "A")
    assert (False, True) == (
        readable(office, office.admin, first),
        readable(office, office.admin, second),
    )

    office.engine.workflows.delete(office.admin, "orders", force=True)

    assert not readable(office, office.admin, second)


def test_a_workflow_that_goes_while_a_file_is_opened_closes_it(office: Office) -> None:
    orders = office.push(ORDERS)
    (paper,) = papers_of(office.write(orders, ref="A", papers=[_entry("x")]).task)
    office.workflows.before(
        "current",
        lambda: office.engine.workflows.delete(office.admin, "orders", force=True),
    )

    assert not readable(office, office.admin, paper["blobId"])


def _entry(text: str) -> dict[str, str]:
    contents = base64.b64encode(text.encode()).decode()
    return {"filename": "a.txt", "base64contents": contents}


def _collect(office: Office, *, later_ms: int) -> None:
    office.clock.now += later_ms
    EFFECTS["collect"].run(office.ports)
    office.clock.now -= later_ms


def test_contents_live_as_long_as_one_task_holds_them(office: Office, database: Database) -> None:
    orders = office.push(ORDERS)
    for ref in "AB":
        office.write(orders, ref=ref, papers=[_entry("same")])
    assert 1 == database["fs.files"].count_documents({})

    for _ in range(2):
        office.ports.files.collect(FAR)
    office.delete(orders, "A")
    office.ports.files.collect(FAR)
    (paper,) = papers_of(office.get(orders, "B"))
    file = office.engine.files.open(office.admin, paper["blobId"])
    assert b"same" == read(office, file)
    office.write(orders, ref="B", papers=None)
    assert 1 == office.ports.files.collect(FAR)

    assert 0 == database["fs.files"].count_documents({})
    with pytest.raises(NotFound):
        read(office, file)


def test_an_upload_that_no_task_took_goes_after_an_hour(office: Office) -> None:
    blob = office.engine.files.upload(office.admin, upload())["blobId"]

    _collect(office, later_ms=HOUR_MS - 1000)
    assert readable(office, office.admin, blob)
    _collect(office, later_ms=2 * HOUR_MS)
    assert not readable(office, office.admin, blob)


def test_a_write_whose_file_was_collected_meanwhile_is_told_so_and_stores_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = office.push(ORDERS)
    blob = office.engine.files.upload(office.admin, upload())["blobId"]
    files = office.ports.files
    find = files.find

    def then_collected(workspace: str, blobs: list[str]) -> object:
        found = find(workspace, blobs)
        _collect(office, later_ms=2 * HOUR_MS)
        return found

    monkeypatch.setattr(files, "find", then_collected)

    with pytest.raises(Conflict):
        office.write(orders, ref="A", papers=[{"blobId": blob}])
    assert [] == office.all(orders)


def test_a_slow_write_of_an_old_upload_keeps_its_files(office: Office) -> None:
    """Whatever takes so long, a write notes its files before it stores the task."""
    orders = office.push(ORDERS)
    blob = office.engine.files.upload(office.admin, upload())["blobId"]
    office.tasks.before("insert", lambda: _collect(office, later_ms=2 * HOUR_MS))

    office.write(orders, ref="A", papers=[{"blobId": blob}])

    assert readable(office, office.admin, blob)
