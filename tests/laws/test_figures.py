"""Reports against plain Python: random histories, read event by event, day by day.

What is counted in the database within quarters of hours and cut lengths is counted here task by
task, each moment turned into the day of its zone by itself.
"""

import contextlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import count, pairwise
from statistics import mean
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from taskloom.engine.measures import (
    HUNDREDTH_DAY,
    HUNDREDTH_HOUR,
    Period,
    Span,
    Spread,
    cut,
)
from taskloom.engine.ports import Removal
from taskloom.errors import ASSIGNEE, STAGE, Invalid, NotFound
from taskloom.model.event import DELETED, Event
from taskloom.model.people import Actor
from taskloom.model.task import Task
from taskloom.query.tree import EVERYTHING, Compare, Filter
from taskloom.schema.compiled import Compiled
from taskloom.storage import history
from taskloom.storage import tasks as task_store
from taskloom.storage.client import connect
from tests.builders import new_id
from tests.unit.engines import Office, member, open_office

NUMBERS = count()
STAGES = ("New", "Doing", "Waiting", "Done", "Dropped")
ENDS = {"Done", "Dropped"}
EMAILS = ("ann@example.com", "bob@example.com", "cleo@example.com")
ZONES = (
    "UTC",
    "Europe/Paris",
    "America/Havana",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Niue",
)
PERIODS: tuple[Period, ...] = ("day", "week", "month")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TAG = {"type": "string", "enum": ["a", "b", "c"]}
FILE: dict[str, Any] = {
    "title": "Cases",
    "type": "object",
    "properties": {
        "ref": {"title": "Ref", "type": "string"},
        "size": {"title": "Size", "type": "string", "enum": ["S", "L"]},
        "tags": {
            "title": "Tags",
            "type": "array",
            "items": {"type": "string", "enum": ["a", "b", "c"]},
        },
        "paid": {"title": "Paid", "type": "boolean"},
        "lead": {"title": "Lead", "type": "string", "format": "person"},
        "crew": {"title": "Crew", "type": "array", "items": {"format": "person"}},
    },
    "workflow": {
        "uniqueId": "ref",
        "assignees": "many",
        "stages": [{"name": name, "end": name in ENDS} for name in STAGES],
        "roles": [
            {"name": "Lead", "for": ["admin"], "admin": True},
            {"name": "Agent", "for": ["member"], "see": ["created", "assigned"]},
        ],
    },
}
FIELDS = ("size", "tags", "paid", "lead", "crew", STAGE, ASSIGNEE)


@pytest.fixture(scope="module")
def office(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    database = connect(mongod_uri, f"test_{uuid4().hex}")
    opened = open_office(database, tmp_path_factory.mktemp("office"))
    for email in EMAILS:
        member(opened, email)
    yield opened
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture(autouse=True)
def _short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tasks hold so few events that most of what happened stands elsewhere."""
    for module in (history, task_store):
        monkeypatch.setattr(module, "KEPT", 3)


class World:
    """One workflow in which things happened at random."""

    def __init__(self, office: Office, seed: int, steps: int) -> None:
        self.office = office
        self.dice = random.Random(seed)
        self.workflow = office.push({**FILE, "$id": f"cases-{next(NUMBERS)}"})
        # Around the moments when clocks are put forward or back, as often as at any other time.
        summer = self.dice.choice([1_711_846_800_000, 1_729_987_200_000, 1_741_503_600_000])
        office.clock.now = summer - self.dice.randrange(5 * DAY)
        people = office.engine.people.people(office.admin)
        self.actors = [office.admin, *(self._actor(people.id_of(email)) for email in EMAILS)]
        for step in range(steps):
            if step == steps // 2:
                self._leave_copies()
            office.clock.now += round(self.dice.choice([0, 1, MINUTE, HOUR, DAY, 20 * DAY])
                                      * self.dice.random())  # fmt: skip
            with contextlib.suppress(NotFound, Invalid):
                self._happen()

    def _actor(self, user: str | None) -> Actor:
        return Actor(workspace=self.office.admin.workspace, user=user, role="member")

    def _leave_copies(self) -> None:
        """Let a deletion be cut off that had copied the events of all tasks."""
        gone = [
            Removal(task=task, event=Event(id=new_id(), at=0, by=None, kind=DELETED))
            for task in self.office.all(self.workflow)
        ]
        history.History(self.office.database).keep(self.workflow, gone)

    def _happen(self) -> None:
        dice, ref = self.dice, f"R{self.dice.randrange(8)}"
        if dice.random() < 0.04:
            self.office.delete(self.workflow, ref)
            return
        values: dict[str, Any] = {
            "size": dice.choice(["S", "L", None]),
            "tags": dice.sample(["a", "b", "c"], dice.randrange(4)),
            "paid": dice.choice([True, False, None]),
            "lead": dice.choice([*EMAILS, None]),
            "crew": dice.sample(EMAILS, dice.randrange(3)),
        }
        given = dict(dice.sample(sorted(values.items()), 2))
        rest: dict[str, Any] = {}
        if dice.random() < 0.7:
            rest["stage"] = dice.choice(STAGES)
        if dice.random() < 0.3:
            rest["assignees"] = dice.sample(EMAILS, dice.randrange(3))
        self.office.write(self.workflow, ref=ref, **rest, **given)

    def seen_by(self, actor: Actor, where: Filter) -> tuple[Compiled, list[Task]]:
        """Give the tasks that an actor sees, found without the report's own filter."""
        view = self.office.seen_by(actor, self.workflow)
        found = self.office.all(self.workflow)
        if actor.user is not None:
            found = [t for t in found if t.by == actor.user or actor.user in t.assignees]
        if isinstance(where, Compare):
            found = [task for task in found if task.values.get("size") == where.operand]
        return view, found


def moves(world: World, task: Task) -> list[tuple[int, str | None, str]]:
    """Tell when a task went from which stage to which, beginning with when it was made."""
    return [
        (event.at, change.old, change.new)  # type: ignore[misc] # stages are texts
        for event in world.office.history(world.workflow, task)
        for change in event.changes
        if change.field == STAGE
    ]


def visits(world: World, tasks: Sequence[Task]) -> list[tuple[str, int, int]]:
    """Tell of each stay that ended its stage, how long it was in milliseconds, and its end."""
    stays = []
    for task in tasks:
        told = moves(world, task)
        assert told[0][:2] == (task.created, None)
        for (came, _, stage), (left, old, _) in pairwise(told):
            assert stage == old
            stays.append((stage, left - came, left))
    return stays


def finished(world: World, task: Task) -> int | None:
    """Tell when a task came to an end to stay."""
    if task.stage not in ENDS:
        return None
    at = None
    for moment, old, new in moves(world, task):
        if new in ENDS and old not in ENDS:
            at = moment
    return at


def day_in(zone: tzinfo, at: int) -> date:
    return datetime.fromtimestamp(at / 1000, zone).date()


def first_of(day: date, period: Period) -> date:
    if period == "week":
        year, week, _ = day.isocalendar()
        return date.fromisocalendar(year, week, 1)
    return date(day.year, day.month, 1) if period == "month" else day


def is_within(at: int, span: Span) -> bool:
    day = day_in(span.zone, at)
    return (span.first is None or span.first <= day) and (span.last is None or day <= span.last)


def check_spread(spread: Spread | None, lengths: Sequence[int], unit: int) -> None:
    """Hold a spread against the lengths in milliseconds that it is of."""
    told = sorted(cut(length // unit) for length in lengths)
    spread = spread or Spread(lengths={})
    assert Counter(told) == spread.lengths
    assert sum(lengths) == spread.together
    for percent in (1, 50, 85, 100):
        place = max(math.ceil(len(told) * percent / 100), 1) - 1
        assert spread.quantile(percent) == (told[place] if told else None)
    whole = [length / (100 * unit) for length in lengths]
    for least, most in ((0, 1), (1, 3), (30, None)):
        between = [n for n in whole if least <= n and (most is None or n < most)]
        assert spread.between(least * 100, most and most * 100) == len(between)
    if lengths:
        assert mean(lengths) == pytest.approx(spread.together / spread.count)


def check_values(world: World, actor: Actor, where: Filter) -> None:
    view, tasks = world.seen_by(actor, where)
    for field in FIELDS:
        naive = Counter[Any]()
        for task in tasks:
            held: Any = {STAGE: task.stage, ASSIGNEE: list(task.assignees)}.get(field)
            held = task.values.get(field) if held is None else held
            several = held if isinstance(held, list) and held else [None if held == [] else held]
            naive.update(each if each != "" else None for each in several)
        counts, total = world.office.engine.figures.values(actor, view, where, field)
        assert (dict(naive), len(tasks)) == (counts, total)


def check_ages(world: World, actor: Actor, where: Filter) -> None:
    view, tasks = world.seen_by(actor, where)
    now = world.office.clock.now + 1
    found = world.office.engine.figures.ages(actor, view, where)
    by_stage = defaultdict(list)
    for task in tasks:
        if task.stage not in ENDS:
            by_stage[task.stage].append(now - task.created)
    assert by_stage.keys() == found.keys()
    for stage, ages in by_stage.items():
        check_spread(found[stage], ages, HUNDREDTH_DAY)


def check_visits(world: World, actor: Actor, where: Filter, span: Span) -> None:
    view, tasks = world.seen_by(actor, where)
    found = world.office.engine.figures.visits(actor, view, where, span)
    by_stage = defaultdict(list)
    for stage, length, left in visits(world, tasks):
        if is_within(left, span):
            by_stage[stage].append(length)
    assert by_stage.keys() == found.keys()
    for stage, lengths in by_stage.items():
        check_spread(found[stage], lengths, HUNDREDTH_HOUR)


def check_throughput(world: World, actor: Actor, where: Filter, span: Span, period: Period) -> None:
    view, tasks = world.seen_by(actor, where)
    told = world.office.engine.figures.throughput(actor, view, where, span, period)
    made = [task.created for task in tasks]
    ends = [at for task in tasks if (at := finished(world, task)) is not None]
    came, went = (
        Counter(first_of(day_in(span.zone, at), period) for at in times if is_within(at, span))
        for times in (made, ends)
    )
    assert came == Counter({each.first: each.created for each in told if each.created})
    assert went == Counter({each.first: each.finished for each in told if each.finished})
    firsts = [each.first for each in told]
    assert span.first is not None
    assert span.last is not None
    days = (span.last - span.first).days + 1
    every = {first_of(span.first + timedelta(days=n), period) for n in range(days)}
    assert firsts == sorted(every)


def check(world: World) -> None:
    dice = world.dice
    now = world.office.clock.now
    for actor in world.actors[:2]:
        filters: list[Filter] = [EVERYTHING, Compare("size", "eq", "S")]
        where = dice.choice(filters)
        zone = ZoneInfo(dice.choice(ZONES))
        today = day_in(zone, now)
        first = today - timedelta(days=dice.randrange(120))
        span = Span(first=first, last=first + timedelta(days=dice.randrange(120)), zone=zone)
        check_values(world, actor, where)
        check_ages(world, actor, where)
        check_visits(world, actor, where, dice.choice([span, Span(), Span(first=first, zone=zone)]))
        check_throughput(world, actor, where, span, dice.choice(PERIODS))


@pytest.mark.parametrize("seed", range(4))
def test_reports_tell_what_the_events_tell(office: Office, seed: int) -> None:
    world = World(office, seed, 70)
    check(world)
    moved = office.database["history"].count_documents({"w": world.workflow.workflow.uid})
    assert moved > 20


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_reports_tell_what_the_events_tell_of_long_histories(office: Office, seed: int) -> None:
    world = World(office, seed, 400)
    for _ in range(5):
        check(world)
