"""A page changes, and the answer that rests on it says so."""

from pathlib import Path

from sqlalchemy import create_engine

from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.settings import Settings
from sandbox.client import Message, Sandbox
from tests.e2e.test_embedded import SECONDS, ask
from tests.e2e.waiting import eventually


def sync(settings: Settings) -> Path:
    """Sync the pages; where they lie."""
    engine = create_engine(settings.storage.database_url)
    team_id = settings.storage.team_id
    source = Catalogue(engine, team_id).source_named("pages")
    assert source is not None
    runs = Runs(engine, team_id)
    run_id = runs.request(source.id, "sync", "test").id
    eventually(lambda: (found := runs.get(run_id)) is not None and found.state == "done", 60)
    engine.dispose()
    return Path(source.location)


def test_the_answer_says_that_its_page_has_changed(bot: Sandbox, settings: Settings) -> None:
    old = ask(bot, "how many days of annual leave do I have?")
    other = ask(bot, "where do I park my bicycle?")
    page = sync(settings) / "leave.md"
    page.write_text(page.read_text().replace("25 days", "28 days"))
    sync(settings)

    def now(message: Message) -> str:
        thread = bot.thread("general", str(message.thread_ts))
        return next(one for one in thread if one.ts == message.ts).as_text()

    eventually(lambda: "⚠ “Annual leave” has changed since this answer" in now(old), SECONDS)
    assert "25 days" in now(old)
    assert "[Helpful]" in now(old)
    assert now(other) == other.as_text()
    new = ask(bot, "how many days of annual leave do I have?")
    assert "28 days" in new.as_text()
