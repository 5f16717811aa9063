"""Cursors: a law of pages, and what happens to a cursor that was changed."""

import base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.errors import Refusal
from taskloom.query.cursor import decode, encode
from taskloom.query.tree import EVERYTHING, After, All, Compare, Filter, Not, Order, Some
from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"
TASK = "674054a1b2c3d4e5f6071829"
ORDER = (Order("company_name"), Order("value", descending=True))
AFTER = After(keys=("Ac\u4e2dme", None), created=1_700_000_000_000, id=TASK)

KEYS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)


@given(st.lists(KEYS, max_size=4), st.integers(0, 2**48))
def test_a_cursor_says_the_place_it_was_made_of(keys: list[object], created: int) -> None:
    order = tuple(Order(f"field{index}") for index, _ in enumerate(keys))
    after = After(keys=tuple(keys), created=created, id=TASK)

    read = decode(encode(after, order, EVERYTHING), order, EVERYTHING)

    assert (after, [type(k) for k in keys]) == (read, [type(k) for k in read.keys])


@pytest.mark.parametrize(
    "order", [(), ORDER[:1], ORDER[::-1], (ORDER[0], Order("value")), (*ORDER, Order("x"))]
)
def test_a_cursor_of_another_order_is_refused(order: tuple[Order, ...]) -> None:
    with pytest.raises(Refusal):
        decode(encode(AFTER, ORDER, EVERYTHING), order, EVERYTHING)


NAMED, LARGE = Compare("company_name", "eq", "Acme"), Compare("value", "gt", 5)


@pytest.mark.parametrize(
    "where",
    [
        EVERYTHING,
        NAMED,
        Compare("company_name", "ne", "Acme"),
        Compare("company_name", "eq", "acme"),
        Some((NAMED, LARGE)),
        Not(All((NAMED, LARGE))),
        All((NAMED, LARGE, Compare("value", "lt", 9))),
    ],
)
def test_a_cursor_of_another_filter_is_refused(where: Filter) -> None:
    cursor = encode(AFTER, ORDER, All((NAMED, LARGE)))

    with pytest.raises(Refusal, match="other filters"):
        decode(cursor, ORDER, where)


def test_the_parts_of_a_filter_may_change_places() -> None:
    cursor = encode(AFTER, ORDER, All((NAMED, Some((LARGE,)))))

    assert AFTER == decode(cursor, ORDER, All((LARGE, NAMED)))


def test_every_change_of_a_cursor_is_refused() -> None:
    text = encode(AFTER, ORDER, EVERYTHING)
    for index, sign in enumerate(text):
        changed = text[:index] + ("A" if sign != "A" else "B") + text[index + 1 :]
        try:
            read = decode(changed, ORDER, EVERYTHING)
        except Refusal:
            continue
        # The last sign may hold bits that stand for nothing.
        assert (AFTER, len(text) - 1) == (read, index)


@pytest.mark.parametrize("text", ["", "A", "%", "ä", "A" * 8193, "AAAAAAAAAAAAAAAA", "=" * 12])
def test_what_never_was_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        decode(text, ORDER, EVERYTHING)


@pytest.mark.parametrize(
    "after",
    [
        After(keys=("a",), created=1, id="x"),
        After(keys=("a",), created=2**64, id=TASK),
        After(keys=("a", "b"), created=1, id=TASK),
        After(keys=(2**64,), created=1, id=TASK),
        After(keys=("\ud800",), created=1, id=TASK),
        After(keys=(Decimal("NaN"),), created=1, id=TASK),
        After(keys=(float("nan"),), created=1, id=TASK),
    ],
)
def test_a_forged_cursor_of_a_wrong_type_is_refused(after: After) -> None:
    order = (Order("company_name"),)
    with pytest.raises(Refusal):
        decode(encode(after, order, EVERYTHING), order, EVERYTHING)


def test_a_value_that_nothing_sorts_by_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        encode(After(keys=({},), created=1, id=TASK), (Order("x"),), EVERYTHING)


@pytest.fixture
def many(api: Api) -> Api:
    """Twenty-three tasks with repeated, missing and fractional values."""

    def make() -> None:
        for number in range(23):
            task: dict[str, object] = {"Company ID": f"c{number}"}
            if number % 3:
                task["Company Name"] = f"Acme {number % 4}"
            if number % 5:
                task["Contract Value"] = f"{number % 6}.25"
            if number % 4:
                task["Number of Employees"] = f"1.{number % 7}"
            assert 201 == api.post(TASKS, task).status

    api.begin("tasks of pages", make)
    return api


@pytest.mark.parametrize("limit", [1, 4, 23, 1000])
@pytest.mark.parametrize(
    "sort",
    [
        "",
        "_sort=Company%20Name&",
        "_sort=-Contract%20Value,Company%20Name&",
        "_sort=Number%20of%20Employees,-Created%20On&",
        "_sort=Stage&_sort=-Company%20ID&",
    ],
)
def test_pages_together_are_the_whole_list(many: Api, sort: str, limit: int) -> None:
    whole = many.get(f"{TASKS}?{sort}").json
    pages, link = [], f"{TASKS}?{sort}_limit={limit}&_fields=Company%20ID"
    while link:
        answer = many.get(link)
        assert (200, True) == (answer.status, 1 <= len(answer.json) <= limit)
        pages.extend(answer.json)
        following = answer.headers.get("Link", "")
        link = following.partition("/api/v1")[2].partition(">")[0]

    assert [{"Company ID": task["Company ID"]} for task in whole] == pages


def test_a_link_keeps_every_parameter(many: Api) -> None:
    query = "_limit=2&Company%20Name%5Bexists%5D=true&Stage=Not%20Started&Stage=Done&_sort=Stage"
    link = many.get(f"{TASKS}/active?{query}").headers["Link"]

    address, _, rel = link.partition(">; ")
    assert 'rel="next"' == rel
    assert address.startswith("<http://localhost/api/v1/workflows/sales-pipeline/tasks/active?")
    assert query == address.partition("?")[2].partition("&_cursor=")[0]
    assert 1 == address.count("_cursor=")


@pytest.mark.parametrize("cursor", ["x", "", base64.urlsafe_b64encode(b"[" * 3000).decode()])
def test_a_tampered_cursor_is_422(api: Api, cursor: str) -> None:
    answer = api.get(f"{TASKS}?_limit=1&_cursor={cursor}")

    assert (422, ["_cursor"]) == (answer.status, list(answer.json["errors"]))


def test_a_cursor_with_another_sort_is_422(api: Api) -> None:
    for number in range(3):
        api.post(TASKS, sample(**{"Company ID": str(number)}))
    link = api.get(f"{TASKS}?_limit=1").headers["Link"]
    cursor = link.partition("_cursor=")[2].partition(">")[0]

    answer = api.get(f"{TASKS}?_limit=1&_sort=Company%20ID&_cursor={cursor}")

    assert (422, ["_cursor"]) == (answer.status, list(answer.json["errors"]))


def test_a_cursor_with_another_filter_is_422_and_says_so(api: Api) -> None:
    for number in range(3):
        api.post(TASKS, sample(**{"Company ID": str(number)}))
    link = api.get(f"{TASKS}?_limit=1&Company%20ID[ne]=7").headers["Link"]
    cursor = link.partition("_cursor=")[2].partition(">")[0]

    answer = api.get(f"{TASKS}?_limit=1&Company%20ID[ne]=8&_cursor={cursor}")

    assert (422, ["_cursor"]) == (answer.status, list(answer.json["errors"]))
    assert "other filters" in answer.json["errors"]["_cursor"][0]
    assert 422 == api.get(f"{TASKS}/active?_limit=1&Company%20ID[ne]=7&_cursor={cursor}").status


def test_a_link_is_no_longer_than_what_was_asked_and_its_cursor(api: Api) -> None:
    """Some clients read no header of more than 64 KiB."""
    for number in range(2):
        api.post(TASKS, sample(**{"Company ID": str(number)}))
    names = ",".join(["Acme Corp", *(f"company {n}" for n in range(2000))]).replace(" ", "+")

    link = api.get(f"{TASKS}?_limit=1&Company%20Name[in]={names}").headers["Link"]

    assert len(link) < len(names) + 400
    following = api.get(link.partition("/api/v1")[2].partition(">")[0])
    assert (200, 1) == (following.status, len(following.json))


def test_a_link_cannot_be_broken_out_of(api: Api) -> None:
    for number in range(2):
        api.post(TASKS, sample(**{"Company ID": str(number)}))

    link = api.get(f'{TASKS}?_limit=1&Company%20Name[ne]=>;"<').headers["Link"]

    assert (1, 1, 2) == (link.count("<"), link.count(">"), link.count('"'))


def test_values_too_long_for_an_address_are_no_way_to_go_on(api: Api) -> None:
    for number in range(2):
        api.post(TASKS, sample(**{"Company ID": str(number), "Company Name": "x" * 10_000}))

    answer = api.get(f"{TASKS}?_limit=1&_sort=Company%20Name")

    assert (422, ["_sort"]) == (answer.status, list(answer.json["errors"]))
    assert 2 == len(api.get(f"{TASKS}?_limit=2&_sort=Company%20Name").json)
