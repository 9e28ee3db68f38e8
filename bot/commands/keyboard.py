"""Who gives a command, where it is not given in Slack."""

import getpass

_CHARS = 64  # what the audit takes


def at_keyboard() -> str:
    """Who is at the keyboard, for the record."""
    try:
        return f"command by {getpass.getuser()}"[:_CHARS]
    except (KeyError, OSError):  # a container's user without a name
        return "command"
