"""The engine as one object: what `app` builds and every dialect is given."""

from dataclasses import dataclass

from taskloom.engine.acting import Acting
from taskloom.engine.bulk import Bulk
from taskloom.engine.calls import Calls
from taskloom.engine.exports import Exports
from taskloom.engine.feed import Feed
from taskloom.engine.figures import Figures
from taskloom.engine.files import Files
from taskloom.engine.imports import Imports
from taskloom.engine.keys import Keys
from taskloom.engine.notifications import Notifications
from taskloom.engine.passwords import Passwords
from taskloom.engine.people import Directory
from taskloom.engine.pictures import Pictures
from taskloom.engine.plans import Plans
from taskloom.engine.policy import NOBODY_REGISTERS, Policy
from taskloom.engine.ports import Ports
from taskloom.engine.reports import Reports
from taskloom.engine.retries import Retries
from taskloom.engine.rows import Rows
from taskloom.engine.saved_views import SavedViews
from taskloom.engine.sessions import Sessions
from taskloom.engine.tasks import Tasks
from taskloom.engine.team import Team
from taskloom.engine.throttle import Throttle
from taskloom.engine.undoing import Undoing
from taskloom.engine.users import Users
from taskloom.engine.workflows import FacadeCheck, Workflows, unchecked


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The use cases, grouped by noun; all methods take the `Actor` first."""

    tasks: Tasks
    rows: Rows
    acting: Acting
    undoing: Undoing
    bulk: Bulk
    reports: Reports
    figures: Figures
    exports: Exports
    imports: Imports
    workflows: Workflows
    plans: Plans
    team: Team
    people: Directory
    users: Users
    keys: Keys
    notifications: Notifications
    throttle: Throttle
    retries: Retries
    sessions: Sessions
    feed: Feed
    saved_views: SavedViews
    calls: Calls
    files: Files
    pictures: Pictures


def open_engine(
    ports: Ports, policy: Policy = NOBODY_REGISTERS, *, facade_faults: FacadeCheck = unchecked
) -> Engine:
    """Put the use cases together over one set of ports.

    `facade_faults` tells what speaks against the facades of a workflow that is pushed.
    """
    tasks = Tasks(ports)
    passwords = Passwords()
    workflows = Workflows(ports, facade_faults)
    people = Directory(ports, passwords, policy)
    users = Users(ports, passwords)
    bulk = Bulk(ports, tasks)
    return Engine(
        tasks=tasks,
        rows=Rows(ports, tasks),
        acting=Acting(ports, tasks),
        undoing=Undoing(tasks),
        bulk=bulk,
        reports=Reports(ports, tasks),
        figures=Figures(ports, tasks),
        exports=Exports(tasks),
        imports=Imports(ports, workflows, people, bulk),
        workflows=workflows,
        plans=Plans(ports, workflows),
        team=Team(ports, workflows),
        people=people,
        users=users,
        keys=Keys(ports),
        notifications=Notifications(ports, workflows, tasks),
        throttle=Throttle(ports, policy),
        retries=Retries(ports.retries, ports.new_id),
        sessions=Sessions(ports, people, users, passwords),
        feed=Feed(ports, workflows, tasks),
        saved_views=SavedViews(ports, tasks),
        calls=Calls(ports, workflows),
        files=Files(ports, workflows),
        pictures=Pictures(ports),
    )
