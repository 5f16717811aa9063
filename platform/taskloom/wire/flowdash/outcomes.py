"""The answer to a bulk request in the making, on disk once it is large."""

from collections.abc import Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Final

from flask import Response

from taskloom.engine.bulk import Result
from taskloom.engine.writing import Written
from taskloom.errors import Invalid, TaskloomError
from taskloom.wire.answer import JSON, encode, sent_from, told
from taskloom.wire.base import Titles
from taskloom.wire.body import HEAVY
from taskloom.wire.flowdash.errors import by_name, render
from taskloom.wire.flowdash.lines import NDJSON

OUTCOMES: Final = ("created", "updated", "unchanged", "refused")


class Report:
    """What came of the rows so far, in the media type of the answer."""

    def __init__(self, titles: Titles, media: str) -> None:
        self._titles = titles
        self._media = media
        self._counts = dict.fromkeys(OUTCOMES, 0)
        self._index = 0
        # Lives until the answer is sent, which closes it.
        self._spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115
        if media == JSON:
            self._spool.write(b'{"results":[')

    def add(self, results: Sequence[Result]) -> None:
        """Note what came of the next rows."""
        for result in results:
            line = self._line(result)
            self._counts[str(line["status"])] += 1
            if self._media == NDJSON:
                self._spool.write(encode(line) + b"\n")
            else:
                self._spool.write((b"," if self._index else b"") + encode(line))
            self._index += 1

    def _line(self, result: Result) -> Mapping[str, object]:
        if isinstance(result, Written):
            return {"index": self._index, "status": result.outcome, "id": result.task.id}
        # Where it was raised is of no interest, and would keep the whole row in memory.
        result.__traceback__ = None
        refused: dict[str, object] = {"index": self._index, "status": "refused"}
        if isinstance(result, Invalid):
            faults = told(result.faults, self._titles)
            return {**refused, "errors": by_name(result.faults, self._titles), "faults": faults}
        return {**refused, "error": result.message}

    def close(self) -> None:
        """Throw the report away."""
        self._spool.close()

    def response(self, failure: TaskloomError | None) -> Response:
        """End the report and answer with it; a failure sets the status."""
        summary: dict[str, object] = {**self._counts}
        if failure is not None:
            summary["error"] = failure.message
        text = encode(summary)
        self._spool.write(text + b"\n" if self._media == NDJSON else b"]," + text[1:])
        status = 200 if failure is None else render(failure).status
        return sent_from(self._spool, status=status, media=self._media)
