"""HTTP mode: Slack's Request URL is served, requests under way are finished at the end."""

import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress import create_server

from bot.http_door import MOST_BYTES, PATH, HttpDoor
from rag.errors import ConfigError
from workers.operating.health import Heartbeat

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = logging.getLogger(__name__)

_THREADS = 8  # requests at a time; each takes milliseconds: a question is written down, not answered
_MOST_CONNECTIONS = 200
_IDLE_SECONDS = 30
_FINISH_SECONDS = 10.0
_LOOK_SECONDS = 0.25


def behind_door(app: App, signing_secret: str) -> HttpDoor:
    """What is served: Bolt, for requests that Slack signed."""
    return HttpDoor(SlackRequestHandler(app, path=PATH), signing_secret)


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections (port 0: any free one). Raises ConfigError when the address cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"SLACK_HTTP_HOST and SLACK_HTTP_PORT: cannot listen on {host}, port {port} ({error.strerror}); see .env.example."
        ) from None


def serve(
    application: "WSGIApplication",
    listener: socket.socket,
    stop: threading.Event,
    heartbeat: Heartbeat,
) -> None:
    """Answer requests until `stop` is set, then those that have come in; the heart beats meanwhile."""
    # One line of ours says what a person must know; waitress tells each broken connection.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    sockets: dict[int, Any] = {}
    server = create_server(
        application,
        map=sockets,
        sockets=[listener],
        threads=_THREADS,
        connection_limit=_MOST_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=_IDLE_SECONDS // 3,
        # The door's own limit comes first; this one is for what has no length.
        max_request_body_size=2 * MOST_BYTES,
        log_socket_errors=False,
        ident="",
    )
    log.info("waiting for Slack on port %d, path %s", listener.getsockname()[1], PATH)
    try:
        while not stop.is_set():
            server.asyncore.loop(timeout=_LOOK_SECONDS, map=sockets, use_poll=True, count=1)
            heartbeat.beat()
        _finish(server, sockets)
    finally:
        server.task_dispatcher.shutdown(timeout=1)
        server.asyncore.close_all(sockets)
        listener.close()


def _finish(server: Any, sockets: dict[int, Any]) -> None:
    """No new connections; whoever has sent a request gets its answer, within ten seconds."""
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + _FINISH_SECONDS
    while _under_way(server) and time.monotonic() < deadline:
        server.asyncore.loop(timeout=_LOOK_SECONDS, map=sockets, use_poll=True, count=1)


def _under_way(server: Any) -> bool:
    channels = list(server.active_channels.values())
    return any(channel.requests or channel.total_outbufs_len for channel in channels)
