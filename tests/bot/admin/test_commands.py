"""What is a command in the admin channel, and what stays a question."""

import pytest

from bot.admin.commands import Command, Misunderstood, parse
from ingestion.registered import RegisteredSource

ME = "U01FOOTNOTE"


def source(name: str, location: str) -> RegisteredSource:
    return RegisteredSource(name, "T", name, "web", location, frozenset({"members"}))


SOURCES = [
    source("wiki", "https://wiki.example.com"),
    source("Team Handbook", "https://handbook.example"),
    source("docs.example.com/handbook", "https://docs.example.com/handbook"),
    source("Answers from #general", "C01GENERAL"),
]


def said(text: str) -> Command | Misunderstood | None:
    return parse(f"<@{ME}> {text}", SOURCES, ME)


def done(text: str) -> tuple[str, str | None]:
    command = said(text)
    assert isinstance(command, Command), command
    return command.action, command.source.name if command.source else None


@pytest.mark.parametrize(
    ("text", "action", "name"),
    [
        ("help", "help", None),
        ("HELP me", "help", None),
        ("help remove", "help", None),
        ("?", "help", None),
        ("list", "list", None),
        ("List all sources.", "list", None),
        ("ls", "list", None),
        ("status", "list", None),
        ("show wiki", "show", "wiki"),
        ("SHOW Wiki!", "show", "wiki"),
        ("show wiki?", "show", "wiki"),
        ("status wiki", "show", "wiki"),
        ("info: wiki", "show", "wiki"),
        ("show “Team Handbook”", "show", "Team Handbook"),
        ("show 'team handbook'", "show", "Team Handbook"),
        ("show `wiki`", "show", "wiki"),
        ("show <http://docs.example.com/handbook|docs.example.com/handbook>", "show", "docs.example.com/handbook"),
        ("show <https://handbook.example>", "show", "Team Handbook"),
        ("show Answers from <#C01GENERAL|general>", "show", "Answers from #general"),
        ("show <#C01GENERAL>", "show", "Answers from #general"),
        ("remove wiki", "remove", "wiki"),
        ("delete wiki", "remove", "wiki"),
        ("rm wiki", "remove", "wiki"),
        ("drop wiki", "remove", "wiki"),
        ("digest", "digest", None),
        ("Digest of the week please", "digest", None),
        ("summary", "digest", None),
        ("pause wiki", "pause", "wiki"),
        ("resume wiki", "resume", "wiki"),
        ("reindex", "reindex", None),
        ("re-index all", "reindex", None),
        ("sync wiki", "reindex", "wiki"),
        ("refresh wiki", "reindex", "wiki"),
        ("audit", "audit", None),
        ("erase <@U01MARCO|marco>", "erase", None),
        ("forget U01MARCO", "erase", None),
        ("/audit log", "audit", None),
    ],
)  # fmt: skip
def test_commands(text: str, action: str, name: str | None) -> None:
    assert done(text) == (action, name)


@pytest.mark.parametrize(
    "text",
    [
        "how many days of leave do I have?",
        "who do I ask about parking",
        "list of public holidays",
        "list the offices in Spain?",
        "help me find the travel policy",
        "show me the travel policy",
        "add two and two?",
        "last day for expenses",
        "leave policy",
        "new laptop policy",
        "access to the building",
        "history of the company",
        "info on parking?",
        "update on the merger?",
        "refresh my memory about leave",
        "",
    ],
)
def test_questions_stay_questions(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "location", "called"),
    [
        ("add <https://a.example/b?x=1&amp;y=2>", "web", "https://a.example/b?x=1&y=2", ""),
        ("add <http://a.example/b|a.example/b> as “The Docs”", "web", "https://a.example/b", "The Docs"),
        ("add <http://a.example/b|http://a.example/b>", "web", "http://a.example/b", ""),
        ("add a.example/b", "web", "https://a.example/b", ""),
        ("add the repo https://github.com/o/r called code", "git", "https://github.com/o/r", "code"),
        ("add git@github.com:o/r.git", "git", "git@github.com:o/r.git", ""),
        ("add <#C012X|hr>", "slack_channel", "C012X", "#hr"),
        ("add channel <#C012X>", "slack_channel", "C012X", ""),
        ("add channel:C012X as people", "slack_channel", "C012X", "people"),
        ("register <https://fernway.atlassian.net/wiki/spaces/ENG>", "confluence",
         "https://fernway.atlassian.net/wiki/spaces/ENG", ""),
    ],
)  # fmt: skip
def test_what_is_added(text: str, kind: str, location: str, called: str) -> None:
    command = said(text)
    assert isinstance(command, Command), command
    assert command.proposal is not None
    assert (command.proposal.kind, command.proposal.location, command.called) == (kind, location, called)


@pytest.mark.parametrize(
    ("text", "name", "readers"),
    [
        ("audience wiki members", "wiki", {"members"}),
        ("audience wiki everyone", "wiki", {"members"}),
        ("audience wiki to public", "wiki", {"public"}),
        ("audience team handbook <#C01GENERAL|general>, <#C02X> and public", "Team Handbook",
         {"channel:C01GENERAL", "channel:C02X", "public"}),
        ("audience Answers from <#C01GENERAL|general> members", "Answers from #general", {"members"}),
        ("readers “wiki” channel:C02X", "wiki", {"channel:C02X"}),
    ],
)  # fmt: skip
def test_audiences(text: str, name: str, readers: set[str]) -> None:
    command = said(text)
    assert isinstance(command, Command), command
    assert command.source is not None
    assert (command.source.name, command.readers) == (name, readers)


@pytest.mark.parametrize(
    ("text", "name", "seconds"),
    [
        ("schedule wiki 6h", "wiki", 21_600.0),
        ("schedule wiki every 30 minutes", "wiki", 1_800.0),
        ("schedule team handbook to off", "Team Handbook", None),
        ("schedule wiki never", "wiki", None),
        ("schedule wiki daily", "wiki", 86_400.0),
        ("schedule wiki every week", "wiki", 604_800.0),
        ("schedule wiki 2w", "wiki", 1_209_600.0),
    ],
)
def test_schedules(text: str, name: str, seconds: float | None) -> None:
    command = said(text)
    assert isinstance(command, Command), command
    assert command.source is not None
    assert (command.source.name, command.every_seconds) == (name, seconds)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lst", "I don't know “lst”. Did you mean “list”?"),
        ("pasue wiki", "Did you mean “pause wiki”?"),
        ("remvoe wkii", "Did you mean “remove wkii”?"),
        ("show wkii", "There is no source called wkii. Did you mean wiki?"),
        ("remove zzz", "There is no source called zzz. There are: wiki, Team Handbook"),
        ("remove", "Say it like this: remove NAME"),
        ("add", "Say it like this: add LINK [as NAME]"),
        ("add /etc", "added there, not from Slack"),
        ("add ~/notes", "added there, not from Slack"),
        ("add file:///etc", "added there, not from Slack"),
        ("add #hr", "choose it from the list that Slack offers"),
        ("audience wiki #hr", "choose it from the list that Slack offers"),
        ("audience wiki", "Say it like this: audience NAME"),
        ("audience wkii members", "Did you mean wiki?"),
        ("schedule wiki", "Say it like this: schedule NAME"),
        ("schedule wiki 0m", "Say it like this: schedule NAME"),
        ("schedule wkii daily", "Did you mean wiki?"),
    ],
)
def test_what_cannot_be_done_says_why(text: str, sentence: str) -> None:
    answer = said(text)
    assert isinstance(answer, Misunderstood), answer
    assert sentence in answer.sentence


def test_without_sources_it_says_how_there_will_be_one() -> None:
    answer = parse("show wiki", [], ME)
    assert isinstance(answer, Misunderstood)
    assert "add LINK" in answer.sentence


def test_the_same_name_in_other_letters_is_told_apart() -> None:
    both = [source("Wiki", "https://a.example"), source("wiki", "https://b.example")]
    assert parse("show wiki", both, ME) == Command("show", source=both[1])
    assert parse("show Wiki", both, ME) == Command("show", source=both[0])


@pytest.mark.parametrize(
    ("text", "action", "channel_id"),
    [
        ("settings", "settings", ""),
        ("settings of all channels", "settings", ""),
        ("settings <#C01GENERAL|general>", "settings", "C01GENERAL"),
        ("settings of <#C01GENERAL>", "settings", "C01GENERAL"),
        ("Settings for channel:C01GENERAL", "settings", "C01GENERAL"),
        ("configure <#C01GENERAL>", "settings", "C01GENERAL"),
        ("settings <#C01GENERAL> reset", "reset", "C01GENERAL"),
        ("reset <#C01GENERAL>", "reset", "C01GENERAL"),
    ],
)
def test_settings_are_of_all_channels_or_of_one(text: str, action: str, channel_id: str) -> None:
    command = said(text)
    assert isinstance(command, Command), command
    assert (command.action, command.channel_id) == (action, channel_id)


def test_a_channel_that_slack_did_not_link_is_asked_for_again() -> None:
    misunderstood = said("settings #general")
    assert isinstance(misunderstood, Misunderstood)
    assert "choose it from the list" in misunderstood.sentence
    assert isinstance(said("settings reset"), Misunderstood)  # of which channel?


@pytest.mark.parametrize(
    "text",
    [
        "what are the settings of the printer?",
        "settings of the printer in the harbour office?",
        "reset my password",
        "configure the printer in the harbour office",
    ],
)
def test_questions_about_settings_stay_questions(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    "text", ["audit csv", "audit --csv", "audit \u2014csv", "audit export", "log as csv"]
)
def test_the_audit_as_a_file(text: str) -> None:
    assert said(text) == Command("audit", as_csv=True)


@pytest.mark.parametrize("text", ["erase", "erase marco", "erase <@U01MARCO> and <@U01INES>", "erase wiki"])
def test_only_one_person_is_erased_and_by_id(text: str) -> None:
    answer = said(text)
    assert isinstance(answer, Misunderstood)
    assert "erase @person" in answer.sentence


@pytest.mark.parametrize("text", ["forget it", "forget about the holiday rules", "gdpr policy?"])
def test_a_word_that_begins_other_sentences_is_no_order_to_erase(text: str) -> None:
    assert not isinstance(said(text), Command)
