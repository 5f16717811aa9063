"""What a report by name is asked for: days, a time zone, filters, and what to count by."""

from collections.abc import Mapping
from datetime import UTC, date, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from taskloom.engine.measures import Period, Span
from taskloom.errors import ASSIGNEE, Fault, Invalid, Refusal
from taskloom.fields.base import People
from taskloom.fields.moment import day
from taskloom.query.tree import EVERYTHING, All, Filter
from taskloom.schema.compiled import Compiled
from taskloom.wire.exact import shortened
from taskloom.wire.flowdash.filters import filters
from taskloom.wire.flowdash.naming import ASSIGNED_TO
from taskloom.wire.flowdash.query import Parameters, meaningless
from taskloom.wire.flowdash.reports import DATES, PAGING, known, of_kinds, once, refused

FROM: Final = "from"
TO: Final = "to"
BY: Final = "by"
ZONE: Final = "_tz"
PARAMETERS: Final = (FROM, TO, BY, ZONE)
PERIODS: Final[Mapping[str, Period]] = {"day": "day", "week": "week", "month": "month"}
PERSONS: Final = frozenset({"person", "personList"})

_YEARS: Final = range(1970, 9998)
_LONGEST_ZONE: Final = 64
_VALUES: Final = frozenset({"singleSelect", "multipleSelect", "checkbox", *PERSONS})


class Asked:
    """Reads the parameters of a report; faults are gathered."""

    def __init__(self, parameters: Parameters, workflow: Compiled, people: People) -> None:
        self._given = parameters
        self._workflow = workflow
        self._people = people
        self._faults: list[Fault] = []

    def all(self, report: str) -> tuple[Filter, Span, str | None]:
        """Return what is counted, which days, and by what; or raise `Invalid` with every fault."""
        others = MultiDict(
            [(name, text) for name, text in self._given.items(multi=True) if name not in PARAMETERS]
        )
        paging = MultiDict([(name, "") for name in others if name in PAGING])
        self._faults += meaningless(paging, hint="a report is not a list")
        where = tuple(filters(others, self._workflow, self._people, self._faults))
        first, last, by = self._day(FROM), self._day(TO), self._by(report)
        span = Span(first=first, last=last, zone=self._zone())
        if first is not None and last is not None and last < first:
            self._faults.append(refused(TO, f"must not be before {FROM}"))
        if self._faults:
            raise Invalid(self._faults)
        return (All(where) if where else EVERYTHING), span, by

    def _one(self, name: str) -> str | None:
        return once(name, self._given.getlist(name), self._faults)

    def _day(self, name: str) -> date | None:
        text = self._one(name)
        if text is None:
            return None
        try:
            read = date.fromisoformat(day(text, self._people))
        except Refusal as refusal:
            self._faults.append(refused(name, refusal.message, refusal.hint))
            return None
        if read.year not in _YEARS:
            first, last = _YEARS.start, _YEARS.stop - 1
            self._faults.append(refused(name, f"must be in the years from {first} to {last}"))
            return None
        return read

    def _zone(self) -> tzinfo:
        name = self._one(ZONE)
        if name is None or name == "UTC":
            return UTC
        try:
            if len(name) <= _LONGEST_ZONE:
                return ZoneInfo(name)
        except (LookupError, ValueError, OSError):
            # What is no name of a zone may be that of a folder, or of no file at all.
            pass
        told = f"{shortened(name)!r} is no time zone"
        self._faults.append(refused(ZONE, told, "name one like Europe/Paris"))
        return UTC

    def _by(self, report: str) -> str | None:
        given = self._one(BY)
        if report == "throughput":
            if given is not None and given not in PERIODS:
                self._faults.append(refused(BY, f"must be one of {', '.join(PERIODS)}"))
            return given
        titles = self._titles(report)
        if titles is None:
            if given is not None:
                self._faults.append(refused(BY, f"means nothing for {report}"))
            return None
        what = "a date" if report == "overdue" else "a select, checkbox or person"
        if given is None:
            hint = f"there are {', '.join(titles)}" if titles else "this workflow has none"
            self._faults.append(refused(BY, f"must be the title of {what}", hint))
            return None
        return known(BY, given, titles, f"{what} of this workflow", self._faults)

    def _titles(self, report: str) -> Mapping[str, str] | None:
        """Map the titles that `by` may be to keys; None where it may be nothing."""
        if report == "overdue":
            return of_kinds(DATES, self._workflow)
        if report == "values":
            return {**of_kinds(_VALUES, self._workflow), ASSIGNED_TO: ASSIGNEE}
        return None
