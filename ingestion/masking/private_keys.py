"""Private keys, whole: PEM (RFC 7468), OpenSSH, PGP (RFC 9580) and PuTTY."""

import re

from ingestion.masking.rules import Rule

_BEGIN = r"-----BEGIN (?:[A-Z0-9]++ ){0,4}?PRIVATE KEY(?: BLOCK)?-----"
_END = r"-----END (?:[A-Z0-9]++ ){0,4}?PRIVATE KEY(?: BLOCK)?-----"
_BETWEEN = r"(?:[^-]|-(?!----)){1,20000}+"
_CUT_OFF = (
    r"(?:(?:\s|\\[nr])*+[A-Za-z0-9+/]{32,}+={0,2}+)++"  # the end is missing: as far as it looks like a key
)
_PUTTY = r"Private-Lines: \d{1,3}(?P<secret>(?:\s*+[A-Za-z0-9+/]{16,64}+={0,2}+)++)"


def _is_secret(match: re.Match[str]) -> bool:
    """Only what has a key in it: people write the two lines with dots between to show where one goes."""
    return bool(re.search(r"[A-Za-z0-9+/]{16}", match[0].partition("KEY")[2]))


PRIVATE_KEYS = (
    Rule(
        "private key",
        ("private key",),
        re.compile(f"{_BEGIN}(?:{_BETWEEN}{_END}|{_CUT_OFF})"),
        _is_secret,
    ),
    Rule("private key", ("private-lines:",), re.compile(_PUTTY), lambda _: True),
)
