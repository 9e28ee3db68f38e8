"""Socket Mode: the open WebSocket connections of the apps. Each envelope goes to one of them.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from contextlib import suppress

from aiohttp import WSMsgType, web

from sandbox.shapes import Json

MAXIMUM_CONNECTIONS = 10
_PING_SECONDS = 10.0
_CONNECTION_SECONDS = 18060


class Connection:
    """One open WebSocket of an app. A draining one gets nothing new and is closed soon."""

    def __init__(self, app_id: str, number: int, socket: web.WebSocketResponse) -> None:
        self.app_id = app_id
        self.number = number
        self.draining = False
        self._socket = socket

    @property
    def usable(self) -> bool:
        return not self.draining and not self._socket.closed

    async def send(self, message: Json) -> bool:
        """Whether the message could be handed over."""
        try:
            await self._socket.send_str(json.dumps(message))
        except (ConnectionError, RuntimeError):
            return False
        return True

    async def ping(self) -> None:
        with suppress(ConnectionError, RuntimeError):
            await self._socket.ping(b"Ping from applink-1")

    async def close(self) -> None:
        await self._socket.close()


class SocketHub:
    """Tickets handed out by apps.connections.open, and the connections opened with them."""

    def __init__(self, on_acknowledged: Callable[[str, Json | None], None]) -> None:
        self._on_acknowledged = on_acknowledged
        self._tickets: dict[str, str] = {}
        self._connections: list[Connection] = []
        self._numbers = itertools.count(1)
        self._turn = itertools.count()

    def ticket(self, app_id: str) -> str:
        """A ticket that opens one connection for an app."""
        ticket = secrets.token_hex(12)
        self._tickets[ticket] = app_id
        return ticket

    def connections(self, app_id: str) -> list[Connection]:
        """The connections an envelope could go to."""
        return [one for one in self._connections if one.app_id == app_id and one.usable]

    def next_connection(self, app_id: str) -> Connection | None:
        """Any one of them, in turn."""
        usable = self.connections(app_id)
        return usable[next(self._turn) % len(usable)] if usable else None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until it is closed by either side."""
        app_id = self._tickets.pop(request.query.get("ticket", ""), None)
        if app_id is None or len(self.connections(app_id)) >= MAXIMUM_CONNECTIONS:
            return web.Response(status=408, text="the ticket is unknown, used, or there are ten connections")
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        connection = Connection(app_id, next(self._numbers), socket)
        self._connections.append(connection)
        pinging = asyncio.create_task(self._keep_alive(connection))
        try:
            await connection.send(self._hello(app_id))
            await self._listen(socket)
        finally:
            pinging.cancel()
            self._connections.remove(connection)
        return socket

    async def disconnect(self, reason: str, drain_seconds: float) -> int:
        """Announce the end to every connection ("warning", "refresh_requested"), or break all ("abrupt").

        How many there were. After refresh_requested they are closed when `drain_seconds` are over.
        """
        connections = list(self._connections)
        for connection in connections:
            if reason == "abrupt":
                await connection.close()
                continue
            connection.draining = reason == "refresh_requested"
            await connection.send(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
            )
            if connection.draining:
                asyncio.get_running_loop().call_later(drain_seconds, self._close_later, connection)
        return len(connections)

    async def close(self) -> None:
        for connection in list(self._connections):
            await connection.close()

    def _close_later(self, connection: Connection) -> None:
        if connection in self._connections:
            self._closing = asyncio.ensure_future(connection.close())

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            with suppress(json.JSONDecodeError, KeyError, TypeError):
                acknowledgement = json.loads(message.data)
                self._on_acknowledged(acknowledgement["envelope_id"], acknowledgement.get("payload"))

    async def _keep_alive(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(_PING_SECONDS)
            await connection.ping()

    def _hello(self, app_id: str) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections(app_id)),
            "connection_info": {"app_id": app_id},
            "debug_info": {
                "host": "applink-1",
                "build_number": 1,
                "approximate_connection_time": _CONNECTION_SECONDS,
            },
        }
