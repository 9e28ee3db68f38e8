"""A claim is kept alive while its job runs, and no longer."""

import time

from rag.errors import DatabaseUnavailable
from workers.lease import kept


def test_the_lease_is_renewed_while_the_job_runs_and_not_after() -> None:
    renewed: list[float] = []

    def renew() -> bool:
        renewed.append(time.monotonic())
        return True

    with kept(renew, lease_seconds=0.15, budget_seconds=10):
        time.sleep(0.4)
    count = len(renewed)
    assert count >= 4
    time.sleep(0.2)
    assert len(renewed) == count


def test_a_lost_lease_is_not_asked_for_again() -> None:
    asked: list[bool] = []

    def renew() -> bool:
        asked.append(True)
        return False

    with kept(renew, lease_seconds=0.09, budget_seconds=10):
        time.sleep(0.3)
    assert len(asked) == 1


def test_a_job_that_hangs_loses_its_lease_in_the_end() -> None:
    renewed: list[float] = []
    started = time.monotonic()

    def renew() -> bool:
        renewed.append(time.monotonic() - started)
        return True

    with kept(renew, lease_seconds=0.09, budget_seconds=0.2):
        time.sleep(0.5)
    assert renewed[-1] < 0.3


def test_a_database_that_fails_once_does_not_end_the_keeping() -> None:
    answers = [DatabaseUnavailable("away"), None, None]

    def renew() -> bool:
        fault = answers.pop(0) if answers else None
        if fault:
            raise fault
        return True

    with kept(renew, lease_seconds=0.09, budget_seconds=10):
        time.sleep(0.3)
    assert answers == []
