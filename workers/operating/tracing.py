"""What happens in this process as traces of OpenTelemetry: a span for each question and run, and for each part of the work on it.

Nothing of OpenTelemetry is loaded while no endpoint is set. Spans hold ids and durations; of an error its type alone, since what it says
may hold content. Libraries that would trace by themselves do not: the tracer is ours alone, not the one of the process.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.errors import ConfigError, Transient
from rag.noting import Labels, listening
from rag.settings import TracingSettings
from workers.operating.probing import within

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

log = logging.getLogger(__name__)

_EXPORT_SECONDS = 5.0


@contextmanager
def traced(section: TracingSettings, *, process: str) -> Iterator[None]:
    """Send traces until the block ends, where an endpoint is set. Raises ConfigError when the library is not installed.

    An endpoint that does not answer costs traces, and nothing else.
    """
    if not section.endpoint:
        yield
        return
    try:
        provider = _provider(section.endpoint, process)
    except ImportError:
        raise ConfigError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install -c constraints.txt '.[otel]'"
        ) from None
    try:
        with listening(Traces(provider.get_tracer("footnote"))):
            yield
    finally:
        try:
            within(_EXPORT_SECONDS, provider.shutdown)  # sends what has not been sent
        except Transient as error:
            log.warning("the last traces are lost (%s)", error)


def _provider(endpoint: str, process: str) -> "TracerProvider":
    # Here, so that nobody loads it who does not use it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.namespace": "footnote", "service.name": f"footnote-{process}"})
    # What is still open at the end is closed by `traced`, which waits for a short time only.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class Traces:
    """A span for each stage it is told of (a listener of `rag.noting`); what is only counted is left to metrics."""

    def __init__(self, tracer: "Tracer") -> None:
        self._tracer = tracer

    def counted(self, event: str, times: int, labels: Labels) -> None:
        pass

    def lasted(self, event: str, seconds: float, labels: Labels) -> None:
        pass

    @contextmanager
    def stage(self, name: str, labels: Labels) -> Iterator[None]:
        named = {f"footnote.{label}": value for label, value in labels.items()}
        with self._tracer.start_as_current_span(
            name, attributes=named, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                _fail(span, error)
                raise


def _fail(span: "Span", error: Exception) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.set_status(StatusCode.ERROR, type(error).__name__)
