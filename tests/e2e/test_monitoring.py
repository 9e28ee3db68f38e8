"""The whole bot, looked at over its monitoring port."""

import json
from urllib.request import urlopen

import pytest

from evals.processes import free_port
from rag.settings import MonitoringSettings, Settings
from sandbox.client import Sandbox
from tests.e2e.waiting import eventually


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    return Settings(**vars(settings), monitoring=MonitoringSettings(port=free_port()))


def page(settings: Settings, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{settings.monitoring.port}{path}", timeout=10) as reply:
        return str(reply.read().decode())


def test_a_question_is_counted_and_timed(bot: Sandbox, settings: Settings) -> None:
    assert json.loads(page(settings, "/readyz")) == {
        "ready": True,
        "checks": {"database": "ok", "broker": "ok", "Slack": "ok", "index": "ok"},
    }
    question = "how many days of annual leave do I have?"
    bot.post("marco", f"<@footnote> {question}", channel="general")
    eventually(lambda: "footnote_questions_total" in _with_values(page(settings, "/metrics")))
    metrics = page(settings, "/metrics")
    for stage in ("question", "audience", "retrieve", "embed", "search", "reply"):
        assert f'footnote_stage_seconds_count{{stage="{stage}"}}' in metrics
    assert 'footnote_runs_total{action="sync",result="done"} 2.0' in metrics
    assert 'footnote_sync_documents_total{result="added"}' in metrics
    assert 'footnote_questions_unfinished{state="accepted"} 0.0' in metrics
    assert "annual leave" not in metrics and "marco" not in metrics


def _with_values(metrics: str) -> set[str]:
    return {line.partition("{")[0] for line in metrics.splitlines() if not line.startswith("#")}
