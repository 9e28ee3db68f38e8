"""An admin's session as pictures, for `make screenshots`: what Ines does in the admin channel, as the sandbox's page shows it."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page
from rich.console import Console

from examples.demo import ROOT, environment, running
from examples.pictures import become, opened, shoot, visit, write
from sandbox.client import Sandbox

_ADMIN, _ROOM = "U01INES", "footnote-admin"
_PAGES = 400
_LONG_MS = 120_000
_QUESTIONS = (
    ("marco", "how many days of paid leave do i get in a year?"),
    ("priya", "how many days can i carry over?"),
    ("priya", "what's the per diem for tokyo"),
    ("marco", "what is the per diem in tokyo?"),
    ("marco", "does the office in leeds have a gym"),
)


def administering(browser: Browser, port: int) -> None:
    """With a database of its own: what stands in it is what is done here."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "DATA_DIR": f"{folder}/data",
            "ADMIN_DIGEST": "off",
            "SWEEP_SECONDS": "1",
        }
        with running(port, Console(), settings) as sandbox:
            page = opened(browser, sandbox.url)
            become(page, _ADMIN)
            asked_before(sandbox)
            proposing(page, sandbox.url)
            reindexing(
                page,
                procedures(Path(folder) / "procedures", "first"),
                {**settings, "BROKER_URL": "memory://"},
            )
            listing(page)
            telling(page)
            trying(page)
            setting(page)
            looking(page)


def asked_before(sandbox: Sandbox) -> None:
    for person, text in _QUESTIONS:
        ts = sandbox.post(person, f"@footnote {text}", channel="general")
        sandbox.wait_for_reply("general", ts, 60)


def proposing(page: Page, url: str) -> None:
    """A link dropped, an audience chosen, the source added."""
    visit(page, _ROOM)
    write(page, "#composer", f"{url}/site/pages/")
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies >> text=Choose audience")
    page.wait_for_timeout(3000)  # the pages are counted
    shoot(page, "admin-proposal")
    page.click("#replies >> text=Choose audience")
    page.wait_for_selector("dialog[open]")
    shoot(page, "admin-audience")
    page.click("dialog >> text=Choose >> nth=-1")
    page.wait_for_selector("dialog[open]", state="hidden")
    page.click("#replies button:text-is('Add')")
    page.wait_for_selector("#replies >> text=Added")
    shoot(page, "admin-added")
    page.keyboard.press("Escape")


def reindexing(page: Page, folder: Path, settings: Mapping[str, str]) -> None:
    """A folder that takes a while to read, watched."""
    command = [sys.executable, "-m", "ingestion", "add", str(folder), "--name", "procedures"]
    subprocess.run(command, cwd=ROOT, env=environment(settings), check=True)
    procedures(folder, "second")  # what has not changed is embedded by nobody
    write(page, "#composer", "/reindex procedures")
    page.wait_for_selector("#messages >> text=/[3-6][0-9] ?%/", timeout=_LONG_MS)
    shoot(page, "reindexing")
    page.wait_for_selector("#messages >> text=Reindexed", timeout=_LONG_MS)
    shoot(page, "reindexed")


def listing(page: Page) -> None:
    write(page, "#composer", "@footnote list")
    page.wait_for_selector("#messages >> text=procedures", timeout=_LONG_MS)
    page.wait_for_timeout(5000)
    shoot(page, "admin-list")


def telling(page: Page) -> None:
    """The week, as it is told on Mondays, too."""
    write(page, "#composer", "@footnote digest")
    page.wait_for_timeout(3000)
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies >> text=Write an answer", timeout=_LONG_MS)
    shoot(page, "digest")
    page.keyboard.press("Escape")


def trying(page: Page) -> None:
    """What would be found for somebody, and why."""
    write(page, "#composer", '@footnote test "how many days of leave can i carry over?" in #general')
    page.wait_for_timeout(3000)
    page.locator("#messages .replies").last.click()
    page.wait_for_selector("#replies >> text=as they are indexed", timeout=_LONG_MS)
    page.locator("#replies >> text=Tried for").scroll_into_view_if_needed()
    shoot(page, "playground")
    page.keyboard.press("Escape")


def setting(page: Page) -> None:
    """What holds in one channel, and the form behind Change."""
    write(page, "#composer", "@footnote settings #general")
    page.wait_for_timeout(3000)
    page.locator("#messages .replies").last.click()
    page.click("#replies >> text=Change", timeout=_LONG_MS)
    page.wait_for_selector("dialog[open]")
    shoot(page, "settings")
    page.click("dialog >> text=Cancel")
    page.wait_for_selector("dialog[open]", state="hidden")
    page.keyboard.press("Escape")


def looking(page: Page) -> None:
    """The home tab, as an admin sees it."""
    visit(page, "footnote")
    page.click("#tabs >> text=Home")
    page.wait_for_selector("#home >> text=Health", timeout=_LONG_MS)
    page.locator("#home >> text=For admins").scroll_into_view_if_needed()
    shoot(page, "admin-home")


def procedures(folder: Path, edition: str) -> Path:
    """So many pages that reading them can be watched."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_PAGES):
        lines = (
            f"Step {step} of the {edition} procedure {number} is done by team {step % 7}."
            for step in range(30)
        )
        (folder / f"procedure-{number:03}.md").write_text(f"# Procedure {number}\n\n{' '.join(lines)}\n")
    return folder
