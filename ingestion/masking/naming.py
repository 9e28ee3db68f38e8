"""Values that stand beside a name which says that they are secret: `password: …`, `API_KEY=…`, `| token | … |`.

Prose speaks of passwords far more often than it holds one ("Password: at least 12 characters", "token: string"). So a
value must look like a secret by itself, and names of things about secrets (`token_url`, `password_policy`) do not count.
"""

import re

from ingestion.masking.placeholders import entropy, is_made_up, says_so
from ingestion.masking.rules import Rule

_PASSWORD = r"(?:pass(?:word|wd|phrase|code)|(?<![a-z])pwd|(?<=[_-])pass(?![a-z])|passwor[dt]|kennwort|contraseña|mot de passe)"  # noqa: S105 - names, none of them a password
_KINDS_OF_KEY = (
    "api", "access", "account", "private", "shared", "encryption", "signing", "auth", "master", "service"
)  # fmt: skip
_BEFORE_KEY = "|".join(rf"(?<={kind}key)|(?<={kind}[ _-]key)" for kind in _KINDS_OF_KEY)
_KEY = rf"(?:secret|token|credential|key(?:{_BEFORE_KEY})|sharedaccesssignature)"
_REST = r"(?P<rest>[\w-]{0,30}+)"
_GAP = (
    r"(?:[\"'][ \t]?\])?[\"'`*_]{0,4}[ \t]{0,40}+(?::=|=>|==?|:|\||is\b)[*_]{0,3}[ \t]{0,40}+[*_]{0,3}[\"'`]?"
)
_VALUE = r"(?P<secret>(?<=[\"'`])[^\s\"'`]{4,300}(?=[\"'`])|[^\s\"'`<>|,;]{3,300}[^\s\"'`<>|,;.:)*])"
_KEY_VALUE = r"(?P<secret>[^\s\"'`<>|,;&]{3,2000}[^\s\"'`<>|,;&.:)*])"

_ABOUT = re.compile(
    r"(?:^|[_-])(?:hash|url|uri|endpoint|len|length|limit|max|min|size|count|policy|reset|name|id|file|path|dir|type|kind"
    r"|format|field|column|label|expir\w*|ttl|age|lifetime|rotation|manager|ref|prefix|version|status|hint|bucket|store)s?$",
    re.IGNORECASE,
)
_NOT_VALUES = re.compile(
    r"(?:oauth-?[12]|saml-?2|sha-?\d{1,3}|md5|base-?(?:32|58|64)|bcrypt|argon2\w{0,2}|pbkdf2|utf-?(?:8|16)|1password|rfc-?\d+"
    r"|tls-?v?1[.\d]*|http/?[123][.\d]*|aes-?\d+[\w-]*|rsa-?\d+|[hr]s\d{3}|ed25519|ipv[46]|u?int\d{1,2}|float\d{2}|uuid\d?"
    r"|\d{1,3}[_-]?[a-z]{1,12}|v?\d+(?:\.\d+)+\w*)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^[(\[{]|[\w>][(\[].*[)\]]?$|://|^\$\w+$|^[%@]\w+[%@]$"  # calls, look-ups, addresses, variables
    r"|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$"  # DB_PASSWORD, settings.password
)
_PARAMETER = re.compile(
    r"[?&](?!access|auth|private|refresh|api|oauth|bearer|secret)\w{0,30}$", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{0,20}\d{0,2}|\d{1,4}")
_SIGNS = frozenset("!@#$%^&*+=?~")
_LEAST_PASSWORD, _LEAST_KEY, _KEY_ENTROPY = 6, 12, 3.0  # characters, characters, bits a character


def _is_password(match: re.Match[str]) -> bool:
    """Letters with digits or signs among them, or digits alone: a word by itself is a word."""
    value = match["secret"]
    if len(value) < _LEAST_PASSWORD or _ABOUT.search(match["rest"]) or _is_no_value(value):
        return False
    has_letter, has_digit = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    return value.isdecimal() or (has_letter and (has_digit or bool(_SIGNS & set(value.rstrip("!?")))))


def _is_key(match: re.Match[str]) -> bool:
    """Long, letters and digits mixed, and not made of words as identifiers and paths are."""
    value = match["secret"]
    if len(value) < _LEAST_KEY or _ABOUT.search(match["rest"]) or _is_no_value(value) or is_made_up(value):
        return False
    if match["name"].lower() == "token" and (_UUID.fullmatch(value) or _is_parameter(match)):
        return False  # a cursor, a search, a sign-up page: without it the link would lead nowhere
    mixed = any(map(str.isalpha, value)) and any(map(str.isdigit, value))
    return mixed and entropy(value) >= _KEY_ENTROPY and not _is_words(value)


def _is_parameter(match: re.Match[str]) -> bool:
    return bool(_PARAMETER.search(match.string, max(0, match.start() - 32), match.start()))


def _is_no_value(value: str) -> bool:
    return says_so(value) or bool(_NOT_VALUES.fullmatch(value) or _CODE.search(value))


def _is_words(value: str) -> bool:
    return all(_WORD.fullmatch(part) for part in re.split(r"[_./:-]+", value))


def _named(name: str, value: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<name>{name}){_REST}{_GAP}{value}", re.IGNORECASE)


def _option(name: str, value: str) -> re.Pattern[str]:
    return re.compile(rf"--(?P<name>{name}){_REST}[ =][\"']?{value}", re.IGNORECASE)


_PASSWORD_WORDS = (
    "passw",
    "passp",
    "passc",
    "pwd",
    "_pass",
    "-pass",
    "kennwort",
    "contraseña",
    "mot de passe",
)
_KEY_WORDS = ("secret", "token", "credential", "key", "sharedaccesssignature")

NAMING = (
    Rule(
        "token",
        ("authorization", "bearer"),
        re.compile(r"\bBearer[ \t]+(?P<secret>[\w.~+/-]{20,4000}={0,2})", re.IGNORECASE),
        lambda match: any(map(str.isdigit, match["secret"])) and not is_made_up(match["secret"]),
    ),
    Rule(
        "password",
        ("authorization",),
        re.compile(
            r"Authorization[\"']?:[ \t]*[\"']?Basic[ \t]+(?P<secret>[A-Za-z0-9+/]{8,400}={0,2})",
            re.IGNORECASE,
        ),
        lambda match: not says_so(match["secret"]),
    ),
    Rule(
        "password",
        ("curl",),
        re.compile(r"\s(?:-u|--user)[ =]?[\"']?[\w.@+-]{1,100}:(?P<secret>[^\s\"'`<>|]{4,200})"),
        lambda match: (
            not says_so(match["secret"])
            and match["secret"].lower() not in {"password", "pass", "token", "secret"}
        ),
    ),
    Rule(
        "password",
        ("login",),
        re.compile(
            r"\blogin[ \t\n]+\S{1,100}[ \t\n]+(?P<name>password)[ \t\n]+(?P<rest>)(?P<secret>\S{4,200})"
        ),
        _is_password,
    ),
    Rule("password", _PASSWORD_WORDS, _named(_PASSWORD, _VALUE), _is_password),
    Rule("password", ("--pass",), _option(_PASSWORD, _VALUE), _is_password),
    Rule("key", _KEY_WORDS, _named(_KEY, _KEY_VALUE), _is_key),
    Rule("key", ("--",), _option(r"(?:[\w-]{0,20}-)?(?:secret|token|key)", _KEY_VALUE), _is_key),
)
