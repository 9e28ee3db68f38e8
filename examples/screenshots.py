"""`make screenshots`: the sandbox's page with the bot in it, as pictures in docs/screenshots. Needs Chromium and the `dev` extra."""

import shutil
import sys

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from evals.writer import Writer
from examples.admin_screenshots import administering
from examples.demo import running
from examples.pictures import FOLDER, become, opened, shoot, visit, write

_PORT = 8931

_WRITTEN = (
    "Everyone working full time has **25 days** of paid leave a year, on top of the public holidays of their office [1]. "
    "After five years of service it is 28 days, and after ten years 30 [1].\n\n"
    "You may carry over five days into the next year, until 31 March [1]. In November you may buy up to five extra days for the next "
    "year [1]."
)
"""What the stand-in for a language model writes."""


def main() -> int:
    """0 when all are taken, 2 where there is no browser."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        sys.stderr.write("Chromium is not installed; on Debian: apt-get install chromium\n")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        with running(_PORT, Console(), {"ANSWER_PEOPLE_CHANNEL": "C01PEOPLE"}) as sandbox:
            page = opened(browser, sandbox.url)
            asking(page)
            private(page)
            home(page)
            narrow(page)
        with Writer(lambda _: _WRITTEN, word_seconds=0.15) as writer:
            settings = {"LLM_BASE_URL": writer.base_url, "LLM_API_KEY": "none", "LLM_MODEL": "writer"}
            with running(_PORT + 1, Console(), settings) as sandbox:
                growing(opened(browser, sandbox.url))
        administering(browser, _PORT + 2)
        browser.close()
    return 0


def growing(page: Page) -> None:
    """An answer while it is written, by a stand-in for a language model, and when it is done."""
    visit(page, "general")
    write(page, "#composer", "@footnote how many days of paid leave do i get in a year?")
    page.locator("#messages .doing").click()
    page.wait_for_selector("#replies >> text=28 days")
    shoot(page, "streaming")
    page.wait_for_selector("#replies .votes")
    shoot(page, "streamed")


def asking(page: Page) -> None:
    """A mention, its answer, a follow-up, one that is not in the documents; what was wrong with an answer."""
    visit(page, "general")
    write(page, "#composer", "@footnote how many days of paid leave do i get in a year?")
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies .votes")
    write(page, "#reply", "and how many can i keep for next year?")
    page.wait_for_function("document.querySelectorAll('#replies .votes').length === 2")
    shoot(page, "mention")
    page.locator("#replies .votes >> text=Not helpful").last.click()
    page.wait_for_selector("dialog[open]")
    page.click("dialog >> text=It is out of date")
    shoot(page, "feedback")
    page.click("dialog >> text=Cancel")
    page.wait_for_selector("dialog[open]", state="hidden")
    write(page, "#composer", "@footnote what's the per diem for tokyo")
    page.wait_for_function("document.querySelectorAll('#messages .replies').length === 2")
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies >> text=closest pages")
    shoot(page, "not-found")
    page.keyboard.press("Escape")


def private(page: Page) -> None:
    """`/ask`, and the answer shared."""
    visit(page, "ask-footnote")
    become(page, "U01PRIYA")
    visit(page, "general")
    write(page, "#composer", "/ask customer sees WR-4107, what now")
    page.wait_for_selector("text=Share in channel")
    shoot(page, "ask")
    page.click("text=Share in channel")
    page.wait_for_selector("text=Priya Nair asked:")
    shoot(page, "shared")


def home(page: Page) -> None:
    visit(page, "footnote")
    page.click("#tabs >> text=Home")
    page.wait_for_selector("#home >> text=What you asked last")
    shoot(page, "home")


def narrow(page: Page) -> None:
    """A telephone."""
    become(page, "U01MARCO")
    visit(page, "general")
    page.set_viewport_size({"width": 390, "height": 780})
    page.locator("#messages .replies").first.click()
    page.wait_for_selector("#replies .votes")
    shoot(page, "narrow")


if __name__ == "__main__":
    sys.exit(main())
