"""The page, in a real browser: what apps and people write is shown and never run, and only to those who may see it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from sandbox.server import SandboxServer
from tests.sandbox.conftest import Connect

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = (
    '<img src=x onerror="document.title=1"> <script>document.title=2</script> <javascript:alert(1)|click>'
)


MENUS = {
    "commands": [
        {"command": "/ask", "description": "Ask in private", "usage_hint": "a question"},
        {"command": "/away", "description": "Be left alone"},
    ],
    "shortcuts": [{"name": "Ask about this", "type": "message", "callback_id": "about", "description": ""}],
}


@pytest.fixture(scope="module")
def office() -> Iterator[SandboxServer]:
    with SandboxServer() as office:
        yield office


@pytest.fixture
def app(office: SandboxServer) -> WebClient:
    office.client.reset()
    for installed in office.platform.workspace.apps.values():
        installed.menus = MENUS
    return WebClient(token=office.bot_token, base_url=office.api_url)


@pytest.fixture
def server(office: SandboxServer) -> SandboxServer:
    """What `connect` opens its sockets to."""
    return office


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


def test_commands_are_chosen_with_the_arrow_keys(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    area = page.locator("#composer textarea")
    area.press_sequentially("/a")
    page.wait_for_selector("#composer [role=option]")
    assert page.locator("#composer [role=option] b").all_inner_texts() == ["/ask", "/away"]
    page.keyboard.press("ArrowDown")
    active = area.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    assert area.input_value() == "/away "
    assert area.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=dispatch_failed")


def test_what_was_begun_waits_in_its_channel(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    page.fill("#composer textarea", "half a thought")
    page.click('#rooms button[data-name="random"]')
    page.wait_for_function("document.querySelector('#composer textarea').value === ''")
    page.click('#rooms button[data-name="general"]')
    page.wait_for_function("document.querySelector('#composer textarea').value === 'half a thought'")


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Heading"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* _italic_ `code` <https://x.test|site>"}},
    {"type": "section", "fields": [{"type": "plain_text", "text": "one"}, {"type": "plain_text", "text": "two"}]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "plain_text", "text": "small"}]},
    {"type": "markdown", "text": "# Title\n\n- item **strong**\n  - inner\n\n1. first\n\n> said\n\n```\nx < y\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
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


def _input(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    text = {"type": "plain_text", "text": label}
    return {"type": "input", "block_id": block_id, "label": text, "element": element, **more}


def _options(**named: str) -> list[dict[str, Any]]:
    return [{"text": {"type": "plain_text", "text": text}, "value": value} for value, text in named.items()]


FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "wrong",
    "title": {"type": "plain_text", "text": "What was wrong?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        _input("why", "Why", {"type": "radio_buttons", "action_id": "kind", "options": _options(old="It is old", bad="It is bad")}),
        _input("when", "When", {"type": "checkboxes", "action_id": "days", "options": _options(today="Today", later="Later")}, optional=True),
        _input("who", "Who", {"type": "users_select", "action_id": "person"}),
        _input("where", "Where", {"type": "channels_select", "action_id": "room"}),
        _input("better", "Better", {"type": "plain_text_input", "action_id": "text", "multiline": True}),
    ],
}  # fmt: skip


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
    assert shown.locator("ul ul li").inner_text() == "inner"
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


def test_mrkdwn_is_read_as_slack_reads_it(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    text = (
        "*bold <https://x.test|site>* a_b_c 2*3*4\n&gt; said\n```x = *y*```\n<!subteam^S01PEOPLE> <@U01PRIYA>"
    )
    app.chat_postMessage(channel="C01GENERAL", text=text)
    shown = page.locator("#messages .body")
    shown.wait_for()
    assert shown.locator("b").all_inner_texts() == ["bold site"]
    assert shown.locator("b a").get_attribute("href") == "https://x.test"
    assert shown.locator("blockquote").inner_text() == "said"
    assert shown.locator("pre").inner_text() == "x = *y*"
    assert shown.locator(".mention").all_inner_texts() == ["@people-team", "@Priya Nair"]
    assert "a_b_c 2*3*4" in shown.inner_text()


def test_a_vote_leads_to_a_form_whose_faults_stand_at_its_fields(
    page: "Page", office: SandboxServer, app: WebClient, connect: Connect
) -> None:
    bolt = App(client=app, process_before_response=True)
    votes: list[str] = []
    forms: list[dict[str, Any]] = []

    @bolt.action("rate")
    def rate(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        votes.append(body["actions"][0]["value"])
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @bolt.view("wrong")
    def take(ack: Ack, view: dict[str, Any]) -> None:
        forms.append(view["state"]["values"])
        if forms[-1]["better"]["text"]["value"] == "no":
            ack(response_action="errors", errors={"better": "Say more"})
        else:
            ack()

    connect(bolt)
    app.chat_postMessage(channel="C01GENERAL", text="x", blocks=BLOCKS)
    enter(page, office)
    page.click("#messages .votes >> text=No")
    page.wait_for_selector("dialog[open]")
    assert page.get_attribute("#messages .votes button:nth-child(2)", "aria-pressed") == "true"
    page.click("dialog >> text=Send")
    required = page.locator("dialog .error", has_text="Please complete")
    assert required.count() == len(FORM["blocks"]) - 1
    assert forms == []
    page.check("dialog >> text=It is old")
    page.check("dialog >> text=Today")
    page.select_option("dialog select >> nth=0", label="Marco Bellini")
    page.select_option("dialog select >> nth=1", label="#random")
    page.fill("dialog textarea", "no")
    page.click("dialog >> text=Send")
    page.wait_for_selector("dialog >> text=Say more")
    field = page.locator("dialog textarea")
    assert (field.get_attribute("aria-invalid"), field.evaluate("it => it === document.activeElement")) == ("true", True)  # fmt: skip
    page.fill("dialog textarea", "27 days")
    page.click("dialog >> text=Send")
    page.wait_for_selector("dialog[open]", state="hidden")
    assert votes == ["0"]
    values = forms[-1]
    assert values["better"]["text"]["value"] == "27 days"
    assert values["why"]["kind"]["selected_option"]["value"] == "old"
    assert [one["value"] for one in values["when"]["days"]["selected_options"]] == ["today"]
    assert values["who"]["person"]["selected_user"] == "U01MARCO"
    assert values["where"]["room"]["selected_channel"] == "C01RANDOM"


def test_escape_closes_a_form_and_the_app_may_hear_of_it(
    page: "Page", office: SandboxServer, app: WebClient, connect: Connect
) -> None:
    bolt = App(client=app, process_before_response=True)
    closed: list[str] = []

    @bolt.shortcut("about")
    def open_form(ack: Ack, shortcut: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=shortcut["trigger_id"], view=FORM | {"notify_on_close": True})

    @bolt.view_closed("wrong")
    def note(ack: Ack, view: dict[str, Any]) -> None:
        closed.append(view["callback_id"])
        ack()

    connect(bolt)
    office.client.post("marco", "what about this?", channel="general")
    enter(page, office)
    page.hover("#messages .message")
    page.click("#messages .message .tools button[aria-label='More actions']")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    with page.expect_response("**/control/close_view") as answer:
        page.keyboard.press("Escape")
    assert answer.value.json()["outcome"] == "acknowledged"
    page.wait_for_selector("dialog[open]", state="hidden")
    assert office.client.views("ines") == []
    assert closed == ["wrong"]


def test_the_home_tab_is_what_the_app_published(
    page: "Page", office: SandboxServer, app: WebClient, connect: Connect
) -> None:
    bolt = App(client=app, process_before_response=True)

    @bolt.event("app_home_opened")
    def publish(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": BLOCKS[:2]})

    connect(bolt)
    enter(page, office, channel="footnote")
    page.click("#tab-home")
    page.wait_for_selector("#home >> text=Heading")
    assert page.locator("#composer").is_hidden()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#composer")
    assert page.get_attribute("#tab-messages", "aria-selected") == "true"


def test_own_messages_are_edited_in_place_and_deleted(
    page: "Page", office: SandboxServer, app: WebClient
) -> None:
    office.client.post("ines", "hello @priya", channel="general")
    enter(page, office)
    page.hover("#messages .message")
    page.click("#messages .message .tools button[aria-label='More actions']")
    page.click("text=Edit message")
    area = page.locator("#messages .editing textarea")
    assert area.input_value() == "hello @priya"
    area.fill("good morning @priya")
    # What happens meanwhile does not take away what one writes.
    office.client.post("marco", "something else", channel="general")
    page.wait_for_selector("text=something else")
    assert area.input_value() == "good morning @priya"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=good morning @Priya Nair (edited)")
    page.hover("#messages .message >> nth=0")
    page.click("#messages .message >> nth=0 >> button[aria-label='More actions']")
    page.click("text=Delete message")
    page.click("dialog.ask >> text=Delete >> nth=-1")
    page.wait_for_function("document.querySelectorAll('#messages .message').length === 1")


def test_reactions_are_added_and_taken_back(page: "Page", office: SandboxServer, app: WebClient) -> None:
    office.client.post("marco", "lunch?", channel="general")
    enter(page, office)
    page.hover("#messages .message")
    page.click("#messages .message .tools button[aria-label='Add a reaction']")
    page.click("[role=menuitem][aria-label=heart]")
    page.click("#messages .reactions button[aria-pressed=true]")
    page.wait_for_selector("#messages .reactions", state="detached")


def test_channels_with_something_new_are_marked(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    office.client.post("marco", "news", channel="random")
    page.wait_for_selector('#rooms button.unread[data-name="random"]')
    page.click('#rooms button[data-name="random"]')
    page.wait_for_selector("#messages >> text=news")
    page.wait_for_selector("#rooms button.unread", state="detached")


def test_a_file_is_shared_and_downloaded(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    page.set_input_files("#composer input[type=file]", {"name": "plan.md", "mimeType": "text/markdown", "buffer": b"# Plan"})  # fmt: skip
    page.wait_for_selector("#composer .held >> text=plan.md")
    page.click("#composer button.send")
    with page.expect_download() as waiting:
        page.click("#messages .file button")
    assert waiting.value.suggested_filename == "plan.md"
    assert waiting.value.path().read_bytes() == b"# Plan"


def test_a_file_waits_for_what_is_written_to_it(page: "Page", office: SandboxServer, app: WebClient) -> None:
    enter(page, office)
    for name in ("wrong.md", "plan.md"):
        page.set_input_files("#composer input[type=file]", {"name": name, "mimeType": "text/markdown", "buffer": b"# Plan"})  # fmt: skip
        page.wait_for_selector(f"#composer .held >> text={name}")
        if name == "wrong.md":
            page.click("#composer .held button")
            assert page.is_disabled("#composer button.send")
    page.fill("#composer textarea", "what does it say?")
    page.press("#composer textarea", "Enter")
    page.wait_for_selector("#messages .message:has-text('what does it say?') .file >> text=plan.md")
    assert page.locator("#messages .file").count() == 1
    assert page.is_hidden("#composer .held")
    assert page.input_value("#composer textarea") == ""


def test_nothing_is_fetched_from_elsewhere(page: "Page", office: SandboxServer, app: WebClient) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    picture = {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a picture"}
    app.chat_postMessage(channel="C01GENERAL", text="x", blocks=[picture, *BLOCKS])
    enter(page, office)
    page.wait_for_selector("text=a picture")
    assert [url for url in asked if not url.startswith((office.url, "data:"))] == []


def test_a_button_is_not_replaced_while_it_is_pressed(
    page: "Page", office: SandboxServer, app: WebClient
) -> None:
    enter(page, office)
    ts = office.client.post("ines", "how many days?", channel="general")
    app.assistant_threads_setStatus(channel_id="C01GENERAL", thread_ts=ts, status="is looking …")
    page.locator("#messages .doing").hover()
    page.mouse.down()
    app.chat_postMessage(channel="C01GENERAL", thread_ts=ts, text="25 days")
    page.wait_for_timeout(400)  # in which the answer would have been drawn in its place
    page.mouse.up()
    page.wait_for_selector("#replies >> text=25 days")
    assert page.locator("#messages .doing").count() == 0
