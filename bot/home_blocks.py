"""What the home tab is laid out with. Pure."""

from workers.elements import Block, bullets, plain_text_object, rich_text, section, text_element

DIVIDER: Block = {"type": "divider"}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text_object(text)}


def listing(*items: Block) -> Block:
    return rich_text([bullets([*items])])


def named(text: str) -> Block:
    return rich_text([section([text_element(text, {"bold": True})])])
