"""A question back, and what comes of a click on what it offers."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from bot.listeners.choices import NOT_YOURS
from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.settings import Settings
from sandbox.client import Message, Sandbox
from tests.e2e.test_ask import last, whispers
from tests.e2e.test_embedded import SECONDS, ask, is_final
from tests.e2e.test_page import enter
from tests.e2e.waiting import eventually
from workers.rendering import CHOOSE

if TYPE_CHECKING:
    from playwright.sync_api import Page

OFFICES = {
    "leeds.md": "# Leeds office\n\nVisitors of the office sign in with the tablet at the door.\n",
    "porto.md": "# Porto office\n\nVisitors of the office sign in with Rui at the door.\n",
}
AMBIGUOUS = "what about visitors?"


@pytest.fixture(scope="module", autouse=True)
def offices(bot: Sandbox, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("offices")
    for name, text in OFFICES.items():
        (folder / name).write_text(text)
    engine = create_engine(settings.storage.database_url)
    team_id = settings.storage.team_id
    source = Catalogue(engine, team_id).add_source(
        "offices", kind="folder", location=str(folder), readers={"members"}
    )
    runs = Runs(engine, team_id)
    run_id = runs.request(source.id, "sync", "test").id
    eventually(lambda: (found := runs.get(run_id)) is not None and found.state == "done", 60)
    engine.dispose()


def texts(message: Message) -> list[str]:
    return [
        str(button["text"]["text"]) for button in message.buttons() if button["action_id"].startswith(CHOOSE)
    ]


def answers(bot: Sandbox, thread: str) -> list[Message]:
    return [m for m in bot.thread("general", thread) if m.from_app and is_final(m)]


def test_a_click_is_answered_once_whatever_else_is_clicked(bot: Sandbox) -> None:
    back = ask(bot, AMBIGUOUS)
    thread = str(back.thread_ts)
    assert sorted(texts(back)) == ["Leeds office", "Porto office"]
    leeds = texts(back).index("Leeds office")
    ids = [button["action_id"] for button in back.buttons()]
    assert bot.click("priya", ids[leeds], channel="general", ts=back.ts)["outcome"] == "acknowledged"
    eventually(lambda: whispers(bot, "priya")[-1].text == NOT_YOURS)
    assert len(answers(bot, thread)) == 1
    bot.fault("error", "chat.update", error="internal_error")  # the buttons stay: a second click is possible
    for action_id in (ids[leeds], ids[1 - leeds]):
        assert bot.click("marco", action_id, channel="general", ts=back.ts)["outcome"] == "acknowledged"
    eventually(lambda: len(answers(bot, thread)) == 2, SECONDS)
    bot.clear_faults()
    asked, answer = answers(bot, thread)
    assert "tablet" in answer.as_text()
    assert "Rui" not in answer.as_text()
    assert texts(asked) == []
    assert "✓ Leeds office" in asked.as_text()


def test_in_private_it_is_chosen_and_answered_in_private(bot: Sandbox) -> None:
    bot.command("marco", "/ask", AMBIGUOUS, channel="general")
    back = last(bot, "marco")
    porto = next(b["action_id"] for b in back.buttons() if b["text"]["text"] == "Porto office")
    before = len(bot.channel("general", as_user="ines"))
    assert bot.click("marco", porto, channel="general", ts=back.ts)["outcome"] == "acknowledged"
    eventually(lambda: "Rui" in whispers(bot, "marco")[-1].as_text(), SECONDS)
    assert f"{AMBIGUOUS} (Porto office)" in whispers(bot, "marco")[-1].as_text()
    replaced = next(m for m in whispers(bot, "marco") if m.ts == back.ts)
    assert texts(replaced) == []
    assert "✓ Porto office" in replaced.as_text()
    assert len(bot.channel("general", as_user="ines")) == before


def test_on_the_page_the_choice_stands_in_the_place_of_the_buttons(page: "Page", bot: Sandbox) -> None:
    enter(page, bot, "U01MARCO", "general")
    threads = page.locator("#messages .replies")
    before = threads.count()
    page.fill("#composer textarea", f"@footnote {AMBIGUOUS}")
    page.keyboard.press("Enter")
    eventually(lambda: threads.count() > before)
    threads.last.click()
    page.click("#replies button:has-text('Leeds office')")
    page.wait_for_selector("#replies >> text=✓ Leeds office")
    page.wait_for_selector("#replies >> text=sign in with the tablet")
    assert page.locator("#replies button", has_text="Porto office").count() == 0
