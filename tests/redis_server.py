"""A real Redis-protocol server on loopback, to be killed and started again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis, RedisError

from evals.processes import HOST, Process, free_port
from evals.stack import redis_program


@contextmanager
def running_redis(folder: Path) -> Iterator[Process]:
    """Ready until the block ends. Raises ServerMissing."""
    port = str(free_port())
    server = Process(
        port,
        [redis_program(), "--bind", HOST, "--port", port, "--save", "", "--dir", str(folder)],
        folder=folder,
        environment={},
        ready=lambda: _pings(server),
    )
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def redis_url(server: Process) -> str:
    return f"redis://{HOST}:{server.name}/0"


def _pings(server: Process) -> bool:
    with suppress(RedisError), Redis.from_url(redis_url(server), socket_timeout=1) as client:
        return bool(client.ping())
    return False
