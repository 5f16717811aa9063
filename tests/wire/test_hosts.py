"""Links begin with the host that was asked, and never with anything else."""

import pytest

from tests.wire.api import Api, sample

TASKS = "/workflows/sales-pipeline/tasks"


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("tasks.example.com", "http://tasks.example.com"),
        ("tasks.example.com:8080", "http://tasks.example.com:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("my_container:8080", "http://my_container:8080"),
    ],
)
def test_links_begin_with_the_host(api: Api, host: str, base: str) -> None:
    headers = {"Host": host}

    made = api.post(TASKS, sample(), headers=headers)
    api.post(TASKS, sample(**{"Company ID": "43"}))
    page = api.get(f"{TASKS}?_limit=1", headers=headers)

    assert made.json["Task URL"].startswith(f"{base}/workflows/sales-pipeline/tasks/")
    assert f"{base}/api/v1{TASKS}/42" == made.headers["Location"]
    assert page.headers["Link"].startswith(f"<{base}/api/v1{TASKS}?_limit=1&_cursor=")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a<b>",
        "a b",
        "user@tasks.example.com",
        "[::1",
        "tasks.example.com:99999999",
        'x>; rel="next", <http://tasks.example.com',
    ],
)
def test_what_is_no_host_is_400_and_saves_nothing(api: Api, host: str) -> None:
    headers = {"Host": host}

    assert 400 == api.post(TASKS, sample(), headers=headers).status
    assert 400 == api.get(TASKS, headers=headers).status
    assert [] == api.get(TASKS).json
