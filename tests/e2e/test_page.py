"""The product on the sandbox's page, in a real browser: what a newcomer sees first."""

from typing import TYPE_CHECKING

from rag.answering import NOTHING_TO_READ
from sandbox.client import Sandbox
from tests.e2e.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page


def enter(page: "Page", bot: Sandbox, person: str, channel: str) -> None:
    page.goto(bot.url)
    page.wait_for_selector("#rooms button")
    page.select_option("#person", value=person)
    page.click(f'#rooms button[data-name="{channel}"]')
    page.wait_for_function("name => document.title.startsWith(name)", arg=channel)


def test_ask_read_the_source_and_say_what_was_wrong(page: "Page", bot: Sandbox) -> None:
    enter(page, bot, "U01MARCO", "general")
    page.fill("#composer textarea", "@footnote how many days of annual leave do I have?")
    page.keyboard.press("Enter")
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies .votes")
    assert "25 days of annual leave" in page.inner_text("#replies")
    source = page.locator("#replies a", has_text="Annual leave")
    assert source.get_attribute("href") == "https://handbook.example/leave.md#how-many-days"
    page.click("#replies .votes >> text=Not helpful")
    page.wait_for_selector("dialog[open]")
    page.click("dialog >> text=It is out of date")
    page.fill("dialog textarea", "27 since May")
    page.click("dialog >> text=Send")
    page.wait_for_selector("dialog[open]", state="hidden")
    assert page.get_attribute("#replies .votes button:nth-child(2)", "aria-pressed") == "true"
    assert bot.views("marco") == []


def test_ask_in_private_and_share(page: "Page", bot: Sandbox) -> None:
    enter(page, bot, "U01PRIYA", "general")
    page.locator("#composer textarea").press_sequentially("/as")
    page.wait_for_selector("#composer [role=option]")
    page.keyboard.press("Enter")
    page.keyboard.type("where do I park my bicycle?")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Only visible to you")
    page.click("text=Share in channel")
    shared = "Priya Nair asked:"
    page.wait_for_selector(f"text={shared}")
    enter(page, bot, "U01INES", "general")
    page.wait_for_selector(f"text={shared}")
    assert "Share in channel" not in page.inner_text("#messages")


def test_a_guest_gets_what_guests_may_read(page: "Page", bot: Sandbox) -> None:
    enter(page, bot, "U01TOM", "ask-footnote")
    page.fill("#composer textarea", "@footnote how many days of annual leave do I have?")
    page.keyboard.press("Enter")
    page.locator("#messages .replies").last.click()
    eventually(lambda: NOTHING_TO_READ in page.inner_text("#replies"))
    assert "25 days" not in page.inner_text("#replies")


def test_the_home_tab(page: "Page", bot: Sandbox) -> None:
    enter(page, bot, "U01INES", "footnote")
    page.click("#tabs >> text=Home")
    page.wait_for_selector("#home >> text=What you asked last")
    assert "pages" in page.inner_text("#home")
