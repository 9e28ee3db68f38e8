"""Passwords and keys inside addresses: `postgres://user:password@host`, `https://key@host`, `?sig=…`."""

import re

from ingestion.masking.placeholders import entropy, is_made_up, says_so
from ingestion.masking.rules import Rule

_USER = r"://[^\s/?#:@\"'<>`|()\[\]]{0,100}"
_PLAIN = frozenset({"password", "passwd", "pass", "pw", "pwd", "secret", "user", "username", "token", "key"})
_KEY_CHARS, _KEY_ENTROPY = 20, 3.0


def _is_password(match: re.Match[str]) -> bool:
    password = match["secret"]
    return password.lower() not in _PLAIN and not says_so(password)


def _is_key(match: re.Match[str]) -> bool:
    """Whether the part before the @ is a key and no name: DSNs of error trackers, tokens for Git."""
    key = match["secret"]
    return any(map(str.isdigit, key)) and entropy(key) >= _KEY_ENTROPY and not is_made_up(key)


ADDRESSES = (
    Rule(
        "password",
        ("://",),
        re.compile(rf"{_USER}:(?P<secret>[^\s/?#@\"'<>`|]{{2,200}})(?=@[\w\[])"),
        _is_password,
    ),
    Rule(
        "key in an address",
        ("://",),
        re.compile(rf"://(?P<secret>[A-Za-z0-9_-]{{{_KEY_CHARS},200}})(?=:?@[\w\[])"),
        _is_key,
    ),
    Rule(
        "signature in an address",
        ("sig=", "signature="),
        re.compile(
            r"[?&;](?:sig|signature|X-Amz-Signature|X-Goog-Signature)=(?P<secret>[A-Za-z0-9%+/_-]{32,1000}={0,2})"
        ),
        lambda match: not is_made_up(match["secret"]),
    ),
)
