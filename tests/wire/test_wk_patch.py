"""JSON Patch, apart from any workflow."""

import pytest

from taskloom.errors import Invalid
from taskloom.wire.workiva.patching import REPLACEABLE, changes


def replacing(path: object, value: object = "x", op: object = "replace") -> dict[str, object]:
    return {"op": op, "path": path, "value": value}


def refused(document: object) -> set[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as error:
        changes(document)
    return {(fault.path, fault.code) for fault in error.value.faults}


@pytest.mark.parametrize("path", sorted(REPLACEABLE))
def test_a_property_is_replaced(path: str) -> None:
    assert {path[1:]: None} == changes([replacing(path, None)])


def test_of_several_values_for_a_property_the_last_stands() -> None:
    patch = [replacing("/title", "a"), replacing("/dueDate", None), replacing("/title", "b")]

    assert {"title": "b", "dueDate": None} == changes(patch)


def test_an_empty_patch_changes_nothing() -> None:
    assert {} == changes([])


def test_members_that_the_document_does_not_define_are_ignored() -> None:
    """As RFC 6902 says, section 4."""
    assert {"title": "x"} == changes([{**replacing("/title"), "from": "/a", "why": 1}])


@pytest.mark.parametrize("op", ["add", "remove", "move", "copy", "test"])
def test_other_operations_are_refused(op: str) -> None:
    assert {(("[0]", "op"), "unsupported")} == refused([replacing("/title", op=op)])


@pytest.mark.parametrize("op", ["REPLACE", "", 1, ["replace"], {}, True])
def test_what_is_no_operation_is_refused(op: object) -> None:
    assert {(("[0]", "op"), "invalid")} == refused([replacing("/title", op=op)])


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "title",
        "/Title",
        "/id",
        "/created",
        "/sourceUrl",
        "/notificationsDisabled",
        "/location/segment",
        "/assignees/0",
        "/assignees/-",
        "/approvalSteps/0/participants",
        "/titl~e",
        "/title/",
        "/title" * 10_000,
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    assert {(("[0]", "path"), "unsupported")} == refused([replacing(path)])


@pytest.mark.parametrize("path", [1, ["/title"], {}, True])
def test_what_is_no_path_is_refused(path: object) -> None:
    assert {(("[0]", "path"), "invalid")} == refused([replacing(path)])


@pytest.mark.parametrize("document", [{}, "x", 1, None, True, replacing("/title")])
def test_a_patch_is_an_array(document: object) -> None:
    assert {((), "not_a_list")} == refused(document)


def test_everything_wrong_is_told_at_once() -> None:
    patch = [
        replacing("/title"),
        "x",
        {},
        {"op": "replace", "path": "/title"},
        replacing("/id", op="add"),
    ]

    assert {
        (("[1]",), "not_an_object"),
        (("[2]", "op"), "blank"),
        (("[2]", "path"), "blank"),
        (("[3]", "value"), "blank"),
        (("[4]", "op"), "unsupported"),
        (("[4]", "path"), "unsupported"),
    } == refused(patch)
