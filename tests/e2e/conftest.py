"""The whole product in one process, with the sandbox as Slack and the real model: what `python -m bot` runs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.running import run
from ingestion.catalogue import Catalogue
from ingestion.runs import Runs
from rag.settings import (
    AdminSettings,
    AnswerSettings,
    JobSettings,
    LLMSettings,
    Settings,
    SlackSettings,
    StorageSettings,
)
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.e2e.pages import write_pages
from tests.e2e.waiting import eventually
from tests.scripted_llm import ScriptedLLM

MANIFEST = Path(__file__).parent.parent.parent / "manifest.json"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A sandbox that holds the app to what its manifest asks for."""
    with SandboxServer(manifest=MANIFEST) as server:
        yield server


@pytest.fixture(scope="module")
def llm() -> Iterator[ScriptedLLM]:
    """A language model on loopback, for modules that configure it."""
    with ScriptedLLM() as llm:
        yield llm


@pytest.fixture(scope="module")
def language_model() -> LLMSettings:
    """None is configured; a module that wants one says so by a fixture of this name."""
    return LLMSettings(base_url=None, api_key=None)


@pytest.fixture(scope="module")
def answer_settings() -> AnswerSettings:
    """The same question is asked again and again, to be answered anew."""
    return AnswerSettings(cache_seconds=0)


@pytest.fixture(scope="module")
def settings(
    server: SandboxServer,
    language_model: LLMSettings,
    answer_settings: AnswerSettings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    return Settings(
        llm=language_model,
        answer=answer_settings,
        admin=AdminSettings(channel="C01ADMIN", digest="off"),
        slack=SlackSettings(bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url, timeout_seconds=3),
        storage=StorageSettings(data_dir=tmp_path_factory.mktemp("data"), database_url="", team_id="default"),
        jobs=JobSettings(
            broker_url="memory://", sweep_seconds=0.5, question_lease_seconds=3, question_attempts=3, worker_threads=4
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def bot(
    server: SandboxServer, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """The bot connected to the sandbox, a few pages indexed; what people do and see there."""
    pages = write_pages(tmp_path_factory.mktemp("pages"))
    stop = threading.Event()
    thread = threading.Thread(target=run, args=[settings, stop], name="bot")
    thread.start()
    try:
        server.client.wait_for_socket(60)
        index(settings, pages)
        yield server.client
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def index(settings: Settings, pages: Path) -> None:
    """Register the folder and have the running bot sync it."""
    engine = create_engine(settings.storage.database_url)
    team_id = settings.storage.team_id
    catalogue, runs = Catalogue(engine, team_id), Runs(engine, team_id)
    added = catalogue.add_source(
        "pages",
        kind="folder",
        location=str(pages),
        readers={"members"},
        options={"base_url": "https://handbook.example/"},
    )
    private = catalogue.add_source(
        "salaries", kind="folder", location=str(pages.parent / "private"), readers={"channel:C01PEOPLE"}
    )
    for source in (added, private):
        run_id = runs.request(source.id, "sync", "test").id
        eventually(
            lambda run_id=run_id: (found := runs.get(run_id)) is not None and found.state == "done", 60
        )
    engine.dispose()
