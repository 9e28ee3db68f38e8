"""What there is to say in the admin channel, and other words for the same. Pure."""

from collections.abc import Mapping
from typing import Literal

Action = Literal[
    "help",
    "list",
    "show",
    "add",
    "remove",
    "pause",
    "resume",
    "reindex",
    "audience",
    "schedule",
    "settings",
    "reset",
    "test",
    "audit",
    "digest",
    "erase",
]

USAGE: Mapping[Action, str] = {
    "list": "list",
    "show": "show NAME",
    "add": "add LINK [as NAME]",
    "reindex": "reindex [NAME] [--full]",
    "pause": "pause NAME",
    "resume": "resume NAME",
    "schedule": "schedule NAME 30m | 6h | 1d | off",
    "audience": "audience NAME members | public | #channel, …",
    "remove": "remove NAME",
    "settings": "settings [#channel [reset]]",
    "reset": "settings #channel reset",
    "test": 'test "QUESTION" [as @person | in #channel]',
    "digest": "digest",
    "audit": "audit [csv]",
    "erase": "erase @person",
    "help": "help",
}

WORDS: Mapping[Action, str] = {
    "help": "help commands hilfe",
    "list": "list ls",
    "show": "show",
    "add": "add",
    "remove": "remove delete rm del",
    "pause": "pause unschedule",
    "resume": "resume unpause",
    "reindex": "reindex re-index resync sync",
    "audience": "audience readers",
    "schedule": "schedule",
    "settings": "settings setting",
    "test": "test",
    "audit": "audit",
    "digest": "digest",
    "erase": "erase",
}
"""Words that are commands whatever follows."""

PERHAPS: Mapping[Action, str] = {
    "help": "usage",
    "list": "sources overview status",
    "show": "info details describe inspect status",
    "add": "register index connect new",
    "remove": "drop forget",
    "pause": "suspend hold",
    "resume": "continue",
    "reindex": "refresh update reload index",
    "audience": "access visibility share",
    "schedule": "every interval",
    "settings": "channel channels configure config configuration preferences",
    "reset": "reset",
    "audit": "log history",
    "digest": "summary insights",
    "erase": "forget gdpr",
}
"""Words that begin questions, too: commands only where the rest fits."""

PLAIN = {word: action for action, words in WORDS.items() for word in words.split()}
OTHERS: dict[str, list[Action]] = {}
for _action, _words in PERHAPS.items():
    for _word in _words.split():
        OTHERS.setdefault(_word, []).append(_action)
