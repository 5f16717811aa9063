"""Users as this dialect shows, filters and sorts them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from taskloom.model.people import ROLES, User
from taskloom.wire.management.strict import stamp
from taskloom.wire.task_management.asking import CONTROLS, Asking, Given, Page, Sorting
from taskloom.wire.task_management.names import CREATED_AT, UPDATED_AT

NAME: Final = "name"
EMAIL: Final = "email"
ROLE: Final = "role"
PASSWORD: Final = "password"  # noqa: S105 - a name
_FILTERS: Final = (EMAIL, NAME, ROLE)
_USUAL: Final = Sorting(CREATED_AT)

Matches = Callable[[User], bool]


def _updated(user: User) -> int:
    return max(user.created, user.updated)


_KEYS: Final[Mapping[str, Callable[[User], str | int]]] = {
    NAME: lambda user: user.name.casefold(),
    EMAIL: lambda user: user.email.casefold(),
    CREATED_AT: lambda user: user.created,
    UPDATED_AT: _updated,
}


def shown(user: User) -> Mapping[str, object]:
    """Show a user."""
    return {
        "id": user.id,
        NAME: user.name,
        EMAIL: user.email,
        ROLE: user.role,
        CREATED_AT: stamp(user.created),
        UPDATED_AT: stamp(_updated(user)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class UserListing:
    """A part of a list of users."""

    filters: Sequence[Matches]
    sorting: Sequence[Sorting]
    page: Page

    def matching(self, users: Iterable[User]) -> Sequence[User]:
        """Return the whole list, sorted; who is equal in it is in the order of creation."""
        found = [user for user in users if all(matches(user) for matches in self.filters)]
        found.sort(key=lambda user: (user.created, user.id))
        for sort in reversed(self.sorting):
            found.sort(key=_KEYS[sort.name], reverse=sort.descending)
        return found

    def part(self, users: Sequence[User]) -> Sequence[User]:
        """Cut the part out of the whole list."""
        return users[self.page.offset : self.page.offset + self.page.limit]


def user_listing_of(given: Given) -> UserListing:
    """Read the parameters of a list; raises `Invalid` with everything wrong with them."""
    asking = Asking(given, (*CONTROLS, *_FILTERS))
    filters = tuple(_filters(asking))
    sorting = asking.sorting(tuple(_KEYS), _USUAL)
    page = asking.page()
    asking.settle()
    return UserListing(filters=filters, sorting=sorting, page=page)


def _filters(asking: Asking) -> Iterator[Matches]:
    email, name = asking.one(EMAIL), asking.one(NAME)
    roles = asking.chosen(ROLE, ROLES)
    if email is not None:
        yield lambda user: user.email.casefold() == email.strip().casefold()
    if name is not None:
        yield lambda user: name.strip().casefold() in user.name.casefold()
    if roles:
        yield lambda user: user.role in roles
