"""Imports as jobs: what comes of each row, what is kept, how one goes on after a crash."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskloom.engine import analysis, importing
from taskloom.engine.terms import Origin
from taskloom.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from taskloom.exchange.writers import Column, writer
from taskloom.model.imports import Import, Options
from taskloom.model.people import Actor
from taskloom.storage.client import Database
from tests.unit.engines import ORDERS, TICKETS, Office, member, open_office

AN_HOUR = 3_600_000
NEVER = ("stop", lambda: False)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    made = open_office(database, tmp_path)
    # The engine asks for the credential again while it works.
    key = made.engine.keys.create(made.admin)
    made.admin = made.engine.people.authenticate(key.secret)
    return made


def never() -> bool:
    return False


def send(
    office: Office,
    text: str | bytes,
    *,
    workflow: str = "orders",
    name: str = "some.csv",
    actor: Actor | None = None,
    **options: Any,
) -> Import:
    """Send a file in."""
    contents = text.encode() if isinstance(text, str) else text
    return office.engine.imports.start(
        actor or office.admin, workflow, [contents], name=name, options=Options(**options)
    )


def work(office: Office, stop: Any = never) -> None:
    """Work on all imports that wait."""
    while (job := office.ports.imports.take("me", AN_HOUR)) is not None:
        office.engine.imports.run(job, "me", stop)
        office.ports.imports.release(job.id, "me")
        if stop():
            return


def now(office: Office, job: Import, actor: Actor | None = None) -> Import:
    return office.engine.imports.get(actor or office.admin, job.workflow, job.id)


def done(office: Office, text: str | bytes, **rest: Any) -> Import:
    """Send a file in and work on it."""
    job = send(office, text, **rest)
    work(office)
    return now(office, job)


def counts(job: Import) -> tuple[int, int, int, int]:
    did = job.progress
    return did.created, did.updated, did.unchanged, did.refused


def rejects(office: Office, job: Import) -> str:
    return b"".join(office.engine.imports.rejects(now(office, job))).decode()


def aside(office: Office, job: Import) -> str:
    return b"".join(office.engine.imports.aside(now(office, job))).decode()


def lines(rows: Sequence[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


MIXED = "Reference,Name,Size\nA,one,1\nB,two,x\nA,one,2\nC,three,\nA,one,2\n"


def test_each_row_is_told_and_refused_ones_are_kept(office: Office) -> None:
    orders = office.push(ORDERS)

    job = done(office, MIXED)

    assert ("done", 5, (2, 1, 1, 1), 0) == (
        job.state,
        job.progress.rows,
        counts(job),
        job.unprocessed,
    )
    assert 2 == office.get(orders, "A").values["size"]
    assert [
        "_line,_errors,Reference,Name,Size",
        "3,Size must be a whole number like 42,B,two,x",
    ] == [line.partition(" (")[0] for line in rejects(office, job).splitlines()]
    assert job.analysis is not None
    assert (("Reference", "ref"), ("Name", "name"), ("Size", "size")) == job.analysis.columns
    assert {"Reference": "A", "Name": "one", "Size": "1"} == json.loads(job.analysis.sample)[0]


def test_importing_twice_is_importing_once(office: Office) -> None:
    office.push(ORDERS)
    text = lines([{"Reference": str(at), "Name": "n"} for at in range(5)])

    first = done(office, text, name="some.ndjson")
    second = done(office, text, name="some.ndjson")

    assert [(5, 0, 0, 0), (0, 0, 5, 0)] == [counts(first), counts(second)]


def test_a_dry_run_tells_what_the_real_one_does_and_writes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    orders = office.push(ORDERS)
    office.write(orders, ref="C", name="three", size=3)
    before = office.all(orders)

    dry = done(office, MIXED, dry_run=True)
    untouched = office.all(orders)
    real = done(office, MIXED)

    assert before == untouched
    assert counts(real) == counts(dry)
    assert (1, 2, 1, 1) == counts(dry)
    assert rejects(office, real) == rejects(office, dry)


def test_numbers_that_count_by_themselves_are_not_used_up_by_a_dry_run(office: Office) -> None:
    tickets = office.push(TICKETS)

    dry = done(office, "Name\na\nb\n", workflow="tickets", dry_run=True)
    real = done(office, "Name\na\nb\n", workflow="tickets")

    assert (2, 0, 0, 0) == counts(dry) == counts(real)
    assert ["1", "2"] == [task.uid for task in office.all(tickets)]


def test_a_file_of_unknown_columns_fails_as_a_whole(office: Office) -> None:
    orders = office.push(ORDERS)

    job = done(office, "Reference,Wieght\nA,1\n")

    assert "failed" == job.state
    assert ["Wieght"] == [fault.path[0] for fault in job.faults]
    assert [] == office.all(orders)


def test_columns_kept_aside_can_be_had_with_line_and_unique_id(office: Office) -> None:
    office.push(ORDERS)
    text = "Shelf,Reference,Size,Row\n1,A,1,x\n,B,2,\n2,C,much,y\n"

    job = done(office, text, unknown="aside")
    rows = [{"Reference": "D", "Shelf": 3}, {"Reference": "E"}]
    other = done(office, lines(rows), name="some.ndjson", unknown="aside")

    assert (2, 0, 0, 1) == counts(job)
    assert "_line,Reference,Shelf,Row\r\n2,A,1,x\r\n" == aside(office, job)
    assert '{"_line":1,"Reference":"D","Shelf":3}\n' == aside(office, other)


def test_mended_rejects_are_imported_again(office: Office) -> None:
    orders = office.push(ORDERS)
    job = done(office, MIXED)

    again = done(office, rejects(office, job).replace("B,two,x", "B,two,4"))

    assert (1, 0, 0, 0) == counts(again)
    assert 4 == office.get(orders, "B").values["size"]


class Crash(BaseException):
    """What `kill -9` does to a process, as far as it can be done in one."""


def crashes(office: Office, method: str, *, after: int) -> None:
    """Let a method of the store be the last thing a process does, from some call on."""

    def crash() -> None:
        raise Crash

    office.tasks.before(method, *[lambda: None] * after, crash)


@pytest.mark.parametrize("workflow", ["orders", "notes"])
@pytest.mark.parametrize("saved", [True, False])
def test_an_import_goes_on_after_its_last_settled_batch(
    office: Office, monkeypatch: pytest.MonkeyPatch, workflow: str, *, saved: bool
) -> None:
    monkeypatch.setattr(importing, "ROWS", 10)
    kept = office.push(
        {**ORDERS, "$id": workflow}, uniqueId="ref" if workflow == "orders" else None
    )
    rows = [{"Reference": f"R{at}", "Size": "x" if at % 7 == 0 else at} for at in range(45)]
    # The second batch, during which it happens, finds some of its tasks there already.
    known = range(11, 14) if workflow == "orders" else ()
    for at in known:
        office.write(kept, ref=f"R{at}", size=1000)
    job = send(office, lines(rows), name="some.ndjson", workflow=workflow)
    imports = office.ports.imports
    real = type(imports).save
    times = iter(range(100))

    def save(self: Any, one: Import, owner: str) -> Import | None:
        # The first is that of the analysis, the third that of the second batch.
        if next(times) != 2:
            return real(self, one, owner)
        if saved:
            real(self, one, owner)
        raise Crash

    monkeypatch.setattr(type(imports), "save", save)
    with pytest.raises(Crash):
        work(office)
    halfway = now(office, job)
    assert (20 if saved else 10) == halfway.progress.rows
    imports.release(job.id, "me")
    work(office)

    assert (38 - len(known), len(known), 0, 7) == counts(now(office, job))
    assert sorted(at for at in range(45) if at % 7) == sorted(
        int(str(task.values["size"])) for task in office.all(kept)
    )
    assert [1, 8, 15, 22, 29, 36, 43] == [
        json.loads(line)["_line"] for line in rejects(office, job).splitlines()
    ]
    events = [len(office.history(kept, task)) for task in office.all(kept)]
    assert 38 + len(known) == sum(events)


def test_an_import_that_comes_no_further_fails_in_the_end(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)
    for _ in range(importing.MOST_TRIES):
        assert office.ports.imports.take("gone", 0) is not None

    work(office)

    failed = now(office, job)
    assert "failed" == failed.state
    assert "came no further" in failed.reason


def test_it_is_left_to_another_try_when_the_database_is_away(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)

    def away() -> None:
        raise Unavailable("away")

    office.tasks.before("by_uniques", away)
    with pytest.raises(Unavailable):
        work(office)
    assert "running" == now(office, job).state
    office.ports.imports.release(job.id, "me")
    work(office)

    assert ("done", (2, 1, 1, 1)) == (now(office, job).state, counts(now(office, job)))


def test_whoever_lost_an_import_leaves_it_alone(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)
    mine = office.ports.imports.take("me", 0)
    theirs = office.ports.imports.take("they", AN_HOUR)
    assert mine is not None
    assert theirs is not None

    office.engine.imports.run(mine, "me", never)

    assert ("running", 0) == (now(office, job).state, now(office, job).progress.rows)


def test_a_server_that_stops_leaves_the_rest_to_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    office.push(ORDERS)
    job = send(office, MIXED)

    asked = iter((False, True, True, True))
    work(office, lambda: next(asked))
    assert ("running", 2) == (now(office, job).state, now(office, job).progress.rows)
    work(office)

    assert ("done", 5) == (now(office, job).state, now(office, job).progress.rows)


def test_what_is_cancelled_keeps_what_arrived(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    office.push(ORDERS)
    waits = send(office, MIXED)
    cancelled = office.engine.imports.cancel(office.admin, "orders", waits.id)
    assert ("cancelled", True) == (cancelled.state, cancelled.ended is not None)

    runs = send(office, MIXED)
    office.tasks.before(
        "printed", lambda: office.engine.imports.cancel(office.admin, "orders", runs.id)
    )
    work(office)

    ended = now(office, runs)
    assert ("cancelled", 2, None) == (ended.state, ended.progress.rows, ended.unprocessed)
    with pytest.raises(Conflict):
        office.engine.imports.cancel(office.admin, "orders", runs.id)


def test_what_nobody_works_on_any_more_is_cancelled_by_the_next(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)
    assert office.ports.imports.take("gone", 0) is not None
    assert "running" == office.engine.imports.cancel(office.admin, "orders", job.id).state

    work(office)

    assert ("cancelled", 0) == (now(office, job).state, now(office, job).progress.rows)


def test_nothing_is_refused_or_aside_before_the_file_was_looked_at(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)

    assert ("", "") == (rejects(office, job), aside(office, job))


def test_a_held_import_is_looked_at_and_started_later(office: Office) -> None:
    orders = office.push(ORDERS)
    job = send(office, "Reference,Weight\nA,1\n", hold=True, unknown="ignore")
    work(office)
    held = now(office, job)
    assert ("held", 0) == (held.state, held.progress.rows)
    assert held.analysis is not None
    assert {"Reference": "A", "Weight": "1"} in json.loads(held.analysis.sample)
    assert [] == office.all(orders)

    office.engine.imports.begin(office.admin, "orders", job.id, {"columns": {"Weight": "Size"}})
    work(office)

    assert ("done", (1, 0, 0, 0)) == (now(office, job).state, counts(now(office, job)))
    assert 1 == office.get(orders, "A").values["size"]
    with pytest.raises(Conflict):
        office.engine.imports.begin(office.admin, "orders", job.id, {})


def test_a_file_that_breaks_off_keeps_what_came_before(office: Office) -> None:
    office.push(ORDERS)

    job = done(office, '[{"Reference": "A"}, {"Reference": "B"}, {"Ref', name="some.json")

    assert ("failed", (2, 0, 0, 0)) == (job.state, counts(job))
    assert "line 1" in job.reason


def test_a_file_that_nobody_can_read_fails(office: Office) -> None:
    office.push(ORDERS)

    job = done(office, b"\x00\x01\x02\x03" * 99, name="some.bin")

    assert "failed" == job.state
    assert job.faults or job.reason


def test_a_workbook_is_imported_and_its_refused_rows_are_a_table(office: Office) -> None:
    office.push(ORDERS)
    file = io.BytesIO()
    columns = [Column(title="Reference", kind="text"), Column(title="Size", kind="text")]
    book = writer("xlsx", file, columns)
    for at in range(5):
        book.add({"Reference": f"R{at}", "Size": str(at or "much")})
    book.close()

    job = done(office, file.getvalue(), name="some.xlsx")

    assert ("done", (4, 0, 0, 1)) == (job.state, counts(job)), job
    assert ["R0", "much"] == rejects(office, job).splitlines()[1].split(",")[-2:]


def test_a_file_may_break_off_between_two_batches(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    office.push(ORDERS)

    job = done(office, '[{"Reference": "A"}, {"Reference": "B"}, {"Ref', name="some.json")

    assert ("failed", (2, 0, 0, 0)) == (job.state, counts(job))


def test_a_file_of_very_many_columns_fails(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "LARGEST_ANALYSIS", 10)
    office.push(ORDERS)

    job = done(office, MIXED)

    assert "failed" == job.state
    assert "too many" in job.reason


def test_the_sample_shows_large_values_cut_short(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "LARGEST_SAMPLE", 400)
    office.push(ORDERS)
    rows = [{"Name": "n" * 999, "Extra": {"a": list(range(999))}}, {"Name": "x"}]

    job = done(office, lines(rows), name="some.ndjson")

    assert job.analysis is not None
    (sample,) = json.loads(job.analysis.sample)
    assert ("n" * 200 + " …", 202) == (sample["Name"], len(sample["Extra"]))


def test_an_empty_file_is_refused_at_once(office: Office) -> None:
    office.push(ORDERS)

    with pytest.raises(Invalid):
        send(office, "")

    assert [] == list(office.engine.imports.every(office.admin, "orders"))


def test_a_file_that_is_sent_again_is_the_import_it_made(office: Office) -> None:
    office.push(ORDERS)
    start = office.engine.imports.start
    first = Origin(root="ab" * 9)
    again = replace(first, again=True)
    options = Options()
    lost = start(office.admin, "orders", [b"x"], name="a.csv", options=options, origin=again)
    made = start(office.admin, "orders", [b"Name\na"], name="a.csv", options=options, origin=again)

    assert lost == made
    assert 1 == len(office.engine.imports.every(office.admin, "orders"))


def test_half_a_file_of_an_earlier_try_is_replaced(office: Office) -> None:
    orders = office.push(ORDERS)
    again = Origin(root="ab" * 9, again=True)
    office.ports.imports.receive(again.task(), [b"half a file of an earlier try"])

    office.engine.imports.start(
        office.admin,
        "orders",
        [b"Reference\nA\n"],
        name="a.csv",
        options=Options(),
        origin=again,
    )
    work(office)

    assert ["A"] == [task.uid for task in office.all(orders)]


def test_a_change_of_the_workflow_counts_for_later_batches(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ROWS", 2)
    office.push(ORDERS)
    sizes = {**ORDERS["properties"], "size": {"title": "Size", "type": "integer", "maximum": 2}}
    stricter = {**ORDERS, "properties": sizes}
    # While a batch is stored, and the next one decided perhaps.
    office.tasks.before("insert_many", lambda: office.push(stricter))

    job = done(office, "Reference,Size\nA,3\nB,4\nC,1\nD,2\nE,3\nF,1\n")

    assert (5, 0, 0, 1) == counts(job)
    assert "must be at most 2" in rejects(office, job)


def test_an_import_into_a_workflow_that_is_gone_fails(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)
    office.engine.workflows.delete(office.admin, "orders", force=True)
    office.push(ORDERS)

    work(office)

    found = office.ports.imports.get(office.admin.workspace, job.id)
    assert found is not None
    assert "failed" == found.state
    assert "is gone" in found.reason


def test_a_revoked_key_ends_the_import(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.push(ORDERS)
    key = office.engine.keys.create(office.admin)
    holder = office.engine.people.authenticate(key.secret)
    job = send(office, MIXED, actor=holder)
    office.engine.keys.delete(office.admin, key.key.id)

    work(office)

    assert "failed" == now(office, job).state
    assert "was revoked" in now(office, job).reason


def test_a_sign_in_that_a_new_password_ended_ends_the_import(office: Office) -> None:
    office.push(ORDERS)
    user = office.engine.users.create(office.admin, "ann@example.com", password="secret word")
    token = office.engine.people.sign_in("ann@example.com", "secret word").token
    mine = send(office, MIXED, actor=office.engine.people.authenticate(token))
    other = send(office, MIXED, actor=office.engine.people.authenticate(token))
    taken = office.ports.imports.take("me", AN_HOUR)
    assert taken is not None
    office.engine.imports.run(taken, "me", never)
    office.engine.users.update(office.admin, user.id, password="another word")

    work(office)

    assert ["done", "failed"] == [now(office, job).state for job in (mine, other)]


ROLES = [
    {"name": "Boss", "id": "boss", "for": ["admin"]},
    {
        "name": "Clerk",
        "id": "clerk",
        "for": ["manager"],
        "fields": {"size": {"read": False}},
        "see": ["created"],
    },
    {"name": "Editor", "id": "editor", "for": [], "create": False},
    {"name": "Guest", "id": "guest", "for": ["member"], "create": False, "update": "none"},
]


def keyed(office: Office, actor: Actor) -> Actor:
    """Give the actor of a key of this user."""
    key = office.engine.keys.create(office.admin, user=actor.user)
    return office.engine.people.authenticate(key.secret)


def test_rows_are_checked_as_those_of_who_sent_them(office: Office) -> None:
    orders = office.push(ORDERS, roles=ROLES)
    office.write(orders, ref="B", name="of somebody else")
    clerk = keyed(office, member(office, "clerk@example.com", role="manager"))

    job = done(office, "Reference,Name\nA,one\nB,two\n", actor=clerk)
    hidden = done(office, "Reference,Size\nC,1\n", actor=clerk)

    assert (1, 0, 0, 1) == counts(job)
    assert clerk.user == office.get(orders, "A").by
    assert "of somebody else" == office.get(orders, "B").values["name"]
    assert ("failed", "Size") == (hidden.state, hidden.faults[0].path[0])
    assert clerk.user is not None
    office.engine.team.give_role(office.admin, "orders", clerk.user, "editor")
    changed = done(office, "Reference,Name\nA,four\nD,five\n", actor=clerk)
    assert (0, 1, 0, 1) == counts(changed)
    assert "may not create tasks" in rejects(office, changed)


def test_only_who_may_write_imports_and_only_the_sender_or_an_admin_asks(office: Office) -> None:
    office.push(ORDERS, roles=ROLES)
    clerk = keyed(office, member(office, "clerk@example.com", role="manager"))
    other = keyed(office, member(office, "other@example.com", role="manager"))
    guest = keyed(office, member(office, "guest@example.com"))
    for refused in (send, lambda *_, actor: office.engine.imports.require(actor, "orders")):
        with pytest.raises(Forbidden):
            refused(office, MIXED, actor=guest)
    job = send(office, MIXED, actor=clerk)

    for stranger in (other, guest):
        with pytest.raises(NotFound):
            now(office, job, stranger)
        assert [] == list(office.engine.imports.every(stranger, "orders"))
    assert job.id == now(office, job, clerk).id == now(office, job).id
    assert [job.id] == [one.id for one in office.engine.imports.every(clerk, "orders")]
    assert [job.id] == [one.id for one in office.engine.imports.every(office.admin, "orders")]


def test_a_job_tells_its_rate_and_the_time_that_is_left(office: Office) -> None:
    office.push(ORDERS)
    job = send(office, MIXED)
    assert (None, None) == (job.rate, job.remaining)
    half = replace(job.progress, rows=10, read=job.size // 2, spent=2000)
    running = replace(job, state="running", progress=half)

    assert (5, 3) == (running.rate, running.remaining)
    assert 0 == replace(running, state="done").remaining


def test_rows_whose_files_are_fetched_go_in_small_batches(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def batches(reader: Any, first: int, most: int) -> Iterator[Any]:
        seen.append(most)
        return iter(())

    monkeypatch.setattr(importing, "_batches", batches)
    office.push(ORDERS)
    done(office, "Reference,Papers\nA,\n")
    done(office, MIXED)

    assert [importing.WITH_FILES, importing.ROWS] == seen
