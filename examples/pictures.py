"""What is done on the sandbox's page to take a picture of it."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from examples.demo import ROOT

FOLDER = ROOT / "docs" / "screenshots"


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 760})
    page.goto(url)
    page.wait_for_selector("#rooms button")
    become(page, "U01MARCO")
    return page


def become(page: Page, person: str) -> None:
    page.select_option("#person", value=person)


def visit(page: Page, channel: str) -> None:
    page.click(f'#rooms button[data-name="{channel}"]')
    page.wait_for_function("name => document.title.startsWith(name)", arg=channel)


def write(page: Page, where: str, text: str) -> None:
    page.fill(f"{where} textarea", text)
    page.press(f"{where} textarea", "Enter")


def shoot(page: Page, name: str) -> Path:
    """Once nothing moves and nobody hovers."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur(); document.getElementById('toast').hidden = true")
    page.wait_for_timeout(400)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    return path
