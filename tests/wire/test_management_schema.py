"""The published meta-schema of workflow files."""

from taskloom.schema.meta import meta_schema
from tests.wire.conftest import Ask

ADDRESS = "/schemas/workflow.json"


def test_the_meta_schema_is_public_and_may_be_kept(ask: Ask) -> None:
    answer = ask("GET", ADDRESS)

    assert (200, meta_schema()) == (answer.status, answer.json)
    assert "application/schema+json" == answer.headers["Content-Type"]
    assert "max-age" in answer.headers["Cache-Control"]
    again = ask("GET", ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (304, b"") == (again.status, again.body)
