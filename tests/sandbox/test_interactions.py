"""Commands, clicks, modals, shortcuts, home tabs: what people do and what comes of it."""

from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.client import Refused, Sandbox
from sandbox.interactions import chosen
from tests.sandbox.conftest import Connect

Json = dict[str, Any]
BUTTONS = {
    "type": "actions",
    "block_id": "ask",
    "elements": [
        {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}, "value": "7"},
        {
            "type": "static_select",
            "action_id": "scope",
            "options": [
                {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("hr", "it")
            ],
        },
    ],
}
FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"},
            "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"},
        }
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "question",
            "label": {"type": "plain_text", "text": "Question"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def test_a_command_is_answered_in_its_acknowledgement(app: App, connect: Connect, sandbox: Sandbox) -> None:
    @app.command("/ask")
    def ask(ack: Ack, command: Json) -> None:
        ack(f"{command['user_name']} asks: {command['text']}")

    connect(app)

    outcome = sandbox.command("marco", "/ask", "why <b>?", channel="random")

    assert outcome["outcome"] == "acknowledged"
    [message] = sandbox.channel("random", as_user="marco")
    assert (message.text, message.ephemeral) == ("marco asks: why <b>?", "U01MARCO")
    assert sandbox.channel("random", as_user="ines") == []


def test_a_response_url_answers_and_replaces_until_it_is_used_up(
    app: App, connect: Connect, sandbox: Sandbox
) -> None:
    urls: list[str] = []

    @app.command("/ask")
    def ask(ack: Ack, respond: Respond, command: Json) -> None:
        ack()
        urls.append(command["response_url"])
        respond("for you")
        respond(text="for all", response_type="in_channel")

    connect(app)
    sandbox.command("marco", "/ask", channel="random")

    assert [one.text for one in sandbox.channel("random", as_user="ines")] == ["for all"]
    assert [one.text for one in sandbox.channel("random", as_user="marco")] == ["for you", "for all"]
    webhook = WebhookClient(urls[0])
    assert [webhook.send(text="again").status_code for _ in range(4)] == [200, 200, 200, 404]
    assert WebhookClient(urls[0] + "0").send(text="x").body == '{"ok": false, "error": "expired_url"}'


def test_a_command_nobody_answers_fails_visibly(app: App, connect: Connect, sandbox: Sandbox) -> None:
    assert sandbox.command("marco", "/ask", channel="random")["outcome"] == "dropped"

    @app.command("/ask")
    def ask() -> None:
        raise RuntimeError("broken")

    connect(app)
    sandbox.settings(ack_timeout_seconds=0.4)
    assert sandbox.command("marco", "/ask", channel="random")["outcome"] == "given_up"
    assert [one.text for one in sandbox.channel("random", as_user="marco")] == [
        '/ask failed with the error "dispatch_failed"',
        '/ask failed with the error "operation_timeout"',
    ]


def test_clicks_carry_what_was_clicked(app: App, connect: Connect, sandbox: Sandbox, web: WebClient) -> None:
    seen: list[Json] = []
    for action_id in ("more", "scope", "feedback"):

        @app.action(action_id)
        def note(ack: Ack, body: Json, respond: Respond) -> None:
            ack()
            seen.append(body)
            if body["actions"][0]["action_id"] == "more":
                respond(text="more", replace_original=True)

    connect(app)
    ts = web.chat_postMessage(channel="C01GENERAL", text="x", blocks=[BUTTONS, FEEDBACK])["ts"]
    for action_id, value in (("feedback", "bad"), ("scope", "it"), ("more", None)):
        assert (
            sandbox.click("marco", action_id, channel="general", ts=ts, value=value)["outcome"]
            == "acknowledged"
        )

    assert [body["actions"][0].get("value") for body in seen] == ["bad", None, "7"]
    assert seen[1]["actions"][0]["selected_option"]["value"] == "it"
    assert (seen[2]["user"]["id"], seen[2]["container"]["message_ts"], seen[2]["actions"][0]["block_id"]) == (
        "U01MARCO",
        ts,
        "ask",
    )
    assert seen[2]["message"]["text"] == "x"
    assert sandbox.channel("general")[0].as_text() == "more"
    with pytest.raises(Refused, match="no element with action_id less"):
        sandbox.click("marco", "less", channel="general", ts=ts)


def test_elements_report_several_choices_and_dates_in_slacks_fields() -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("hr", "it", "law")]
    boxes = {"type": "checkboxes", "action_id": "x", "options": options[:2]}
    groups = {"type": "multi_static_select", "action_id": "x", "option_groups": [{"options": options}]}

    assert chosen(boxes, ["it"]) == {"selected_options": [options[1]]}
    assert chosen(boxes, None) == {"selected_options": []}
    assert chosen(groups, ["hr", "law"]) == {"selected_options": [options[0], options[2]]}
    assert chosen({"type": "multi_users_select"}, ["U01INES"]) == {"selected_users": ["U01INES"]}
    assert chosen({"type": "datepicker"}, "2026-01-31") == {"selected_date": "2026-01-31"}


def test_a_modal_is_opened_refused_corrected_and_closed(app: App, connect: Connect, sandbox: Sandbox) -> None:
    @app.shortcut("ask_global")
    def open_form(ack: Ack, shortcut: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)

    @app.view("form")
    def take(ack: Ack, view: Json) -> None:
        entered = view["state"]["values"]["question"]["text"]["value"]
        if len(entered) < 5:
            ack(response_action="errors", errors={"question": "too short"})
        elif entered == "change":
            ack(response_action="update", view=MODAL | {"callback_id": "second"})
        else:
            ack()

    connect(app)
    sandbox.shortcut("marco", "ask_global")
    view = sandbox.wait_for_view("marco")["id"]

    with pytest.raises(Refused, match="the input text is required"):
        sandbox.submit("marco", view)
    assert sandbox.submit("marco", view, {"text": "why"})["errors"] == {"question": "too short"}
    assert sandbox.submit("marco", view, {"text": "change"})["response_action"] == "update"
    assert sandbox.views("marco")[0]["callback_id"] == "second"
    sandbox.close_view("marco", view)
    assert sandbox.views("marco") == []


def test_a_submitted_modal_goes_away(app: App, connect: Connect, sandbox: Sandbox, web: WebClient) -> None:
    triggers: list[str] = []

    @app.shortcut("ask_about_message")
    def open_form(ack: Ack, shortcut: Json, client: WebClient) -> None:
        ack()
        triggers.append(shortcut["trigger_id"])
        client.views_open(
            trigger_id=shortcut["trigger_id"], view=MODAL | {"private_metadata": shortcut["message"]["text"]}
        )

    app.view("form")(lambda ack: ack())
    connect(app)
    ts = sandbox.post("priya", "the message", channel="general")
    sandbox.shortcut("marco", "ask_about_message", channel="general", ts=ts)
    view = sandbox.wait_for_view("marco")

    assert view["private_metadata"] == "the message"
    assert sandbox.submit("marco", view["id"], {"text": "a question"})["outcome"] == "acknowledged"
    assert sandbox.views("marco") == []
    with pytest.raises(SlackApiError) as refusal:
        web.views_open(trigger_id=triggers[0], view=MODAL)
    assert refusal.value.response["error"] == "exchanged_trigger_id"


def test_a_trigger_expires(app: App, connect: Connect, sandbox: Sandbox, web: WebClient) -> None:
    triggers: list[str] = []

    @app.shortcut("ask_global")
    def note(ack: Ack, shortcut: Json) -> None:
        ack()
        triggers.append(shortcut["trigger_id"])

    connect(app)
    sandbox.settings(trigger_seconds=0.0)
    sandbox.shortcut("marco", "ask_global")
    with pytest.raises(SlackApiError) as refusal:
        web.views_open(trigger_id=triggers[0], view=MODAL)

    assert refusal.value.response["error"] == "expired_trigger_id"


def test_a_home_tab_is_published(app: App, connect: Connect, sandbox: Sandbox) -> None:
    @app.event("app_home_opened")
    def publish(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [BUTTONS]})

    app.action("more")(lambda ack: ack())
    connect(app)
    assert sandbox.open_home("priya") is None
    sandbox.wait_for_delivery("app_home_opened")

    home = sandbox.home("priya") or {}
    assert home["blocks"] == [BUTTONS]
    assert sandbox.click("priya", "more", view=home["id"])["outcome"] == "acknowledged"


def test_views_are_checked(web: WebClient) -> None:
    with pytest.raises(SlackApiError) as refusal:
        web.views_publish(user_id="U01INES", view={"type": "home", "blocks": [{"type": "song"}]})

    assert refusal.value.response["error"] == "invalid_arguments"
    assert "unsupported type: song" in refusal.value.response["response_metadata"]["messages"][0]
