"""Pictures of users in the file store: kept as long as their user shows them."""

import pytest

from taskloom.model.people import User
from taskloom.model.values import Attachment
from taskloom.storage.client import Database
from taskloom.storage.files import GridFiles
from taskloom.storage.stores import Stores
from tests.builders import new_id

OLD = 1_700_000_000_000
NOW = OLD + 3_600_000


def put(files: GridFiles, user: str, contents: bytes, *, picture: bool = True) -> Attachment:
    """Store a file of a user."""
    return files.add(
        workspace="main",
        by=user,
        filename="me.png",
        content_type="image/png",
        contents=contents,
        at=OLD,
        picture=picture,
    )


@pytest.fixture
def files(database: Database) -> GridFiles:
    store = GridFiles(database)
    store.prepare()
    return store


@pytest.fixture
def user(stores: Stores) -> User:
    """Store a user without picture."""
    made = User(
        id=new_id(),
        workspace="main",
        email="ann@example.com",
        name="Ann",
        role="member",
        created=OLD,
    )
    stores.directory.insert_user(made, None)
    return made


def show(database: Database, user: User, image: str) -> None:
    database["users"].update_one({"_id": user.id}, {"$set": {"image": image}})


def test_a_picture_is_told_from_other_files(files: GridFiles, user: User) -> None:
    picture, file = put(files, user.id, b"1"), put(files, user.id, b"2", picture=False)
    found = files.find("main", [picture["blobId"], file["blobId"]])

    assert found[picture["blobId"]].picture
    assert not found[file["blobId"]].picture


def test_pictures_stay_while_their_user_shows_them(
    files: GridFiles, database: Database, user: User
) -> None:
    shown, former = put(files, user.id, b"1"), put(files, user.id, b"2")
    show(database, user, f"https://example.com/api/auth/images/main/{shown['blobId']}")

    files.collect(NOW)

    assert [shown["blobId"]] == list(files.find("main", [shown["blobId"], former["blobId"]]))


def test_a_file_that_is_no_picture_goes_though_a_user_names_it(
    files: GridFiles, database: Database, user: User
) -> None:
    file = put(files, user.id, b"1", picture=False)
    show(database, user, file["blobId"])

    files.collect(NOW)

    assert {} == files.find("main", [file["blobId"]])


def test_the_picture_of_a_user_who_is_gone_goes(files: GridFiles) -> None:
    picture = put(files, new_id(), b"1")

    files.collect(NOW)

    assert {} == files.find("main", [picture["blobId"]])
