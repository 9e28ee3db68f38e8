"""rich_text blocks as tables: which elements there are, what stands in them, which styles they take.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from sandbox.schema import Check, anything, by_type, flag, items, number, one_of, shape, string

_MANY = 10_000
_LONG = 40_000

_STYLE = {"style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))}
_MENTION_STYLE = {
    "style": shape(
        {}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), flag)
    )
}

# What stands in a line of text.
INLINE: dict[str, Check] = {
    "text": shape({"text": string(_LONG)}, _STYLE),
    "link": shape({"url": string(3000)}, {"text": string(_LONG, minimum=0), "unsafe": flag} | _STYLE),
    "emoji": shape(
        {"name": string(255)},
        {"skin_tone": number(1, 6), "unicode": string(255), "url": string(3000)} | _STYLE,
    ),
    "user": shape({"user_id": string(30)}, _MENTION_STYLE),
    "channel": shape({"channel_id": string(30)}, _MENTION_STYLE),
    "usergroup": shape({"usergroup_id": string(30)}, _MENTION_STYLE),
    "team": shape({"team_id": string(30)}, _STYLE),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLE),
    "date": shape(
        {"timestamp": number(0, 10**11), "format": string(255)},
        {"url": string(3000), "fallback": string(3000)} | _STYLE,
    ),
    "color": shape({"value": string(30)}, _STYLE),
}

_line = items(by_type(lambda: INLINE), _MANY, minimum=0)

SECTION = shape({"elements": _line})

# What a rich_text block is made of.
ELEMENTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_list": shape(
        {
            "style": one_of("bullet", "ordered"),
            "elements": items(by_type(lambda: {"rich_text_section": SECTION}), _MANY),
        },
        {"indent": number(0, 8), "offset": number(0, 10**6), "border": number(0, 1)},
    ),
    "rich_text_preformatted": shape(
        {"elements": items(by_type(lambda: {name: INLINE[name] for name in ("text", "link")}), _MANY)},
        {"border": number(0, 1), "language": string(50)},
    ),
    "rich_text_quote": shape({"elements": _line}, {"border": number(0, 1)}),
}

RICH_TEXT_FIELDS = {"elements": items(by_type(lambda: ELEMENTS), _MANY, minimum=0)}

# The same as a value inside other blocks (task_card details, table cells, initial values).
RICH_TEXT_VALUE = by_type(lambda: {"rich_text": shape(RICH_TEXT_FIELDS, {"block_id": anything})})
