"""What every store of imports does; it runs over the real MongoDB."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from bson.objectid import ObjectId

from taskloom.errors import Fault
from taskloom.model.imports import Analysis, Holder, Import, Options, Progress
from taskloom.storage.imports import PIECE, Imports
from taskloom.storage.stores import Stores

AN_HOUR = 3_600_000


@pytest.fixture
def imports(stores: Stores) -> Imports:
    return stores.imports


def job(number: int = 1, **rest: object) -> Import:
    """An import of a user, made in the order of the numbers."""
    made = Import(
        id=f"6740{number:020x}",
        workspace="w" * 24,
        workflow="parts",
        uid="f" * 24,
        holder=Holder(user="u" * 24, credential="key:1", scopes=frozenset({"task:read"}), epoch=3),
        name="parts.csv",
        size=0,
        options=Options(mode="update", reading={"delimiter": ";"}, columns={"$a.b": None}),
        at=1_700_000_000_000,
    )
    return replace(made, **rest)  # type: ignore[arg-type] # a test may change anything


def stored(imports: Imports, *jobs: Import) -> None:
    for one in jobs:
        imports.insert(one)


def test_an_import_is_read_as_it_was_stored(imports: Imports) -> None:
    whole = job(
        analysis=Analysis(
            tabular=True,
            notes=("is read as latin-1",),
            columns=(("$a.b", None), ("Name", "name")),
            named="Name",
            aside=("Shelf",),
            proposed='{"fields": {"$x": {}}}',
            sample='[{"a.b": "1"}]',
        ),
        progress=Progress(rows=2, read=30, spent=5, created=1, refused=1),
        faults=(Fault(path=("a", 0), code="odd", message="is odd", hint="mend it"),),
        reason="because",
    )
    stored(imports, whole)

    assert whole == imports.get("w" * 24, whole.id)
    assert imports.get("x" * 24, whole.id) is None
    assert imports.get("w" * 24, "0" * 24) is None


def test_a_list_is_newest_first_and_brief(imports: Imports) -> None:
    other = replace(job(3).holder, user=None)
    stored(imports, job(1), job(2, uid="e" * 24), job(3, holder=other), job(4, reason="because"))

    assert [job(4).id, job(3).id, job(1).id] == [
        one.id for one in imports.every("w" * 24, "f" * 24, None)
    ]
    assert [job(4).id, job(1).id] == [one.id for one in imports.every("w" * 24, "f" * 24, "u" * 24)]


def test_one_owner_works_on_an_import_until_the_lease_is_over(imports: Imports) -> None:
    stored(imports, job(2), job(1), job(3, state="done"), job(4, state="held"))

    first = imports.take("a", AN_HOUR)
    second = imports.take("b", 1)
    assert first is not None
    assert second is not None
    assert [(job(1).id, "running", 1), (job(2).id, "running", 1)] == [
        (one.id, one.state, one.tries) for one in (first, second)
    ]
    time.sleep(0.05)
    again = imports.take("c", AN_HOUR)

    assert again is not None
    assert (job(2).id, 2) == (again.id, again.tries)
    assert imports.take("d", AN_HOUR) is None
    assert not imports.keep(again.id, "b", AN_HOUR)
    assert imports.keep(again.id, "c", AN_HOUR)
    assert imports.save(second, "b") is None
    assert imports.save(replace(again, progress=Progress(rows=7)), "c") is not None


def test_what_is_released_or_ended_is_nobodys(imports: Imports) -> None:
    stored(imports, job(1), job(2))
    first, second = imports.take("a", AN_HOUR), imports.take("b", AN_HOUR)
    assert first is not None
    assert second is not None

    imports.release(first.id, "b")
    assert imports.take("c", AN_HOUR) is None
    imports.release(first.id, "a")
    assert imports.take("c", AN_HOUR) is not None
    imports.save(replace(second, state="held"), "b")
    assert imports.save(second, "b") is None
    assert not imports.start(first)
    assert imports.start(replace(second, options=Options(mode="create")))
    begun = imports.take("d", AN_HOUR)
    assert begun is not None
    assert (second.id, Options(mode="create")) == (begun.id, begun.options)


def test_what_waits_is_cancelled_at_once_and_what_runs_is_asked(imports: Imports) -> None:
    stored(imports, job(1), job(2), job(3, state="held"))
    running = imports.take("a", AN_HOUR)
    assert running is not None

    cancelled = [imports.cancel(job(number).id, 5) for number in (1, 2, 3)]

    assert [("running", None, True), ("cancelled", 5, True), ("cancelled", 5, True)] == [
        (one.state, one.ended, one.cancelling) for one in cancelled if one is not None
    ]
    assert imports.cancel(job(2).id, 6) is None
    saved = imports.save(running, "a")
    assert saved is not None
    assert saved.cancelling


def test_a_file_is_kept_in_pieces_and_read_from_any_place(imports: Imports) -> None:
    contents = bytes(range(256)) * (PIECE * 2 // 256) + b"the end"
    coming = (contents[at : at + 100_000] for at in range(0, len(contents), 100_000))

    size = imports.receive(job().id, coming)

    assert len(contents) == size
    with imports.open(job(size=size)) as file:
        assert contents == file.read()
        file.seek(-7, 2)
        assert file.read() == b"the end"
        file.seek(PIECE - 2)
        assert contents[PIECE - 2 : PIECE + 2] == file.read(4)
        file.seek(size + 5)
        assert file.read(1) == b""
        with pytest.raises(ValueError, match="before"):
            file.seek(-1)


def test_nothing_is_kept_of_a_file_that_breaks_off(imports: Imports, stores: Stores) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * (PIECE + 1)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        imports.receive(job().id, broken())

    assert list(imports.read(job().id, "file")) == []


def test_a_batch_that_is_done_again_replaces_what_it_brought(imports: Imports) -> None:
    one = job().id
    imports.append(one, "rejects", 0, b"a")
    imports.append(one, "rejects", 1000, b"b" * (PIECE + 1))
    imports.append(one, "rejects", 20_000, b"c")
    imports.append(one, "aside", 1000, b"d")
    imports.append(one, "aside", 2000, b"")
    imports.append(job(2).id, "rejects", 5000, b"e")

    assert b"a" + b"b" * (PIECE + 1) + b"c" == b"".join(imports.read(one, "rejects"))
    imports.cut(one, 1000)

    assert [b"a"] == list(imports.read(one, "rejects"))
    assert list(imports.read(one, "aside")) == []
    assert [b"e"] == list(imports.read(job(2).id, "rejects"))


def test_what_ended_long_ago_goes_with_all_its_parts(imports: Imports) -> None:
    now = int(time.time() * 1000)
    stray, fresh = str(ObjectId("6000" + "0" * 20)), str(ObjectId())
    stored(
        imports,
        job(1, ended=now - 2, state="done"),
        job(2, ended=now, state="done"),
        job(3, state="held", at=now - 2),
        job(4, state="queued", at=now - 2),
    )
    for name in (*(job(number).id for number in (1, 2, 3, 4)), stray, fresh):
        imports.receive(name, [b"x"])
        imports.append(name, "rejects", 0, b"y")

    assert imports.collect(now - 1, now - 24 * AN_HOUR) == 2

    names = [stray, fresh, *(job(number).id for number in (1, 2, 3, 4))]
    left = [b"".join(imports.read(name, "file")) for name in names]
    assert [b"", b"x", b"", b"x", b"", b"x"] == left
    assert list(imports.read(job(1).id, "rejects")) == []
    assert imports.get("w" * 24, job(1).id) is None
