"""What is read of Slack is counted, like all else that calls it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from ingestion.sources.slack_reading import SlackReader, SlackRefused
from rag.noting import Labels, listening
from rag.settings import SlackSettings
from sandbox.server import SandboxServer


class Counted:
    def __init__(self) -> None:
        self.times: Counter[tuple[str, ...]] = Counter()

    def counted(self, event: str, times: int, labels: Labels) -> None:
        self.times[(event, *labels.values())] += times

    def lasted(self, event: str, seconds: float, labels: Labels) -> None: ...

    def stage(self, name: str, labels: Labels) -> AbstractContextManager[object]:
        return nullcontext()


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def test_calls_and_what_slack_answers_are_counted(server: SandboxServer) -> None:
    slack = SlackReader(
        SlackSettings(
            bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url, timeout_seconds=3
        )
    )
    heard = Counted()
    with listening(heard):
        slack.call("conversations.info", channel="C01GENERAL")
        with pytest.raises(SlackRefused):
            slack.call("users.info", user="U0NOBODY")
    assert heard.times == {
        ("slack call", "conversations.info"): 1,
        ("slack call", "users.info"): 1,
        ("slack error", "users.info", "user_not_found"): 1,
    }
