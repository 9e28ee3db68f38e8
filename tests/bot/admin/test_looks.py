"""What the home tab of admins looks at, where the workers are other processes, and what it says when a part is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine

from bot.admin.looks import looks
from rag.database import open_database
from rag.settings import EmbeddingSettings, IndexSettings, JobSettings, LLMSettings, Settings, StorageSettings
from sandbox.server import SandboxServer
from workers.admin.standing import Standing, standing

NOWHERE = "127.0.0.1:9"  # loopback, and nobody listens


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


def settings(folder: Path, *, broker: str = "memory://", index: str | None = None) -> Settings:
    return Settings(
        storage=StorageSettings(data_dir=folder, database_url="", team_id="T1"),
        jobs=JobSettings(broker_url=broker),
        index=IndexSettings(url=index),
        embedding=EmbeddingSettings(model="all-MiniLM-L6-v2"),
        llm=LLMSettings(base_url="http://127.0.0.1:9/v1", model="qwen3:8b"),
    )


def found(settings: Settings, engine: Engine, client: WebClient) -> dict[str, Standing]:
    return {one.name: one for one in standing(looks(settings, engine, client), seconds=10)}


def test_what_works_says_so_without_a_worker_here(tmp_path: Path, engine: Engine) -> None:
    with SandboxServer() as server:
        client = WebClient(token=server.bot_token, base_url=server.api_url)
        parts = found(settings(tmp_path), engine, client)
    assert {name for name, one in parts.items() if not one.works} == set()
    assert parts["Slack"].said.startswith("answered within")
    assert parts["queue"].said == "nothing waits"
    assert parts["workers"].said == "nothing was to be done yet"
    assert parts["index"].said == "answers, and is empty"
    assert parts["model"].said == "all-MiniLM-L6-v2, loaded by the workers; answers by qwen3:8b"


def test_what_is_away_is_told_and_holds_up_nothing(tmp_path: Path, engine: Engine) -> None:
    client = WebClient(token="xoxb-1", base_url=f"http://{NOWHERE}/api/", timeout=2)
    away = settings(tmp_path, broker=f"redis://{NOWHERE}", index=f"http://{NOWHERE}")
    parts = found(away, engine, client)
    assert {name for name, one in parts.items() if not one.works} == {"Slack", "queue", "index"}
    assert "the broker does not answer" in parts["queue"].said
    assert all("Traceback" not in one.said and "xoxb" not in one.said for one in parts.values())
