"""An admin's office, and a workspace whose people reach it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.bot.offices import AdminOffice, admin_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[AdminOffice]:
    with admin_office(tmp_path) as office:
        yield office


@pytest.fixture
def sandbox(office: AdminOffice) -> Iterator[Sandbox]:
    with office.connected() as sandbox:
        yield sandbox
