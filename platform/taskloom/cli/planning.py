"""A plan in words for people, and whether anything in it needs their eye."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Plan = Mapping[str, Any]


def is_harmless(plan: Plan) -> bool:
    """Tell whether nothing would break, be put aside, or keep the plan from being applied."""
    aside = any(each["kept"] for each in plan["conversions"])
    hidden = any(each["count"] for each in plan["removed"])
    return not (plan["faults"] or plan["breaking"] or aside or hidden)


def lines_of(plan: Plan) -> list[str]:
    """Write a plan for people."""
    if not plan["changes"]:
        return ["nothing changes"]
    version = plan["version"]
    tasks = _counted(plan["tasks"], "task")
    return [
        f"version {version['from']} → {version['to']}, {tasks}",
        *_section("changes", (change["text"] for change in plan["changes"])),
        *_section("values that convert", map(_conversion, plan["conversions"])),
        *_section("values that no field will show", _unshown(plan)),
        *_section("tasks that would break a rule", map(_breaking, plan["breaking"])),
        *_section("this keeps the plan from being applied", map(_fault, plan["faults"])),
        *([] if plan["exact"] else ["not all tasks were looked at: there are too many"]),
    ]


def _section(title: str, lines: Iterator[str]) -> list[str]:
    told = [f"  {line}" for line in lines]
    return [f"{title}:", *told] if told else []


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s'[: number != 1]}"


def _conversion(each: Mapping[str, Any]) -> str:
    kept = f", {each['kept']:,} kept aside" if each["kept"] else ""
    shown = ", ".join(f"{one['task']}: {one['value']!r}" for one in each["examples"])
    what = f"{each['field']}: {each['from']} → {each['to']}"
    return f"{what}, {each['converted']:,} converted{kept}{f' ({shown})' if shown else ''}"


def _unshown(plan: Plan) -> Iterator[str]:
    for each in plan["removed"]:
        if each["count"]:
            yield f"{each['field']}: {_counted(each['count'], 'value')}, kept until purged"


def _breaking(each: Mapping[str, Any]) -> str:
    tasks: Sequence[str] = each["tasks"]
    more = ", …" if each["count"] > len(tasks) else ""
    return f"{each['message']}: {_counted(each['count'], 'task')} ({', '.join(tasks)}{more})"


def _fault(each: Mapping[str, Any]) -> str:
    hint = f" ({each['hint']})" if each["hint"] else ""
    return f"{'.'.join(map(str, each['path']))} {each['message']}{hint}"
