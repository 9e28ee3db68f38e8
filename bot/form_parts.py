"""The small parts that forms are made of, as Slack's Block Kit has them. Pure.

https://docs.slack.dev/reference/block-kit/blocks/input-block
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workers.elements import Block, Element, plain_text_object, shortened

OPTION_CHARS = 75
"""Of a text that can be chosen, at most."""


def modal(
    title: str, blocks: Sequence[Block], *, callback: str, submit: str, metadata: str = ""
) -> dict[str, Any]:
    """What is submitted comes back under `callback`, with the `metadata`."""
    view = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text_object(title),
        "submit": plain_text_object(submit),
        "close": plain_text_object("Cancel"),
        "blocks": [*blocks],
    }
    return {**view, "private_metadata": metadata} if metadata else view


def form_input(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """An input whose block and action are called alike."""
    block = {"type": "input", "block_id": name, "label": plain_text_object(label), "element": element}
    told = {"hint": plain_text_object(hint)} if hint else {}
    return block | told | ({"optional": True} if optional else {})


def text_input(
    name: str, *, most_chars: int, initial: str = "", placeholder: str = "", multiline: bool = False
) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": name, "max_length": most_chars}
    if multiline:
        element["multiline"] = True
    if initial:
        element["initial_value"] = initial
    if placeholder:
        element["placeholder"] = plain_text_object(placeholder)
    return element


def option(value: str, words: str) -> Element:
    return {"text": plain_text_object(shortened(words, OPTION_CHARS)), "value": value}


def options(words: Mapping[str, str]) -> list[Element]:
    """In this order, by value."""
    return [option(value, said) for value, said in words.items()]


def select(name: str, label: str, words: Mapping[str, str], now: str) -> Block:
    """One of several, of which the value `now` is chosen."""
    made = options(words)
    [initial] = [one for one in made if one["value"] == now]
    element = {"type": "static_select", "action_id": name, "options": made, "initial_option": initial}
    return form_input(name, label, element)
