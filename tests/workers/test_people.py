"""Who is asked what the documents do not say, on both databases."""

import pytest
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from rag.domain import Answer, Citation, Outcome
from workers.asked import Incoming
from workers.channels import ChannelSettings
from workers.people import People

ASKED = Incoming("T1", "C1", "1.0", "1.0", "U1", "who runs it?")


def nearest(*source_ids: str) -> Answer:
    """Nothing found; the nearest pages are of these sources."""
    pages = tuple(
        Citation(n, "page.md", "Page", (), "https://x.test/p", source_id=source_id)
        for n, source_id in enumerate(source_ids, start=1)
    )
    return Answer("I couldn't find it.", Outcome.NOT_FOUND, pages)


@pytest.mark.parametrize(
    ("own", "topic", "everywhere", "asked"),
    [
        (None, "", "", ""),
        (None, "", "C9", "C9"),
        (None, "CHR", "C9", "CHR"),
        (None, "CHR", "", "CHR"),
        ("C5", "CHR", "C9", "C5"),
        ("", "CHR", "C9", ""),
    ],
)
def test_the_channels_own_then_the_topics_then_those_of_everywhere(
    engine: Engine, own: str | None, topic: str, everywhere: str, asked: str
) -> None:
    catalogue = Catalogue(engine, "T")
    hr, it = (
        catalogue.add_source(name, kind="folder", location=f"/{name}", readers={"members"})
        for name in ("hr", "it")
    )
    catalogue.name_people(hr.id, topic)
    catalogue.name_people(it.id, "CIT")
    people = People(lambda _: ChannelSettings(people_channel=own), catalogue, everywhere=everywhere)
    assert people.of(ASKED, nearest(hr.id, it.id)) == asked


@pytest.mark.parametrize("answer", [nearest(), nearest("removed"), nearest("")])
def test_without_a_page_that_is_near_there_is_no_topic(engine: Engine, answer: Answer) -> None:
    people = People(lambda _: ChannelSettings(), Catalogue(engine, "T"), everywhere="C9")
    assert people.of(ASKED, answer) == "C9"
