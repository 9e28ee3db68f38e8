"""Requests by HTTP as anybody may send them: what Slack signed gets in, the rest a status and never a trace."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from sqlalchemy import Engine, func, select

from bot.app import Identity, build_app
from bot.http_door import MOST_BYTES, signed
from bot.http_server import behind_door
from bot.listeners import Asking
from rag.database import open_database
from rag.errors import DatabaseUnavailable
from tests.bot.serving import SECRET, headers, send, served
from tests.bot.wired import NOWHERE, listeners_without_slack
from workers.asked import Incoming
from workers.channels import as_everywhere
from workers.following import Following
from workers.intake import Intake
from workers.ledger import Ledger
from workers.tables import questions
from workers.unasked import Unasked


class Forgetful(Intake):
    """Loses its database when a test wants it to."""

    away = False

    def accept(self, question: Incoming) -> None:
        if self.away:
            raise DatabaseUnavailable("away")
        super().accept(question)


class Office:
    """The bot behind its door, with a ledger and without a Slack to call."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sent: list[str] = []
        self.intake = Forgetful(Ledger(engine), self.sent.append, queue_limit=100)
        unasked = Unasked(Ledger(engine), as_everywhere)
        following = Following(engine, "questions", hours=1)
        listeners = replace(listeners_without_slack(engine), asking=Asking(self.intake, following, unasked))
        client = WebClient(token="xoxb-1", base_url=NOWHERE)
        app = build_app(client, Identity("T1", "B1", "U1BOT"), listeners, signing_secret=SECRET)
        self.door = behind_door(app, SECRET)
        self.port = 0

    def rows(self) -> int:
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(questions)).scalar_one()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('data') / 'footnote.db'}")
    office = Office(engine)
    with served(office.door) as office.port:
        yield office
    engine.dispose()


def mention(ts: str, text: str = "how many days of leave?") -> bytes:
    event = {
        "type": "app_mention",
        "user": "U1",
        "text": f"<@U1BOT> {text}",
        "ts": ts,
        "channel": "C1",
        "event_ts": ts,
    }
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": f"Ev{ts}",
            "event": event,
            "authorizations": [{"team_id": "T1", "user_id": "U1BOT", "is_bot": True}],
        }
    ).encode()


def test_a_mention_that_slack_signed_becomes_a_row_of_the_ledger_once(office: Office) -> None:
    before, body = office.rows(), mention("1.1")
    assert send(office.port, body, headers(body)) == (200, "")
    again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert send(office.port, body, headers(body) | again) == (200, "")
    assert send(office.port, body, headers(body)) == (200, "")
    assert office.rows() == before + 1


def test_a_mention_that_could_not_be_written_down_is_not_acknowledged(office: Office) -> None:
    before, body = office.rows(), mention("2.1")
    office.intake.away = True
    assert send(office.port, body, headers(body)) == (503, "")
    office.intake.away = False
    assert send(office.port, body, headers(body) | {"X-Slack-Retry-Num": "1"}) == (200, "")
    assert office.rows() == before + 1


def test_the_challenge_of_a_new_request_url_comes_back(office: Office) -> None:
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB"}).encode()
    status, said = send(office.port, body, headers(body))
    assert status == 200
    assert "3eZbrw1aB" in said


NOW = int(time.time())
BODY = mention("3.1")
GOOD = "X-Slack-Request-Timestamp", "X-Slack-Signature"


def faulty(timestamp: str | None, signature: str | None) -> dict[str, str]:
    """Both headers, or those of them that are given."""
    return {
        name: value for name, value in zip(GOOD, (timestamp, signature), strict=True) if value is not None
    }


def of(timestamp: str, secret: str = SECRET, body: bytes = BODY) -> str:
    return signed(secret.encode(), timestamp, body)


@pytest.mark.parametrize(
    "given",
    [
        faulty(None, None),
        faulty(str(NOW), None),
        faulty(None, of(str(NOW))),
        faulty("", ""),
        faulty("abc", of("abc")),
        faulty("1.5", of("1.5")),
        faulty("-1", of("-1")),
        faulty("+1", of("+1")),
        faulty("0x10", of("0x10")),
        faulty("1_0", of("1_0")),
        faulty("9" * 12, of("9" * 12)),
        faulty("9" * 400, of("9" * 400)),
        faulty("9" * 5000, of("9" * 5000)),
        faulty("nan", of("nan")),
        faulty("1e9", of("1e9")),
        faulty("²", of("²")),
        faulty(str(NOW), "é"),
        faulty(str(NOW), "v0=" + "é" * 64),
        faulty(str(NOW), "v0="),
        faulty(str(NOW), "v1" + of(str(NOW))[2:]),
        faulty(str(NOW), of(str(NOW)).upper()),
        faulty(str(NOW), of(str(NOW))[:-1]),
        faulty(str(NOW), of(str(NOW), "another secret")),
        faulty(str(NOW), of(str(NOW), body=BODY + b" ")),
        faulty(str(NOW + 1), of(str(NOW))),
        faulty(str(NOW - 400), of(str(NOW - 400))),
        faulty(str(NOW + 1000), of(str(NOW + 1000))),
    ],
)
def test_what_slack_did_not_sign_just_now_is_refused(office: Office, given: dict[str, str]) -> None:
    before = office.rows()
    encoded = {name: value.encode("latin-1") for name, value in given.items()}
    assert send(office.port, BODY, encoded) == (401, "")
    assert office.rows() == before


header_text = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=300)


@given(
    timestamp=st.none() | header_text | st.integers().map(str),
    signature=st.none() | header_text | header_text.map(lambda text: f"v0={text}"),
    more=st.dictionaries(
        st.sampled_from(["Content-Type", "X-Slack-Retry-Num", "Cookie", "X-Forwarded-For", "Forwarded"]),
        header_text,
    ),
    body=st.binary(max_size=500),
)
def test_no_headers_and_no_body_bring_the_bot_to_an_error(
    office: Office, timestamp: str | None, signature: str | None, more: dict[str, str], body: bytes
) -> None:
    given = {name: value.encode("latin-1") for name, value in (faulty(timestamp, signature) | more).items()}
    status, said = send(office.port, body, given)
    assert status in (400, 401)
    assert "Traceback" not in said


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), json_said=st.booleans())
def test_no_body_that_is_signed_brings_it_to_an_error_either(
    office: Office, body: bytes, json_said: bool
) -> None:
    given = headers(body) | ({} if json_said else {"Content-Type": "application/x-www-form-urlencoded"})
    status, said = send(office.port, body, given)
    assert status < 500
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"{", b"[1]", b'"x"', b"7", b'{"a":' * 400, b"payload=%7B", b"payload=%5B1%5D"]
)
def test_what_is_signed_and_unreadable_is_told_so(office: Office, body: bytes) -> None:
    status, said = send(office.port, body, headers(body))
    assert status == 400
    assert said == ""


def test_what_is_too_large_is_not_read(office: Office) -> None:
    body = b"x" * (MOST_BYTES + 1)
    assert send(office.port, body, headers(body)) == (413, "")


def test_what_declares_no_end_of_its_size_is_cut_off(office: Office) -> None:
    body = headers(b"") | {"Transfer-Encoding": "chunked"}
    chunk = b"%x\r\n%s\r\n" % (MOST_BYTES, b"x" * MOST_BYTES)
    try:
        status, said = send(office.port, chunk * 3 + b"0\r\n\r\n", body)
    except ConnectionError:
        return  # it was told while it was still sending
    assert status == 413
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/slack/events", 405), ("POST", "/", 404), ("GET", "/slack/install", 404)],
)
def test_nothing_else_is_served(office: Office, method: str, path: str, status: int) -> None:
    assert send(office.port, BODY, headers(BODY), method=method, path=path) == (status, "")


def test_refusals_are_told_to_the_log_once_a_minute_without_what_was_sent(
    office: Office, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    fresh = Office(engine)
    with caplog.at_level(logging.INFO), served(fresh.door) as port:
        for _ in range(5):
            send(port, BODY, headers(BODY, secret="another"))
    engine.dispose()
    told = [record.getMessage() for record in caplog.records if record.name == "bot.http_door"]
    assert len(told) == 1
    assert "SLACK_SIGNING_SECRET" in told[0]
    assert "leave" not in caplog.text
    assert "v0=" not in caplog.text
