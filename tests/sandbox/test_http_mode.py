"""The sandbox delivers by HTTP as Slack does: a challenge first, then all of it signed, again until it is acknowledged."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox.client import Refused, Sandbox
from tests.e2e.waiting import eventually

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class RequestUrl(ThreadingHTTPServer):
    """Notes what comes, and answers what it was told to: (status, body), the last one again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.came: list[tuple[dict[str, str], str]] = []
        self.answers: list[tuple[int, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/slack/events"


class Handler(BaseHTTPRequestHandler):
    server: RequestUrl

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
        answers = self.server.answers
        status, said = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else (200, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(said.encode())))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def app_url() -> Iterator[RequestUrl]:
    with RequestUrl() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_event_comes_signed_and_again_with_its_number_until_it_is_acknowledged(
    sandbox: Sandbox, app_url: RequestUrl
) -> None:
    sandbox.deliver_to(app_url.url, SECRET)
    app_url.came.clear()
    app_url.answers = [(503, ""), (200, "")]
    sandbox.post("marco", "<@U01FOOTNOTE> hello", channel="general")
    eventually(lambda: [one["outcome"] for one in sandbox.deliveries("app_mention")] == ["acknowledged"])
    eventually(lambda: len(app_url.came) >= 3)
    verifier = SignatureVerifier(SECRET)
    assert all(verifier.is_valid_request(body, headers) for headers, body in app_url.came)
    assert "1" in [headers.get("x-slack-retry-num") for headers, _ in app_url.came]


def test_a_command_comes_as_a_form_and_its_answer_is_shown(sandbox: Sandbox, app_url: RequestUrl) -> None:
    sandbox.deliver_to(app_url.url, SECRET)
    app_url.answers = [(200, '{"response_type": "ephemeral", "text": "one moment"}')]
    sandbox.command("marco", "/ask", "a question & more", channel="general")
    headers, body = app_url.came[-1]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert "text=a+question+%26+more" in body
    assert "one moment" in [one.text for one in sandbox.channel("general", as_user="marco")]


def test_an_address_that_does_not_give_the_challenge_back_is_not_taken(
    sandbox: Sandbox, app_url: RequestUrl
) -> None:
    app_url.answers = [(200, "hello")]
    with pytest.raises(Refused, match="url_verification_failed"):
        sandbox.deliver_to(app_url.url, SECRET)
    with pytest.raises(Refused, match="url_verification_failed"):
        sandbox.deliver_to("http://127.0.0.1:1/", SECRET)
    assert sandbox.sockets() == {"footnote": 0}
