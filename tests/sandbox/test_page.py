"""The page, in a real browser: what apps and people write is shown and never run, and only to those who may see it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient

from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = (
    '<img src=x onerror="document.title=1"> <script>document.title=2</script> <javascript:alert(1)|click>'
)


@pytest.fixture(scope="module")
def office() -> Iterator[SandboxServer]:
    with SandboxServer() as office:
        yield office


@pytest.fixture
def app(office: SandboxServer) -> WebClient:
    office.client.reset()
    return WebClient(token=office.bot_token, base_url=office.api_url)


def enter(page: "Page", office: SandboxServer, who: str = "Ines", channel: str = "general") -> None:
    page.goto(office.url)
    page.wait_for_selector("#rooms button")
    value = page.locator("#person option", has_text=who).get_attribute("value")
    page.select_option("#person", value=value)
    page.click(f'#rooms button[data-name="{channel}"]')
    page.wait_for_function("name => document.title.startsWith(name)", arg=channel)


def test_what_one_writes_appears_and_enter_sends_it(
    page: "Page", office: SandboxServer, app: WebClient
) -> None:
    enter(page, office)
    page.fill("#composer textarea", "first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .message")
    assert page.locator("#messages .text").inner_text() == "first line\nsecond line"
    assert page.input_value("#composer textarea") == ""


def test_mentions_and_commands_are_offered(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    page.fill("#composer textarea", "")
    page.locator("#composer textarea").press_sequentially("hello @foo")
    page.wait_for_selector("#composer [role=option]")
    page.keyboard.press("Enter")
    assert page.input_value("#composer textarea") == "hello @footnote "
    page.keyboard.type("hi")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .mention")


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Heading"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* _italic_ `code` <https://x.test|site>"}},
    {"type": "section", "fields": [{"type": "plain_text", "text": "one"}, {"type": "plain_text", "text": "two"}]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "plain_text", "text": "small"}]},
    {"type": "markdown", "text": "# Title\n\n- item **strong**\n\n1. first\n\n> said\n\n```\nx < y\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
    {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U01MARCO"}, {"type": "text", "text": " done", "style": {"bold": True}}]},
            {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "third"}]}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  b"}]},
            {"type": "rich_text_quote", "elements": [{"type": "link", "url": "javascript:alert(1)", "text": "no link"}]},
        ],
    },
    {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Press"}}]},
    {"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "rate", "positive_button": {"text": {"type": "plain_text", "text": "Yes"}, "value": "1"}, "negative_button": {"text": {"type": "plain_text", "text": "No"}, "value": "0"}}]},
]  # fmt: skip


def test_every_block_is_drawn(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    app.chat_postMessage(channel="C01GENERAL", text="x", blocks=BLOCKS)
    page.wait_for_selector("#messages .votes")
    shown = page.locator("#messages article")
    text = shown.inner_text()
    for expected in ("Heading", "one", "two", "small", "Title", "item strong", "said", "x < y", "@Marco Bellini done", "no link", "Press", "Yes", "No"):  # fmt: skip
        assert expected in text
    assert shown.locator("a").evaluate_all("links => links.map(link => link.href)") == ["https://x.test/"]
    assert shown.locator("ol[start='3'] li").inner_text() == "third"
    assert shown.locator("pre").all_inner_texts() == ["x < y", "a  b"]
    assert shown.locator("table td").all_inner_texts() == ["1", "2"]


def test_no_text_becomes_markup(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    for text in (HOSTILE, HOSTILE.replace("<", "&lt;").replace(">", "&gt;")):
        app.chat_postMessage(channel="C01GENERAL", text=text)
    blocks = [
        {"type": "markdown", "text": f"{HOSTILE}\n[x](javascript:alert(1))"},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}]},
    ]  # fmt: skip
    app.chat_postMessage(channel="C01GENERAL", text="last", blocks=blocks)
    page.wait_for_function("document.querySelectorAll('#messages article').length === 3")
    assert page.locator("#messages img, #messages script, #messages a").count() == 0
    assert page.title().startswith("general")


def test_people_see_what_they_may(page: "Page", office: SandboxServer, app: WebClient) -> None:
    app.chat_postEphemeral(channel="C01GENERAL", user="U01MARCO", text="for marco alone")
    enter(page, office, "Marco")
    page.wait_for_selector("text=Only visible to you")
    assert "people-private" not in page.inner_text("#rooms")
    enter(page, office, "Ines")
    assert "people-private" in page.inner_text("#rooms")
    assert "for marco alone" not in page.inner_text("#messages")
    page.select_option("#person", value="U01TOM")
    page.wait_for_function("!document.querySelector('#rooms').innerText.includes('general')")
    assert "ask-footnote" in page.inner_text("#rooms")


def test_a_stream_grows_and_can_be_stopped(page: "Page", office: SandboxServer, app: WebClient) -> None:
    ts = office.client.post("ines", "tell me a long story", channel="general")
    enter(page, office)
    app.assistant_threads_setStatus(channel_id="C01GENERAL", thread_ts=ts, status="is searching")
    page.hover("#messages .message")
    page.click("#messages .message .tools button[aria-label='Reply in thread']")
    page.wait_for_selector("#replies .status")
    stream = app.chat_startStream(channel="C01GENERAL", thread_ts=ts, recipient_user_id="U01INES", recipient_team_id="T01FERNWAY", markdown_text="Once ")  # fmt: skip
    page.wait_for_selector("#replies .growing")
    app.chat_appendStream(channel="C01GENERAL", ts=stream["ts"], markdown_text="upon a time")
    page.wait_for_selector("text=Once upon a time")
    page.click("text=Stop")
    page.wait_for_selector("#replies .growing", state="detached")


def test_narrow_screens_need_no_sideways_scrolling_and_have_a_drawer(
    page: "Page", office: SandboxServer, app: WebClient
) -> None:
    app.chat_postMessage(channel="C01GENERAL", text="x" * 400, blocks=BLOCKS)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(office.url)
    page.click("#menu")
    page.click('#rooms button:has-text("general")')
    page.wait_for_selector("#messages .votes")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.get_attribute("#menu", "aria-expanded") == "false"


def test_everything_that_can_be_pressed_has_a_name(
    page: "Page", office: SandboxServer, app: WebClient
) -> None:
    app.chat_postMessage(channel="C01GENERAL", text="x", blocks=BLOCKS)
    enter(page, office)
    page.wait_for_selector("#messages .votes")
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, select, textarea, input:not([hidden])')]"
        ".filter(one => !one.innerText.trim() && !one.getAttribute('aria-label') && !(one.labels || []).length)"
        ".map(one => one.outerHTML)"
    )
    assert unnamed == []
