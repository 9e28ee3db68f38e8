"""Traces over OTLP, as a collector on loopback gets them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from evals.processes import free_port
from rag.errors import LLMUnavailable
from rag.noting import count, lasted, stage
from rag.settings import TracingSettings
from workers.operating.tracing import traced

ROOT = Path(__file__).parent.parent.parent.parent


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Its address, and what it gets: paths and bodies."""
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", got
        server.shutdown()
        thread.join()


def spans(got: list[tuple[str, bytes]]) -> dict[str, Any]:
    """By name."""
    requests = [ExportTraceServiceRequest.FromString(body) for path, body in got if path == "/v1/traces"]
    found = [
        span
        for request in requests
        for it in request.resource_spans
        for scope in it.scope_spans
        for span in scope.spans
    ]
    return {span.name: span for span in found}


def test_stages_become_spans_within_spans() -> None:
    with collector() as (endpoint, got):
        with (
            traced(TracingSettings(endpoint=endpoint), process="worker"),
            stage("question", question_id="q1"),
            stage("answer"),
            stage("retrieve"),
        ):
            count("attempt", result="answered")
            lasted("question", 1.0, outcome="answered")
        found = spans(got)
    assert set(found) == {"question", "answer", "retrieve"}
    question, answer, retrieve = found["question"], found["answer"], found["retrieve"]
    assert (answer.parent_span_id, retrieve.parent_span_id) == (question.span_id, answer.span_id)
    assert question.parent_span_id == b""
    assert [(one.key, one.value.string_value) for one in question.attributes] == [
        ("footnote.question_id", "q1")
    ]
    assert b"footnote-worker" in got[0][1]


def test_an_error_is_told_by_its_type_alone() -> None:
    with collector() as (endpoint, got):
        with (
            traced(TracingSettings(endpoint=endpoint), process="worker"),
            suppress(LLMUnavailable),
            stage("write"),
        ):
            raise LLMUnavailable("how much does Ines earn?")
        span = spans(got)["write"]
    assert (span.status.code, span.status.message) == (2, "LLMUnavailable")
    assert b"Ines" not in b"".join(body for _, body in got)


@pytest.mark.timeout(60)
def test_a_collector_that_is_away_keeps_nobody(caplog: pytest.LogCaptureFixture) -> None:
    began = time.monotonic()
    with (
        traced(TracingSettings(endpoint=f"http://127.0.0.1:{free_port()}"), process="bot"),
        stage("question"),
    ):
        pass
    assert time.monotonic() - began < 15


def test_without_an_endpoint_nothing_is_loaded() -> None:
    with traced(TracingSettings(endpoint=""), process="bot"), stage("question"):
        pass
    code = (
        "import sys; from rag.settings import TracingSettings; from workers.operating.tracing import traced\n"
        "with traced(TracingSettings(endpoint=''), process='bot'): print('opentelemetry.sdk.trace' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_library_that_is_not_installed_is_named() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.exporter.otlp.proto.http.trace_exporter'] = None\n"
        "from rag.settings import TracingSettings; from workers.operating.tracing import traced\n"
        "with traced(TracingSettings(endpoint='http://127.0.0.1:1'), process='bot'): pass"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith("rag.errors.ConfigError: OTEL_EXPORTER_OTLP_ENDPOINT is set, but")
    )
