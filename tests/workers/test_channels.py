"""What is set for a channel, on both databases."""

from functools import partial

from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from rag.domain import EVERYWHERE, Scope
from workers.channels import AS_EVERYWHERE, Channels, ChannelSettings, verified_sources

OWN = ChannelSettings(
    follow_ups="always",
    auto_answer=0.6,
    people_channel="",
    sources=frozenset({"s1", "s2"}),
    language="de",
    follow_up_hours=1.5,
)


def test_a_channel_is_as_everywhere_until_something_is_set(engine: Engine) -> None:
    channels = Channels(engine, "T")
    assert channels.of("C1") == AS_EVERYWHERE
    channels.put("C1", OWN, by="ines")
    assert channels.of("C1") == OWN
    assert channels.of("C2") == AS_EVERYWHERE
    assert Channels(engine, "T2").of("C1") == AS_EVERYWHERE


def test_who_set_it_last_is_known(engine: Engine) -> None:
    channels = Channels(engine, "T")
    channels.put("C2", OWN, by="ines")
    channels.put("C1", OWN, by="ines")
    channels.put("C2", ChannelSettings(follow_ups="never"), by="marco")
    assert [(name, it.settings.follow_ups, it.by) for name, it in channels.all().items()] == [
        ("C1", "always", "ines"),
        ("C2", "never", "marco"),
    ]


def test_nothing_is_left_of_a_channel_that_is_as_everywhere_again(engine: Engine) -> None:
    channels = Channels(engine, "T")
    channels.put("C1", OWN, by="ines")
    channels.put("C1", AS_EVERYWHERE, by="ines")
    assert channels.all() == {}


def test_no_sources_are_not_all_sources() -> None:
    assert AS_EVERYWHERE.scope() == EVERYWHERE
    assert ChannelSettings(sources=frozenset()).scope() == Scope(source_ids=frozenset())


def test_verified_answers_are_looked_through_wherever_the_scope_is_narrow(engine: Engine) -> None:
    catalogue = Catalogue(engine, "T")
    for name, kind in (("wiki", "web"), ("Answers from #hr", "answers"), ("Answers from #it", "answers")):
        catalogue.add_source(name, kind=kind, location=name, readers={"members"})
    [gone, hr] = [one for one in catalogue.sources() if one.name in {"Answers from #hr", "Answers from #it"}][
        ::-1
    ]
    catalogue.retire(gone.id)
    found = ChannelSettings(sources=frozenset({"s1"})).scope(partial(verified_sources, catalogue))
    assert found == Scope(source_ids=frozenset({"s1", hr.id}))
    assert AS_EVERYWHERE.scope(partial(verified_sources, catalogue)) == EVERYWHERE
