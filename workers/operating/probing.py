"""Whether something answers: asked for a short time only, whatever it does."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, text

from rag.database import transaction
from rag.errors import Transient
from workers.slack.shared_pace import as_redis_reads_it

_BROKER_SECONDS = 2.0

Answer = TypeVar("Answer")


class TookTooLong(Transient):
    """No answer within the time."""


class BrokerUnavailable(Transient):
    pass


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """What `call` returns, or raises. Raises TookTooLong after so long; the thread that waits is then left behind."""
    answer: Future[Answer] = Future()

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            answer.set_exception(error)

    Thread(target=work, name="probe", daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        if answer.done():  # its own
            raise
        raise TookTooLong(f"no answer within {seconds:g} s") from None


def ping_database(engine: Engine) -> None:
    """Raises DatabaseUnavailable."""
    with transaction(engine) as connection:
        connection.execute(text("SELECT 1"))


def ping_broker(broker_url: str) -> None:
    """Raises BrokerUnavailable; the broker within this process is always there."""
    if broker_url.startswith("memory://"):
        return
    try:
        with Redis.from_url(
            as_redis_reads_it(broker_url),
            socket_timeout=_BROKER_SECONDS,
            socket_connect_timeout=_BROKER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except (RedisError, OSError, ValueError) as error:
        raise BrokerUnavailable(f"the broker does not answer ({type(error).__name__})") from None
