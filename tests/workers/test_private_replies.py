"""Private answers: every answer of the address, and an address that nobody answers at, becomes one of our errors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from rag.errors import ReplyImpossible, SlackUnavailable
from workers.asked import Claimed, Incoming
from workers.private_replies import PrivateReplies, RepliesBySurface
from workers.rendering import Rendered

ANSWER = Rendered("25 days", [{"type": "divider"}])


@dataclass
class Address:
    """A response_url on loopback."""

    status: int = 200
    retry_after: str | None = None
    taken: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def address() -> Iterator[Address]:
    address = Address()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(address.status)
            if address.retry_after:
                self.send_header("Retry-After", address.retry_after)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address.url = f"http://127.0.0.1:{server.server_port}/"
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def claimed(url: str | None) -> Claimed:
    incoming = Incoming("T1", "C1", "ask:1", "private", "U1", "how many days?", response_url=url)
    return Claimed("q", "owner", 1, incoming, None, None)


def test_it_is_sent_to_nobody_else_and_replaces_nothing(address: Address) -> None:
    PrivateReplies().finish(claimed(address.url), "private", ANSWER)
    [sent] = address.taken
    assert (sent["text"], sent["blocks"]) == ("25 days", ANSWER.blocks)
    assert sent["response_type"] == "ephemeral"
    assert not sent["replace_original"]


@pytest.mark.parametrize(("parts", "sent"), [(2, [0, 1]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 8])])
def test_a_long_answer_is_sent_in_parts_and_one_too_long_says_so(
    address: Address, parts: int, sent: list[int]
) -> None:
    all_parts = [Rendered(f"part {number}", [{"type": "divider"}]) for number in range(parts)]
    PrivateReplies().finish(claimed(address.url), "private", replace(all_parts[0], more=(*all_parts[1:],)))
    assert [taken["text"] for taken in address.taken] == [f"part {number}" for number in sent]
    assert ("left out" in json.dumps(address.taken)) == (parts > len(sent))


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_has_expired_is_not_tried_again(address: Address, status: int) -> None:
    address.status = status
    with pytest.raises(ReplyImpossible):
        PrivateReplies().finish(claimed(address.url), "private", ANSWER)


@pytest.mark.parametrize(
    ("status", "header", "seconds"), [(429, "7", 7.0), (500, None, None), (503, "soon", None)]
)
def test_trouble_is_worth_another_try(
    address: Address, status: int, header: str | None, seconds: float | None
) -> None:
    address.status, address.retry_after = status, header
    with pytest.raises(SlackUnavailable) as caught:
        PrivateReplies().finish(claimed(address.url), "private", ANSWER)
    assert caught.value.retry_after_seconds == seconds
    assert address.url not in str(caught.value)


def test_nobody_at_the_address(address: Address) -> None:
    with pytest.raises(SlackUnavailable):
        PrivateReplies().finish(claimed("http://127.0.0.1:9/"), "private", ANSWER)


def test_each_question_is_answered_where_it_was_asked() -> None:
    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def begin(self, claimed: Claimed) -> str:
            return self.name

        find = begin

        def history(self, incoming: Incoming) -> Any:
            return self.name

    replies = RepliesBySurface(Named("shown"), Named("private"))  # type: ignore[arg-type]
    for url, name in ((None, "shown"), ("https://x.test", "private")):
        it = claimed(url)
        assert (replies.begin(it), replies.find(it), replies.history(it.incoming)) == (name, name, name)
