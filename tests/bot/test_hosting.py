"""Requests are handed to the workspace that they are for; what is for nobody comes to nothing."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hosting import ByWorkspace, _nobodys, team_of
from bot.http_door import HttpDoor
from rag.errors import DatabaseUnavailable
from tests.bot.serving import SECRET, headers, send, served

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "team"),
    [
        ({"team_id": "T1", "event": {"type": "app_mention"}}, "T1"),
        # In a channel that two workspaces share: said in T2, told to T1.
        ({"team_id": "T2", "authorizations": [{"team_id": "T1"}], "event": {"team": "T2"}}, "T1"),
        ({"team": {"id": "T1"}, "user": {"team_id": "T2"}}, "T1"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
        ({"type": "url_verification", "challenge": "x"}, None),
        ({"team_id": 7}, None),
        ({"team_id": ""}, None),
    ],
)
def test_whose_a_request_is(body: dict[str, object], team: str | None) -> None:
    assert team_of(json.dumps(body), JSON) == team
    assert team_of(urlencode({"payload": json.dumps(body)}), FORM) == team


def test_whose_a_command_is() -> None:
    assert team_of(urlencode({"command": "/ask", "team_id": "T1", "text": "team_id=T2"}), FORM) == "T1"
    assert team_of("ssl_check=1", FORM) is None


@given(st.text(max_size=60))
def test_any_body_is_somebodys_or_nobodys_or_unreadable(body: str) -> None:
    try:
        found = team_of(body, JSON)
    except (ValueError, TypeError, AttributeError):
        return
    assert found is None or isinstance(found, str)


def saying(name: str) -> "WSGIApplication":
    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("200 OK", [])
        return [f"{name} {len(body)}".encode()]

    return application


def application_of(team_id: str) -> "WSGIApplication | None":
    if team_id == "T3":
        raise DatabaseUnavailable("away")
    return saying(team_id) if team_id in {"T1", "T2"} else None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"team_id": "T1"}', (200, "T1 17")),
        (b'{"team_id": "T2"}', (200, "T2 17")),
        (b'{"team_id": "T3"}', (503, "")),
        (b'{"team_id": "T9"}', (200, "")),
        (b'{"type": "url_verification", "challenge": "abc"}', (200, '{"challenge": "abc"}')),
        (b"[1]", (400, "")),
        (b"{", (400, "")),
        (b'{"team": 3, "x": ', (400, "")),
    ],
)
def test_what_each_is_told(body: bytes, answer: tuple[int, str]) -> None:
    with served(HttpDoor(ByWorkspace(application_of, _nobodys(SECRET)), SECRET)) as port:
        assert send(port, body, headers(body)) == answer


def test_without_slacks_signature_nobody_names_a_workspace() -> None:
    body = b'{"team_id": "T1"}'
    with served(HttpDoor(ByWorkspace(application_of, _nobodys(SECRET)), SECRET)) as port:
        assert send(port, body, headers(body, secret="another"))[0] == 401
