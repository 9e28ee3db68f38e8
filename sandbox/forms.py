"""Forms: what a person enters in a view, in the shape of `view.state.values`."""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import ArgumentError
from sandbox.interactions import SEVERAL, chosen, elements_of, id_of
from sandbox.shapes import Json


def fill_in(blocks: list[Json], values: Mapping[str, Any]) -> Json:
    """The state of a form with these values, by action_id; others keep what the app put there.

    Raises ArgumentError where a person could not press Submit: a required input left empty, or a value for
    an element that is not there.
    """
    state: Json = {}
    unknown = set(values)
    for index, block in enumerate(blocks):
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id is None or (block.get("type") != "input" and action_id not in values):
                continue
            unknown.discard(action_id)
            entered = _entered(element, values.get(action_id))
            if block.get("type") == "input" and not block.get("optional") and _empty(entered):
                raise ArgumentError(f"the input {action_id} is required")
            state.setdefault(id_of(block, index), {})[action_id] = entered
    if unknown:
        raise ArgumentError(f"no element with action_id {min(unknown)} in the form")
    return state


def _entered(element: Json, value: Any) -> Json:
    kind = element["type"]
    if kind in SEVERAL and value is None:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if value is None and "initial_option" in element:
        return {"type": kind, "selected_option": element["initial_option"]}
    return {"type": kind} | chosen(element, value if value is not None else _initial(element))


def _initial(element: Json) -> Any:
    return next((value for name, value in element.items() if name.startswith("initial_")), None)


def _empty(entered: Json) -> bool:
    return not any(value for name, value in entered.items() if name != "type")
