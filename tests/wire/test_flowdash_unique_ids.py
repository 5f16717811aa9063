"""The law of unique IDs: what was written is found again by its path, whatever its signs."""

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.api import Api

TASKS = "/workflows/sales-pipeline/tasks"
SHADOWED = "active"

UNIQUE_IDS = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
    | st.text(st.sampled_from("a/.%2F?#+& \\:;$*ü中😀"), min_size=1, max_size=12)
    | st.sampled_from(["x" * 512, "中" * 512, "/", "//", "..", "a/../b", "bulk", "%2F", "$where"])
).filter(lambda text: 0 < len(unicodedata.normalize("NFC", text.strip()).strip()) <= 512)


@given(UNIQUE_IDS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_unique_id_is_found_by_its_path(api: Api, unique: str) -> None:
    written = api.post(TASKS, {"Company ID": unique})
    assert written.status in {200, 201}, written.json
    same = written.json["Company ID"]
    assert unicodedata.normalize("NFC", unique.strip()).strip() == same

    for safe in ("", "/"):
        read = api.get(f"{TASKS}/{quote(same, safe=safe)}")
        if same != SHADOWED:
            assert (200, same) == (read.status, read.json["Company ID"])
    filtered = api.get(f"{TASKS}?Company%20ID={quote(same, safe='')}")
    assert [same] == [task["Company ID"] for task in filtered.json]
    location = written.headers.get("Location")
    if location and same != SHADOWED:
        read = api.get(location.partition("/api/v1")[2])
        assert same == read.json["Company ID"]


@pytest.mark.parametrize("unique", ["", " ", "\t\n", "a\x00b", "a\nb", "x" * 513])
def test_what_is_no_unique_id_is_refused_and_never_found(api: Api, unique: str) -> None:
    answer = api.post(TASKS, {"Company ID": unique})

    assert (422, ["Company ID"]) == (answer.status, list(answer.json["errors"]))
    assert 404 == api.get(f"{TASKS}/{quote(unique, safe='')}").status


@pytest.mark.parametrize("path", ["%ff", "a%C3", "%ED%A0%80"])
def test_a_path_that_is_not_utf_8_is_404(api: Api, path: str) -> None:
    assert 404 == api.get(f"{TASKS}/{path}").status


def test_active_in_a_path_is_the_list_but_can_be_deleted(api: Api) -> None:
    api.post(TASKS, {"Company ID": "active"})

    assert ["active"] == [task["Company ID"] for task in api.get(f"{TASKS}/active").json]
    assert 204 == api.delete(f"{TASKS}/active").status
    assert [] == api.get(f"{TASKS}/active").json


def test_slashes_of_a_path_are_neither_merged_nor_cut(api: Api) -> None:
    for unique in ("a//b", "a/b", "/a/b", "a/b/"):
        assert 201 == api.post(TASKS, {"Company ID": unique}).status

    assert 204 == api.delete(f"{TASKS}/a/b/").status
    assert ["a//b", "a/b", "/a/b"] == [task["Company ID"] for task in api.get(TASKS).json]
    assert 204 == api.delete(f"{TASKS}//a/b").status
    assert 204 == api.delete(f"{TASKS}/a%2F/b").status
    assert ["a/b"] == [task["Company ID"] for task in api.get(TASKS).json]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_bare_question_mark_does_not_cut_a_unique_id_short(api: Api, method: str) -> None:
    api.post(TASKS, {"Company ID": "a"})

    answer = api.request(method, f"{TASKS}/a?b")

    assert 422 == answer.status
    assert "%3F" in answer.json["errors"]["b"][0]
    assert 1 == len(api.get(TASKS).json)


def test_an_empty_unique_id_is_404_not_the_list(api: Api) -> None:
    assert 404 == api.get(f"{TASKS}/").status
    assert 404 == api.delete(f"{TASKS}/").status
