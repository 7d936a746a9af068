"""What a question was understood as, in the words of the earlier analyser (S2.13): worked out from the plan."""

from __future__ import annotations

import re
from typing import Any

from analyzer.plan import Condition, Plan, Task

_TYPES = {
    Task.COUNT: "counting",
    Task.FIND: "detection",
    Task.CLASSIFY: "classification",
    Task.DESCRIBE: "classification",
}
# Whole words, without the s of several, in this order: an accident of two cars is a violation before it is vehicles.
_CATEGORIES = {
    "violations": "accident crash encroachment helmet illegal offence violation wrong",
    "people": "child crowd man men pedestrian people person vendor woman women worker",
    "vehicles": "auto bicycle bike bus buse car congested congestion jam lorrie lorry motorcycle rickshaw tractor"
    " traffic train truck van vehicle wheeler",
}


def analysis(plan: Plan) -> dict[str, Any]:
    """The three fields of the earlier stream, and the six of its batches."""
    criteria = plan.ask or plan.target or ""
    counting = plan.task is Task.COUNT
    return {
        "search_criteria": criteria,
        "analysis_type": _TYPES.get(plan.task or Task.FIND, "detection"),
        "category": _category(f"{plan.target or ''} {plan.ask or ''}".casefold()),
        "search_objective": criteria,
        "count_required": counting,
        "entity_type": plan.target or "",
        "detection_criteria": _condition(plan.condition) or ("any number" if counting else "seen in the picture"),
        "data_to_collect": ["match", "count", "description"] if counting else ["match", "description"],
        "response_format": f"by {plan.group_by}" if plan.group_by else str(plan.aggregate),
    }


def _category(text: str) -> str:
    words = {word.removesuffix("s") for word in re.findall("[a-z]+", text)}
    return next((name for name, kinds in _CATEGORIES.items() if words & set(kinds.split())), "infrastructure")


def _condition(condition: Condition | None) -> str | None:
    if condition is None:
        return None
    if isinstance(condition.value, tuple):
        return f"between {condition.value[0]:g} and {condition.value[1]:g}"
    return f"{condition.op} {condition.value:g}"
