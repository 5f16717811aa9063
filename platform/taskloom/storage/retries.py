"""Requests that may be sent again, and their answers, until their time is over.

A request is `{_id, p, r, t, n, held, until, s?, h?, b?, m?}`: its fingerprint, the root of its ids,
the token and the number of the try that has it, and from when on another may have it. An answer is
a status, headers, and a body or how many further documents `{_id: "<name>:<number>", b, until}`
hold it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

from bson.binary import Binary
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from taskloom.engine.retries import Kept, Other, Try
from taskloom.storage.client import Database, Document, in_our_words

_PIECE: Final = 4 * 1024 * 1024
_ANSWER: Final = ("s", "h", "b", "m")


class Retries:
    """Fulfils `RetryStore`."""

    def __init__(self, database: Database) -> None:
        self._requests = database["retries"]

    @in_our_words
    def prepare(self) -> None:
        """Make the index that lets old requests go; harmless to repeat."""
        self._requests.create_indexes([IndexModel("until", name="tl_until", expireAfterSeconds=0)])

    @in_our_words
    def begin(self, attempt: Try, fingerprint: str, *, hold: int, keep: int) -> Try | Kept | Other:
        try:
            found = self._begin(attempt, fingerprint, hold, keep)
        except DuplicateKeyError:
            # Another try made the document just now.
            found = self._begin(attempt, fingerprint, hold, keep)
        if found["p"] != fingerprint:
            return Other(same=False)
        if "s" in found:
            return Kept(request=attempt.request, status=found["s"], headers=dict(found["h"]))
        if found["t"] != attempt.token:
            return Other(same=True)
        return Try(
            request=attempt.request, token=attempt.token, root=found["r"], again=found["n"] > 1
        )

    def _begin(self, attempt: Try, fingerprint: str, hold: int, keep: int) -> Document:
        found = self._requests.find_one_and_update(
            {"_id": attempt.request},
            _beginning(attempt, fingerprint, hold, keep),
            upsert=True,
            return_document=ReturnDocument.AFTER,
            projection={"b": 0},
        )
        return cast(Document, found)

    @in_our_words
    def hold(self, attempts: Collection[Try], hold: int) -> None:
        mine = {"$or": [_mine(attempt) for attempt in attempts]}
        self._requests.update_many(mine, [{"$set": {"held": {"$add": ["$$NOW", hold]}}}])

    @in_our_words
    def let_go(self, attempt: Try) -> None:
        self._requests.update_one(_mine(attempt), [{"$set": {"held": "$$NOW"}}])

    @in_our_words
    def forget(self, attempt: Try) -> None:
        self._requests.delete_one(_mine(attempt))

    @in_our_words
    def finish(
        self, attempt: Try, status: int, headers: Mapping[str, str], body: Iterable[bytes]
    ) -> None:
        found = self._requests.find_one(_mine(attempt), {"until": 1})
        if found is None:
            return
        pieces = _pieces(body)
        first = next(pieces, b"")
        more = 0
        for more, piece in enumerate(pieces, start=1):
            self._keep(f"{attempt.request}:{more}", piece, found["until"])
        answer: Document = {"s": status, "h": list(headers.items()), "b": first, "m": more}
        self._requests.update_one(_mine(attempt), {"$set": answer})

    def _keep(self, name: str, piece: bytes, until: datetime) -> None:
        kept = {"b": Binary(piece), "until": until}
        self._requests.replace_one({"_id": name}, kept, upsert=True)

    @in_our_words
    def body(self, request: str) -> Iterator[bytes]:
        found = self._requests.find_one({"_id": request}, {"b": 1, "m": 1})
        if found is None:
            return iter(())
        return self._body(request, found)

    def _body(self, request: str, found: Document) -> Iterator[bytes]:
        yield found["b"]
        for number in range(1, found["m"] + 1):
            piece = self._requests.find_one({"_id": f"{request}:{number}"}, {"b": 1})
            yield cast(Document, piece)["b"]


def _mine(attempt: Try) -> Document:
    return {"_id": attempt.request, "t": attempt.token, "s": {"$exists": False}}


def _beginning(attempt: Try, fingerprint: str, hold: int, keep: int) -> list[Document]:
    """Make the update that begins a request, or goes on with one that nobody holds."""
    new = {"$or": [{"$eq": [{"$type": "$p"}, "missing"]}, {"$lt": ["$until", "$$NOW"]}]}
    open_ = {
        "$and": [
            {"$eq": [{"$type": "$s"}, "missing"]},
            {"$eq": ["$p", fingerprint]},
            {"$lte": ["$held", "$$NOW"]},
        ]
    }

    def either(first: object, later: object) -> Document:
        return {"$cond": ["$new", first, later]}

    def mine(given: object, name: str) -> Document:
        return {"$cond": [{"$or": ["$new", "$open"]}, given, f"${name}"]}

    fields: dict[str, Any] = {
        "p": either(fingerprint, "$p"),
        "r": either(attempt.root, "$r"),
        "until": either({"$add": ["$$NOW", keep]}, "$until"),
        "n": either(1, mine({"$add": ["$n", 1]}, "n")),
        "t": mine(attempt.token, "t"),
        "held": mine({"$add": ["$$NOW", hold]}, "held"),
        **{name: either("$$REMOVE", f"${name}") for name in _ANSWER},
    }
    return [
        {"$set": {"new": new, "open": open_}},
        {"$set": fields},
        {"$unset": ["new", "open"]},
    ]


def _pieces(body: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a body into pieces that fit into documents."""
    held = bytearray()
    for part in body:
        held += part
        while len(held) >= _PIECE:
            yield bytes(held[:_PIECE])
            del held[:_PIECE]
    if held:
        yield bytes(held)
