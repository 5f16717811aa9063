"""Saved views in MongoDB: one document each.

A view is `{_id, w: <uid of the workflow>, owner?, name, layout, shared, query, columns, at, up}`;
what it asks for stands in it as JSON text, so that nothing of it can act as an operator.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pymongo import IndexModel, ReturnDocument

from taskloom.model.saved_view import SavedView
from taskloom.model.task import Moment
from taskloom.storage.client import Database, Document, in_our_words

SAVED_VIEWS: Final = "saved_views"
_BY_NAME: Final = [("name", 1), ("at", 1), ("_id", 1)]


class SavedViews:
    """Fulfils `SavedViewStore`."""

    def __init__(self, database: Database) -> None:
        self._views = database[SAVED_VIEWS]

    @in_our_words
    def prepare(self) -> None:
        """Make the index; harmless to repeat."""
        self._views.create_indexes([IndexModel([("w", 1), ("name", 1)], name="tl_workflow")])

    @in_our_words
    def seen(self, workflow: str, user: str | None) -> Sequence[SavedView]:
        mine: list[Document] = [{"shared": {"$eq": True}}]
        mine += [{"owner": {"$eq": user}}] if user is not None else []
        found = self._views.find({"w": {"$eq": workflow}, "$or": mine}, sort=_BY_NAME)
        return [_view(document) for document in found]

    @in_our_words
    def get(self, workflow: str, view: str) -> SavedView | None:
        found = self._views.find_one(_one(workflow, view))
        return None if found is None else _view(found)

    @in_our_words
    def count(self, workflow: str, owner: str | None) -> int:
        return self._views.count_documents({"w": {"$eq": workflow}, "owner": {"$eq": owner}})

    @in_our_words
    def insert(self, view: SavedView) -> None:
        self._views.insert_one(_document(view))

    @in_our_words
    def change(
        self, workflow: str, view: str, changes: Mapping[str, object], at: Moment
    ) -> SavedView | None:
        found = self._views.find_one_and_update(
            _one(workflow, view),
            {"$set": {**changes, "up": at}},
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _view(found)

    @in_our_words
    def delete(self, workflow: str, view: str) -> bool:
        return self._views.delete_one(_one(workflow, view)).deleted_count == 1


def _one(workflow: str, view: str) -> Document:
    return {"_id": {"$eq": view}, "w": {"$eq": workflow}}


def _document(view: SavedView) -> Document:
    document: Document = {
        "_id": view.id,
        "w": view.workflow,
        "name": view.name,
        "layout": view.layout,
        "shared": view.shared,
        "query": view.query,
        "columns": view.columns,
        "at": view.created,
        "up": view.updated,
    }
    return document if view.owner is None else {**document, "owner": view.owner}


def _view(document: Document) -> SavedView:
    return SavedView(
        id=document["_id"],
        workflow=document["w"],
        owner=document.get("owner"),
        name=document["name"],
        layout=document["layout"],
        shared=document["shared"],
        query=document["query"],
        columns=document["columns"],
        created=document["at"],
        updated=document["up"],
    )
