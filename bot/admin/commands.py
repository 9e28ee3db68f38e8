"""What an admin says to the bot in the admin channel → a command. Pure.

Forgiving: case, quotes, what Slack makes of links and channels, other words for the same, a letter wrong. What does not begin
with a command is none, and a question like anywhere: None.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape

from bot.admin.trial_words import ToTry, to_try
from bot.admin.vocabulary import OTHERS, PLAIN, USAGE, Action
from bot.admin.words import PICK_A_CHANNEL, Place, channel_of, location_of, plain, readers_of, unquoted
from ingestion.kinds import Proposal, interval
from ingestion.registered import RegisteredSource
from rag.errors import ConfigError
from workers.privacy.erasing import person_of

_FIRST = re.compile(r"[/!]?([^\W\d_][\w-]*)[:,]?(?:\s+(.*))?", re.DOTALL)
_NO_SLIP = frozenset(
    {"how", "who", "what", "when", "where", "why", "is", "are", "was", "the", "and", "can", "does", "last"}
)
"""They look like commands with a letter wrong, and begin questions."""

_LIKE, _FEW_WORDS, _SHORTEST = 0.75, 3, 3
_EVERY = re.compile(
    r"(.*?)\s+(?:(?:to|at|for|=)\s+)?(?:every\s+|each\s+)?"
    r"(off|never|manual(?:ly)?|hourly|daily|weekly|hour|day|week|\d{1,4}\s*(?:m|min|minutes?|h|hours?|d|days?|w|weeks?))",
    re.IGNORECASE | re.DOTALL,
)
_OTHERWISE = {
    **dict.fromkeys(("manual", "manually"), "off"),
    **dict.fromkeys(("hour", "hourly"), "1h"),
    **dict.fromkeys(("day", "daily"), "1d"),
    **dict.fromkeys(("week", "weekly"), "7d"),
}
_AROUND_A_CHANNEL = frozenset(
    {"of", "for", "in", "the", "channel", "channels", "all", "show", "change", "reset", "settings", "list"}
)
_ADD = re.compile(
    r"(\"[^\"]+\"|<[^<>]+>|\S+)(?:\s+(?:as|called|named|name)\s+(.+))?", re.IGNORECASE | re.DOTALL
)
_FULL = re.compile(r"(?:^|\s)(?:--?|[\u2010-\u2015\u2212])full(?=\s|$)", re.IGNORECASE)
"""Keyboards make one dash of two."""

_EXPORT = frozenset({"csv", "export"})
_WHAT = re.compile(
    r"^(?:(?:the|a|this|web|git|new|channel|site|website|page|repo|repository|wiki|link|source)\s+)+(?=\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be done; only what the action takes is given. `source` is None where all are meant."""

    action: Action
    source: RegisteredSource | None = None
    proposal: Proposal | None = None
    called: str = ""
    readers: frozenset[str] = frozenset()
    every_seconds: float | None = None
    channel_id: str = ""
    to_try: ToTry | None = None
    full: bool = False
    as_csv: bool = False
    person: str = ""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A command that cannot be done as it stands, and the sentence that says why. `is_near`: it is clear what was meant."""

    action: Action
    sentence: str
    is_near: bool = False


Said = Command | Misunderstood
Sources = Sequence[RegisteredSource]


def parse(text: str, sources: Sources, bot_user_id: str) -> Said | None:
    """The command in a message's text as Slack sends it; None where it is none."""
    said = _cleaned(text, bot_user_id)
    is_asked = said.endswith("?")
    found = _FIRST.fullmatch(said.rstrip(" ?!."))
    if not found:
        return Command("help") if said and set(said) == {"?"} else None
    word, rest = found[1].lower(), (found[2] or "").strip()
    if action := PLAIN.get(word):
        parsed = _PARSERS[action](rest, sources)
        is_prose = (
            action in {"help", "list", "show", "audit", "settings", "digest"}
            and len(rest.split()) >= _FEW_WORDS
        )
        in_doubt = isinstance(parsed, Misunderstood) and not parsed.is_near and (is_asked or is_prose)
        return None if in_doubt else parsed
    for action in OTHERS.get(word, ()):
        parsed = _PARSERS[action](rest, sources)
        if isinstance(parsed, Command) or (parsed.is_near and not is_asked):
            return parsed
    return None if is_asked else _with_a_slip(word, rest, sources)


def _with_a_slip(word: str, rest: str, sources: Sources) -> Misunderstood | None:
    """A command with a letter wrong is not done, but named."""
    if len(word) < _SHORTEST or word in _NO_SLIP:
        return None
    for near in get_close_matches(word, PLAIN, n=2, cutoff=_LIKE):
        action = PLAIN[near]
        if action == "test" and '"' not in rest:  # the best, the latest, the rest: any question fits after it
            continue
        parsed = _PARSERS[action](rest, sources)
        if isinstance(parsed, Command) or parsed.is_near:
            meant = f"{action} {rest}".strip()
            return Misunderstood(
                action, f"I don't know “{word}”. Did you mean “{plain(meant)}”?", is_near=True
            )
    return None


def _cleaned(text: str, bot_user_id: str) -> str:
    without = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>[,:]?", " ", text)
    for smart in "“”„«»":
        without = without.replace(smart, '"')
    return " ".join(without.replace("`", " ").replace("’", "'").split())


def _help(rest: str, _sources: Sources) -> Said:
    about = rest.lower().split()
    return Command("help") if not about or about[-1] in {*PLAIN, "me", "please"} else _usage("help")


def _list(rest: str, _sources: Sources) -> Said:
    extra = set(rest.lower().split()) - {"all", "of", "the", "my", "sources", "everything", "please"}
    return _usage("list") if extra else Command("list")


def _audit(rest: str, _sources: Sources) -> Said:
    said = {word.strip("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212") for word in rest.lower().split()}
    extra = said - {"log", "trail", "the", "show", "please", "all", "as", *_EXPORT}
    return _usage("audit") if extra else Command("audit", as_csv=bool(said & _EXPORT))


def _erase(rest: str, _sources: Sources) -> Said:
    try:
        return Command("erase", person=person_of(rest))
    except ConfigError:
        return _usage("erase")


def _digest(rest: str, _sources: Sources) -> Said:
    extra = set(rest.lower().split()) - {"the", "of", "this", "last", "week", "weekly", "now", "please"}
    return _usage("digest") if extra else Command("digest")


def _settings(rest: str, _sources: Sources) -> Said:
    """Of one channel or of all; `reset` may stand before the channel, or after it."""
    words = rest.split()
    meant = [word for word in words if word.lower() not in _AROUND_A_CHANNEL]
    if not meant:
        return _usage("settings") if "reset" in rest.lower().split() else Command("settings")
    channel_id = channel_of(meant[0]) if len(meant) == 1 else None
    if channel_id is None and re.fullmatch(r"#[\w-]+", meant[0]):
        return Misunderstood("settings", PICK_A_CHANNEL.format(meant[0]), is_near=True)
    if channel_id is None:
        return _usage("settings")
    is_reset = "reset" in rest.lower().split()
    return Command("reset" if is_reset else "settings", channel_id=channel_id)


def _reset(rest: str, sources: Sources) -> Said:
    return _settings(f"reset {rest}", sources)


def _test(rest: str, _sources: Sources) -> Said:
    found = to_try(rest)
    if isinstance(found, ToTry):
        return Command("test", to_try=found)
    return Misunderstood("test", found, is_near=True) if found else _usage("test")


def _add(rest: str, _sources: Sources) -> Said:
    found = _ADD.fullmatch(_WHAT.sub("", rest, count=1))
    if not found:
        return _usage("add")
    place = location_of(found[1])
    if isinstance(place, Place):
        called = unquoted(plain(found[2] or place.label))
        return Command("add", proposal=place.proposal, called=called)
    return Misunderstood("add", place) if place else _usage("add")


def _of_one(action: Action) -> Callable[[str, Sources], Said]:
    """Commands that take a source's name and nothing else."""

    def parsed(rest: str, sources: Sources) -> Said:
        found = _named(action, rest, sources)
        return found if isinstance(found, Misunderstood) else Command(action, source=found)

    return parsed


def _reindex(rest: str, sources: Sources) -> Said:
    name = _FULL.sub(" ", rest).strip()
    full = name != rest
    if name.lower() in {"", "all", "everything", "all sources"}:
        return Command("reindex", full=full)
    found = _named("reindex", name, sources)
    return found if isinstance(found, Misunderstood) else Command("reindex", source=found, full=full)


def _schedule(rest: str, sources: Sources) -> Said:
    found = _EVERY.fullmatch(rest)
    if not found:
        return _usage("schedule", _named("schedule", rest, sources))
    source = _named("schedule", found[1], sources)
    if isinstance(source, Misunderstood):
        return source
    said = found[2].lower()
    if weeks := re.fullmatch(r"(\d+)\s*w(?:eeks?)?", said):
        said = f"{int(weeks[1]) * 7}d"
    try:
        return Command("schedule", source=source, every_seconds=interval(_OTHERWISE.get(said, said)))
    except ValueError:
        return _usage("schedule", source)


def _audience(rest: str, sources: Sources) -> Said:
    """The longest name of a source with nothing but readers after it."""
    unknown: Misunderstood | None = None
    for gap in reversed([*re.finditer(r"\s+(?![^<>]*>)", rest)]):
        readers = readers_of(rest[gap.end() :])
        if isinstance(readers, str):
            return Misunderstood("audience", readers)
        if not readers:
            break
        source = _named("audience", rest[: gap.start()], sources)
        if isinstance(source, RegisteredSource):
            return Command("audience", source=source, readers=readers)
        unknown = source if unknown is None or source.is_near else unknown
    return unknown or _usage("audience", _named("audience", rest, sources))


def _usage(action: Action, source: RegisteredSource | Misunderstood | None = None) -> Misunderstood:
    sentence = f"Say it like this: {USAGE[action]}"
    return Misunderstood(action, sentence, is_near=isinstance(source, RegisteredSource))


def _named(action: Action, text: str, sources: Sources) -> RegisteredSource | Misunderstood:
    """The source that is meant, by its name or where it is."""
    if not text:
        return _usage(action)
    name = unquoted(plain(text))
    called = [one for one in sources if one.name.casefold() == name.casefold()]
    if called:
        return next((one for one in called if one.name == name), called[0])
    place = location_of(text)
    located = [one for one in sources if isinstance(place, Place) and one.location == place.proposal.location]
    if len(located) == 1:
        return located[0]
    return _unknown(action, name, sources)


def _unknown(action: Action, name: str, sources: Sources) -> Misunderstood:
    names = {source.name.casefold(): source.name for source in sources}
    near = get_close_matches(name.casefold(), names, n=1)
    if near:
        hint = f"Did you mean {names[near[0]]}?"
    elif names:
        hint = f"There are: {', '.join([*names.values()][:10])}{', …' if len(names) > 10 else ''}."  # noqa: PLR2004 - as many as are read
    else:
        hint = "There are none yet; add one with: add LINK"
    return Misunderstood(action, f"There is no source called {unescape(name)}. {hint}", is_near=bool(near))


_PARSERS: Mapping[Action, Callable[[str, Sources], Said]] = {
    "help": _help,
    "list": _list,
    "audit": _audit,
    "digest": _digest,
    "settings": _settings,
    "reset": _reset,
    "test": _test,
    "erase": _erase,
    "add": _add,
    "reindex": _reindex,
    "schedule": _schedule,
    "audience": _audience,
    "show": _of_one("show"),
    "remove": _of_one("remove"),
    "pause": _of_one("pause"),
    "resume": _of_one("resume"),
}
