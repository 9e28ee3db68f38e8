"""The parts of an installation that the home tab of admins tells about, and how each is looked at. Nothing is changed, nothing costs."""

from collections.abc import Mapping
from contextlib import closing
from functools import partial
from time import monotonic

from slack_sdk import WebClient
from sqlalchemy import Engine

from rag.composition import index_folder, open_generations
from rag.ports import Embedder
from rag.settings import Settings
from workers.admin.standing import Look
from workers.admin.working import work_in_words, working
from workers.operating.backlog import Backlog, backlog
from workers.operating.probing import ping_broker
from workers.parts import Parts
from workers.slack.errors import slack_errors

_NO_LLM = "without a language model, answers are quotes"


def looks(
    settings: Settings,
    engine: Engine,
    client: WebClient,
    parts: Parts | None = None,
    *,
    alone: bool = True,
) -> Mapping[str, Look]:
    """`parts`: of the worker in this process, if there is one. Of several workspaces (not `alone`) none is told what waits for all."""
    work: dict[str, Look] = {
        "queue": partial(_queue, settings, engine),
        "workers": lambda: work_in_words(working(engine)),
    }
    return {
        "Slack": partial(_slack, client),
        **(work if alone else {}),
        "index": partial(_index, settings, parts),
        "model": partial(_model, settings, parts.rag.embedder if parts else None),
    }


def _slack(client: WebClient) -> str:
    began = monotonic()
    with slack_errors():
        client.auth_test()
    return f"answered within {(monotonic() - began) * 1000:.0f} ms"


def _queue(settings: Settings, engine: Engine) -> str:
    ping_broker(settings.jobs.broker_url)
    return backlog_in_words(backlog(engine))


def backlog_in_words(found: Backlog) -> str:
    """`2 questions wait, the oldest for 12 s; 1 run waits or is at work`."""
    waiting, reading = sum(found.questions.values()), sum(found.runs.values())
    said = []
    if waiting:
        counted = "1 question waits" if waiting == 1 else f"{waiting} questions wait"
        said.append(f"{counted}, the oldest for {found.oldest_seconds:.0f} s")
    if reading:
        said.append("1 run waits or is at work" if reading == 1 else f"{reading} runs wait or are at work")
    return "; ".join(said) or "nothing waits"


def _index(settings: Settings, parts: Parts | None) -> str:
    if parts:
        parts.pings["index"]()
        return "answers"
    with closing(open_generations(settings.index, index_folder(settings))) as generations:
        return "answers" if generations.serving() else "answers, and is empty"


def _model(settings: Settings, embedder: Embedder | None) -> str:
    """A language model is not asked: that costs."""
    if embedder:
        embedder.embed_query("ping")
    llm = f"answers by {settings.llm.model}" if settings.llm.configured else _NO_LLM
    where = "" if embedder else ", loaded by the workers"
    return f"{settings.embedding.model}{where}; {llm}"
