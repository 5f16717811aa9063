"""The answer to a bulk request in the making, on disk once it is large."""

from collections.abc import Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Final

from taskloom.engine.stages import Result, Unprocessed
from taskloom.engine.writing import Same, Written
from taskloom.errors import Invalid, TaskloomError
from taskloom.wire.answer import JSON, Ready, encode, spooled, told
from taskloom.wire.base import Titles
from taskloom.wire.body import HEAVY
from taskloom.wire.flowdash.errors import by_name, render
from taskloom.wire.flowdash.lines import NDJSON

ALWAYS: Final = ("created", "updated", "unchanged", "refused")
"""What a summary counts even where there is none of it."""

UNPROCESSED: Final = "unprocessed"
OUTCOMES: Final = (*ALWAYS, "deleted", UNPROCESSED)


class Report:
    """What came of the rows so far, in the media type of the answer."""

    def __init__(self, titles: Titles, media: str) -> None:
        self._titles = titles
        self._media = media
        self._counts = dict.fromkeys(ALWAYS, 0)
        self._index = 0
        # Lives until the answer is sent, which closes it.
        self._spool = SpooledTemporaryFile(max_size=HEAVY)  # noqa: SIM115
        if media == JSON:
            self._spool.write(b'{"results":[')

    def counts(self, outcome: str) -> None:
        """Let the summary count this even if there is none of it."""
        self._counts.setdefault(outcome, 0)

    def add(self, results: Sequence[Result]) -> None:
        """Note what came of the next rows."""
        counts = self._counts
        lines: list[bytes] = []
        for index, result in enumerate(results, start=self._index):
            task = _id_of(result)
            if task:
                status: str = result.outcome  # type: ignore[union-attr] # what has an id has one
                # Ids and outcomes need no escapes.
                lines.append(f'{{"index":{index},"status":"{status}","id":"{task}"}}'.encode())
            else:
                spelt = self._line(index, result)
                status = str(spelt["status"])
                lines.append(encode(spelt))
            counts[status] = counts.get(status, 0) + 1
        self._write(lines)

    def skip(self, count: int, error: TaskloomError) -> None:
        """Note of the next rows that they were not tried, or that it is not known how they went."""
        self.counts(UNPROCESSED)
        rows = range(self._index, self._index + count)
        told = {"status": UNPROCESSED, "error": error.message}
        self._write([encode({"index": index, **told}) for index in rows])
        self._counts[UNPROCESSED] += count

    def _write(self, lines: Sequence[bytes]) -> None:
        if self._media == NDJSON:
            self._spool.writelines(line + b"\n" for line in lines)
        elif lines:
            self._spool.write((b"," if self._index else b"") + b",".join(lines))
        self._index += len(lines)

    def _line(self, index: int, result: Result) -> Mapping[str, object]:
        if isinstance(result, Written | Same):
            return {"index": index, "status": result.outcome}
        if isinstance(result, Unprocessed):
            return {"index": index, "status": UNPROCESSED}
        # Where it was raised is of no interest, and would keep the whole row in memory.
        result.__traceback__ = None
        refused: dict[str, object] = {"index": index, "status": "refused"}
        if isinstance(result, Invalid):
            faults = told(result.faults, self._titles)
            return {**refused, "errors": by_name(result.faults, self._titles), "faults": faults}
        return {**refused, "error": result.message}

    def close(self) -> None:
        """Throw the report away."""
        self._spool.close()

    def response(self, failure: TaskloomError | None) -> Ready:
        """End the report and answer with it; a failure sets the status."""
        summary: dict[str, object] = {**self._counts}
        if failure is not None:
            summary["error"] = failure.message
        text = encode(summary)
        self._spool.write(text + b"\n" if self._media == NDJSON else b"]," + text[1:])
        status = 200 if failure is None else render(failure).status
        return spooled(self._spool, status=status, media=self._media)


def _id_of(result: Result) -> str:
    """Return the id of a row's task, "" where there is none to tell."""
    if type(result) is Written:
        return result.task.id
    return result.id if type(result) is Same else ""
