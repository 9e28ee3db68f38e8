"""`python -m bot channel`: what can be said, and what is answered to what cannot."""

import argparse
from pathlib import Path

import pytest

from bot.commands.channel_settings import add_arguments, change_or_show, said
from ingestion.catalogue import Catalogue
from rag.database import open_database
from rag.errors import ConfigError
from rag.settings import Settings, StorageSettings
from workers.channels import AS_EVERYWHERE, Channels, ChannelSettings

NAMES = {"s1": "handbook", "s2": "team wiki"}


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([*words])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(storage=StorageSettings(data_dir=tmp_path, database_url="", team_id="T"))


def now_set(settings: Settings, channel_id: str = "C0123") -> ChannelSettings:
    engine = open_database(settings.storage.database_url)
    try:
        return Channels(engine, "T").of(channel_id)
    finally:
        engine.dispose()


def test_sources_are_named_and_kept_by_id() -> None:
    assert said(arguments("C0123", "--sources", "team wiki, handbook"), NAMES) == {
        "sources": frozenset({"s1", "s2"})
    }
    assert said(arguments("C0123", "--sources", "all"), NAMES) == {"sources": None}


@pytest.mark.parametrize(("text", "bar"), [("0.6", 0.6), ("0", 0.0), ("1", 1.0), ("off", None)])
def test_the_bar_of_what_is_answered_unasked(text: str, bar: float | None) -> None:
    assert said(arguments("C0123", "--auto-answer", text), NAMES) == {"auto_answer": bar}


@pytest.mark.parametrize(("text", "people"), [("C0456", "C0456"), ("none", ""), ("default", None)])
def test_who_is_asked(text: str, people: str | None) -> None:
    assert said(arguments("C0123", "--people", text), NAMES) == {"people_channel": people}


@pytest.mark.parametrize(("text", "language"), [("de", "de"), ("default", None)])
def test_the_language_of_answers(text: str, language: str | None) -> None:
    assert said(arguments("C0123", "--language", text), NAMES) == {"language": language}


@pytest.mark.parametrize(("text", "hours"), [("8", 8.0), ("0.5", 0.5), ("default", None)])
def test_for_how_long_threads_are_followed(text: str, hours: float | None) -> None:
    assert said(arguments("C0123", "--hours", text), NAMES) == {"follow_up_hours": hours}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["C0123", "--hours", "0"], "--hours is a number of hours up to 720"),
        (["C0123", "--hours", "nan"], "--hours is a number of hours"),
        (["C0123", "--hours", "long"], "--hours is a number of hours"),
        (["C0123", "--people", "#hr"], "#hr is no channel id"),
        (["C0123", "--sources", "hanbook"], "There is no source called hanbook. Did you mean handbook?"),
        (["C0123", "--sources", "zzz"], "There is no source called zzz. There are: handbook, team wiki."),
        (["C0123", "--auto-answer", "1.5"], "a confidence from 0 to 1 such as 0.6; not 1.5"),
        (["C0123", "--auto-answer", "nan"], "a confidence from 0 to 1"),
        (["C0123", "--auto-answer", "high"], "a confidence from 0 to 1"),
        (["C0123", "--sources", " , "], "Name at least one source"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        said(arguments(*words), NAMES)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["general", "--follow-ups", "always"], "general is no channel id"),
        (["--follow-ups", "always"], "Say which channel"),
        (["--reset"], "Say which channel"),
    ],
)
def test_a_channel_is_named_by_its_id(settings: Settings, words: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        change_or_show(settings, arguments(*words))


def test_what_is_not_said_stays_and_a_reset_leaves_nothing(settings: Settings) -> None:
    engine = open_database(settings.storage.database_url)
    source = Catalogue(engine, "T").add_source(
        "handbook", kind="folder", location="/srv", readers={"members"}
    )
    engine.dispose()
    change_or_show(settings, arguments("C0123", "--follow-ups", "never"))
    change_or_show(settings, arguments("C0123", "--sources", "handbook"))
    assert now_set(settings) == ChannelSettings("never", sources=frozenset({source.id}))
    change_or_show(settings, arguments("C0123", "--follow-ups", "default"))
    change_or_show(settings, arguments("C0123", "--language", "fr", "--hours", "2"))
    assert (now_set(settings).language, now_set(settings).follow_up_hours) == ("fr", 2)
    change_or_show(settings, arguments("C0123", "--language", "default", "--hours", "default"))
    assert now_set(settings) == ChannelSettings(sources=frozenset({source.id}))
    change_or_show(settings, arguments("C0123", "--reset"))
    assert now_set(settings) == AS_EVERYWHERE


def test_one_channel_and_all_of_them_are_shown(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.storage.database_url)
    Channels(engine, "T").put("C0123", ChannelSettings(sources=frozenset({"gone"})), by="ines")
    engine.dispose()
    change_or_show(settings, arguments("C0123"))
    assert "(removed)" in capsys.readouterr().out
    change_or_show(settings, arguments())
    assert "C0123" in capsys.readouterr().out
