"""What happens is counted where it happens, and what waits is read from the database."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from ingestion.catalogue import Catalogue
from ingestion.report import Progress
from ingestion.runs import Runs
from rag.adapters.openai import OpenAILLM
from rag.database import open_database
from rag.domain import Answer, Outcome
from rag.errors import DatabaseUnavailable, LLMRefused, LLMUnavailable, SlackUnavailable
from rag.noting import count, lasted, listening, stage
from rag.ports import Message
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.fakes import EverybodyReads, RecordingReplies, ScriptedAnswerer
from tests.scripted_llm import Fault, ScriptedLLM
from workers.answering_job import AnsweringJob
from workers.asked import Incoming
from workers.ledger import Ledger
from workers.operating.backlog import Backlog, backlog
from workers.operating.metrics import COUNTED, TIMED, Metrics, Waiting
from workers.slack.client import PacedClient
from workers.slack.errors import slack_errors
from workers.slack.pacing import LocalPace

ROOT = Path(__file__).parent.parent.parent.parent
ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?")


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    metrics = Metrics()
    with listening(metrics):
        yield metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Ours, as `name{label=value}`; what is zero is left out."""
    found = {}
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            if (
                sample.name.startswith("footnote_")
                and sample.value
                and not sample.name.endswith(("_bucket", "_created"))
            ):
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_every_event_that_is_told_is_known_with_its_labels(metrics: Metrics) -> None:
    told = set()
    for package in ("rag", "ingestion", "workers", "bot"):
        for file in (ROOT / package).rglob("*.py"):
            for verb, event, labels in re.findall(
                r"(?<![.\w])(count|lasted)\(\s*\"([^\"]+)\"([^\n]*)\)", file.read_text()
            ):
                told.add(event)
                known = (COUNTED if verb == "count" else TIMED)[event][-1]
                assert set(re.findall(r"(\w+)=(?!=)", labels)) == set(known), (file.name, event)
    assert told == {*COUNTED}


def test_what_nobody_knows_is_left_alone(metrics: Metrics) -> None:
    count("no such thing", kind="x")
    lasted("no such thing", 1.0)
    assert samples(metrics) == {}


def test_stages_are_timed_and_their_ids_are_no_labels(metrics: Metrics) -> None:
    with suppress(ValueError), stage("question", question_id="abc"):
        raise ValueError
    assert samples(metrics)["footnote_stage_seconds_count{stage=question}"] == 1
    assert b"abc" not in generate_latest(metrics.registry)


def test_questions_by_outcome(metrics: Metrics, engine: Engine) -> None:
    ledger = Ledger(engine)
    answerer = ScriptedAnswerer(
        [SlackUnavailable("away", retry_after_seconds=0), Answer("25 days.", Outcome.ANSWERED)]
    )
    job = AnsweringJob(
        ledger,
        RecordingReplies(),
        EverybodyReads(),
        answerer,
        attempts=3,
        lease_seconds=5,
        budget_seconds=20,
        first_delay_seconds=0,
    )
    question_id = ledger.accept(ASKED).question_id
    job.run(question_id)
    job.run(question_id)
    found = samples(metrics)
    assert found["footnote_questions_total{outcome=answered}"] == 1
    assert found["footnote_question_attempts_total{result=again}"] == 1
    assert found["footnote_question_attempts_total{result=answered}"] == 1
    assert found["footnote_question_seconds_count{outcome=answered}"] == 1
    assert {
        f"footnote_stage_seconds_count{{stage={name}}}"
        for name in ("question", "audience", "answer", "reply")
    } <= {*found}


def test_slack_errors(metrics: Metrics, server: SandboxServer, sandbox: Sandbox) -> None:
    client = PacedClient(
        LocalPace(), token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=2
    )
    client.auth_test()
    sandbox.fault("rate_limited", "auth.test", seconds=1)
    sandbox.fault("http", "users.info", status=503)
    for call in (
        client.auth_test,
        lambda: client.users_info(user="U01INES"),
        lambda: client.chat_postMessage(channel="C0", text="x"),
    ):
        with suppress(SlackUnavailable, Exception), slack_errors():
            call()
    found = samples(metrics)
    assert found["footnote_slack_calls_total{method=auth.test}"] == 2
    assert found["footnote_slack_errors_total{error=ratelimited,method=auth.test}"] == 1
    assert found["footnote_slack_errors_total{error=channel_not_found,method=chat.postMessage}"] == 1
    assert any("users.info" in name and "errors" in name for name in found)


def test_errors_and_retries_of_the_language_model(metrics: Metrics) -> None:
    with ScriptedLLM() as scripted:
        llm = OpenAILLM(scripted.base_url, "key", "m", 2)
        scripted.enqueue(Fault("reset"), "fine", Fault("status", status=503), Fault("refusal"))
        asked = [Message("user", "?")]
        llm.complete(asked)
        with pytest.raises(LLMUnavailable):
            llm.complete(asked)
        with pytest.raises(LLMRefused):
            llm.complete(asked)
        llm.close()
    assert samples(metrics) == {
        "footnote_llm_calls_total": 3,
        "footnote_llm_retries_total": 1,
        "footnote_llm_errors_total{error=LLMUnavailable}": 1,
        "footnote_llm_errors_total{error=LLMRefused}": 1,
    }


def test_what_waits_is_read_when_it_is_asked_for(metrics: Metrics, engine: Engine) -> None:
    metrics.registry.register(Waiting(lambda: backlog(engine)))
    assert samples(metrics) == {"footnote_backlog_readable": 1}
    Ledger(engine).accept(ASKED)
    runs = Runs(engine, "T1")
    source = Catalogue(engine, "T1").add_source("docs", kind="folder", location="/d", readers=["members"])
    run = runs.request(source.id, "sync", "U1")
    assert samples(metrics)["footnote_runs_unfinished{state=requested}"] == 1
    runs.claim(run.id, owner="w", lease_seconds=9)
    runs.renew(
        run.id, owner="w", lease_seconds=9, progress=Progress(documents=3, total=7, failed=1, embedded=5)
    )
    found = samples(metrics)
    assert found["footnote_questions_unfinished{state=accepted}"] == 1
    assert 0 < found["footnote_oldest_question_seconds"] < 60
    assert found["footnote_runs_unfinished{state=running}"] == 1
    shown = {
        name: found[f"footnote_running_{name}{{action=sync,source_id={source.id}}}"]
        for name in ("documents", "total", "failed")
    }
    assert shown == {"documents": 3, "total": 7, "failed": 1}


def test_a_database_that_is_away_is_said(metrics: Metrics) -> None:
    def away() -> Backlog:
        raise DatabaseUnavailable("away")

    metrics.registry.register(Waiting(away))
    assert samples(metrics) == {}
    assert b"footnote_backlog_readable 0.0" in generate_latest(metrics.registry)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_postgresql_tells_the_same(postgresql_url: str) -> None:
    engine = open_database(postgresql_url)
    Ledger(engine).accept(ASKED)
    assert backlog(engine).questions == {"accepted": 1, "answered": 0}
    engine.dispose()
