"""Block Kit as tables: which blocks and elements there are, their fields and their limits.

To allow another block, add a line to BLOCKS. `check_blocks` gives the problems in Slack's words; none
means Slack would take the blocks. Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Any

from sandbox.rich_text import RICH_TEXT_FIELDS, RICH_TEXT_VALUE
from sandbox.schema import (
    Check,
    Problems,
    anything,
    at_least_one,
    by_type,
    flag,
    items,
    number,
    one_of,
    shape,
    string,
    text,
    unique,
)
from sandbox.shapes import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_CHARACTERS = 12_000

_id = string(255)
_url = string(3000)
_confirm = shape(
    {
        "title": text(100, "plain_text"),
        "text": text(300),
        "confirm": text(30, "plain_text"),
        "deny": text(30, "plain_text"),
    },
    {"style": one_of("primary", "danger")},
)
_slack_file = shape({}, {"id": string(30), "url": _url})
_option = shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": _url})
_group = shape({"label": text(75, "plain_text"), "options": items(_option, 100)})
_feedback = shape(
    {"text": text(75, "plain_text"), "value": string(2000)}, {"accessibility_label": string(75)}
)
_image = {"alt_text": string(2000)}
_pictured = {"image_url": _url, "slack_file": _slack_file}

_chosen = {"confirm": _confirm, "focus_on_load": flag, "placeholder": text(150, "plain_text")}
_several = {"max_selected_items": number(1, 100)}
_choices = {"options": items(_option, 100), "option_groups": items(_group, 100)}
_filter = shape(
    {}, {"include": anything, "exclude_bot_users": flag, "exclude_external_shared_channels": flag}
)
_typed = {
    "initial_value": string(3000, minimum=0),
    "focus_on_load": flag,
    "placeholder": text(150, "plain_text"),
    "dispatch_action_config": anything,
}


def _action(required: dict[str, Check], optional: dict[str, Check]) -> Check:
    """An interactive element: one with an action_id."""
    return shape(required, {"action_id": _id} | optional)


ELEMENTS: dict[str, Check] = {
    "button": _action(
        {"text": text(75, "plain_text")},
        {
            "url": _url,
            "value": string(2000, minimum=0),
            "style": one_of("primary", "danger"),
            "confirm": _confirm,
            "accessibility_label": string(75),
        },
    ),
    "static_select": at_least_one(
        "options", "option_groups", of=_action({}, _choices | _chosen | {"initial_option": _option})
    ),
    "external_select": _action({}, _chosen | {"initial_option": _option, "min_query_length": number(0, 100)}),
    "users_select": _action({}, _chosen | {"initial_user": string(30)}),
    "channels_select": _action({}, _chosen | {"initial_channel": string(30), "response_url_enabled": flag}),
    "conversations_select": _action(
        {},
        _chosen
        | {
            "initial_conversation": string(30),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": _filter,
        },
    ),
    "multi_static_select": at_least_one(
        "options",
        "option_groups",
        of=_action({}, _choices | _chosen | _several | {"initial_options": items(_option, 100)}),
    ),
    "multi_users_select": _action({}, _chosen | _several | {"initial_users": items(string(30), 100)}),
    "multi_channels_select": _action({}, _chosen | _several | {"initial_channels": items(string(30), 100)}),
    "multi_conversations_select": _action(
        {},
        _chosen
        | _several
        | {
            "initial_conversations": items(string(30), 100),
            "default_to_current_conversation": flag,
            "filter": _filter,
        },
    ),
    "overflow": _action({"options": items(_option, 5)}, {"confirm": _confirm}),
    "checkboxes": _action(
        {"options": items(_option, 10)},
        {"initial_options": items(_option, 10), "confirm": _confirm, "focus_on_load": flag},
    ),
    "radio_buttons": _action(
        {"options": items(_option, 10)},
        {"initial_option": _option, "confirm": _confirm, "focus_on_load": flag},
    ),
    "datepicker": _action({}, _chosen | {"initial_date": string(10, minimum=10)}),
    "timepicker": _action({}, _chosen | {"initial_time": string(5, minimum=5), "timezone": string(100)}),
    "datetimepicker": _action({}, _chosen | {"initial_date_time": number(0, 10**11)}),
    "plain_text_input": _action(
        {}, _typed | {"multiline": flag, "min_length": number(0, 3000), "max_length": number(1, 3000)}
    ),
    "email_text_input": _action({}, _typed),
    "url_text_input": _action({}, _typed),
    "number_input": _action(
        {"is_decimal_allowed": flag}, _typed | {"min_value": string(30), "max_value": string(30)}
    ),
    "rich_text_input": _action({}, _typed | {"initial_value": RICH_TEXT_VALUE}),
    "file_input": _action({}, {"filetypes": anything, "max_files": number(1, 10)}),
    "feedback_buttons": _action({"positive_button": _feedback, "negative_button": _feedback}, {}),
    "icon_button": _action(
        {"icon": one_of("trash"), "text": text(75, "plain_text")},
        {
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": items(string(30), 10),
            "confirm": _confirm,
        },
    ),
    "image": at_least_one("image_url", "slack_file", of=shape(_image, _pictured)),
    "url": shape({"url": _url, "text": string(3000)}),
}

_INPUTS = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "static_select",
    "external_select",
    "users_select",
    "channels_select",
    "conversations_select",
    "multi_static_select",
    "multi_users_select",
    "multi_channels_select",
    "multi_conversations_select",
)
_IN_ACTIONS = (
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "static_select",
    "external_select",
    "users_select",
    "channels_select",
    "conversations_select",
    "multi_static_select",
    "multi_users_select",
    "multi_channels_select",
    "multi_conversations_select",
    "rich_text_input",
)


def _elements(*names: str) -> Check:
    return by_type(lambda: {name: ELEMENTS[name] for name in names})


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape(required, {"block_id": _id} | (optional or {}))


_context_texts = {
    "plain_text": shape({"text": string(3000)}, {"emoji": flag}),
    "mrkdwn": shape({"text": string(3000)}, {"verbatim": flag}),
}
_cell = by_type(
    lambda: {
        "raw_text": shape({"text": string(3000, minimum=0)}),
        "raw_number": shape({"value": number(-1e15, 1e15)}, {"text": string(255)}),
        "rich_text": shape(RICH_TEXT_FIELDS, {"block_id": anything}),
    }
)
_column = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
_rows = {"rows": items(items(_cell, 20), 100)}
_task = {
    "details": RICH_TEXT_VALUE,
    "output": RICH_TEXT_VALUE,
    "sources": items(_elements("url"), 50, minimum=0),
    "status": one_of("pending", "in_progress", "complete", "error"),
}
_card = {
    "title": text(150),
    "subtitle": text(150),
    "body": text(200),
    "hero_image": _elements("image"),
    "icon": _elements("image"),
    "actions": items(_elements("button"), 5),
}

BLOCKS: dict[str, Check] = {
    "section": at_least_one(
        "text",
        "fields",
        of=_block(
            {},
            {
                "text": text(3000),
                "fields": items(text(2000), 10),
                "accessory": _elements("image", *_IN_ACTIONS),
                "expand": flag,
            },
        ),
    ),
    "header": _block({"text": text(150, "plain_text")}, {"level": number(1, 6)}),
    "divider": _block({}),
    "context": _block(
        {"elements": items(by_type(lambda: _context_texts | {"image": ELEMENTS["image"]}), 10)}
    ),
    "actions": _block({"elements": unique("action_id", items(_elements(*_IN_ACTIONS), 25))}),
    "context_actions": _block(
        {"elements": unique("action_id", items(_elements("feedback_buttons", "icon_button"), 5))}
    ),
    "image": at_least_one(
        "image_url", "slack_file", of=_block(_image, _pictured | {"title": text(2000, "plain_text")})
    ),
    "input": _block(
        {"label": text(2000, "plain_text"), "element": _elements(*_INPUTS)},
        {"hint": text(2000, "plain_text"), "optional": flag, "dispatch_action": flag},
    ),
    "markdown": _block({"text": string(MARKDOWN_CHARACTERS)}),
    "rich_text": _block(RICH_TEXT_FIELDS),
    "table": _block(_rows, {"column_settings": items(_column, 20, minimum=0)}),
    "data_table": _block(
        _rows,
        {"caption": string(2000), "page_size": number(1, 100), "row_header_column_index": number(0, 19)},
    ),
    "task_card": _block({"task_id": string(255), "title": string(256)}, _task),
    "plan": _block(
        {"title": string(256)}, {"tasks": items(by_type(lambda: {"task_card": BLOCKS["task_card"]}), 50)}
    ),
    "alert": _block({"text": text(200)}, {"level": one_of("default", "info", "success", "warning", "error")}),
    "card": at_least_one("hero_image", "title", "actions", "body", of=_block({}, _card)),
    "carousel": _block({"elements": items(by_type(lambda: {"card": BLOCKS["card"]}), 10)}),
    "container": _block(
        {"child_blocks": items(by_type(lambda: BLOCKS), 10)},
        {
            "title": text(150, "plain_text"),
            "subtitle": text(150),
            "rich_text_title": RICH_TEXT_VALUE,
            "width": string(30),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "icon": _elements("image"),
        },
    ),
    "video": _block(
        {
            "alt_text": string(2000),
            "video_url": _url,
            "thumbnail_url": _url,
            "title": text(200, "plain_text"),
        },
        {
            "author_name": string(50),
            "description": text(200, "plain_text"),
            "provider_icon_url": _url,
            "provider_name": string(50),
            "title_url": _url,
        },
    ),
}

_VIEW = shape(
    {"blocks": unique("block_id", items(by_type(lambda: BLOCKS), VIEW_BLOCKS, minimum=0))},
    {
        "title": text(24, "plain_text"),
        "submit": text(24, "plain_text"),
        "close": text(24, "plain_text"),
        "callback_id": string(255, minimum=0),
        "external_id": string(255, minimum=0),
        "private_metadata": string(3000, minimum=0),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)


def check_blocks(blocks: Any, *, maximum: int = MESSAGE_BLOCKS) -> list[str]:
    """What Slack would object to in the blocks of a message; empty if nothing."""
    problems = Problems()
    unique("block_id", items(by_type(lambda: BLOCKS), maximum, minimum=0))(blocks, "/blocks", problems)
    return problems.found


def check_view(view: Any) -> list[str]:
    """What Slack would object to in a view; empty if nothing."""
    problems = Problems()
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        problems.add("unsupported type", "/view")
        return problems.found
    _VIEW(view, "/view", problems)
    if view["type"] == "modal" and not view.get("title"):
        problems.add("missing required field: title", "/view")
    has_input = any(
        isinstance(block, dict) and block.get("type") == "input" for block in view.get("blocks") or []
    )
    if view["type"] == "modal" and has_input and not view.get("submit"):
        problems.add("missing required field: submit", "/view")
    return problems.found


def markdown_length(blocks: list[Json]) -> int:
    """Characters in all markdown blocks together; Slack takes 12,000 in one payload."""
    return sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
