"""Deliveries: envelopes on their way to an app, until acknowledged or given up.

As Slack does: an event that is not acknowledged within 3 seconds is sent again with `retry_attempt`
1, 2 and 3 (settings.py says when); what happens while no socket is open is dropped, and listed here as
such. Commands and interactions are sent once: the person sees that it failed. An app with a Request URL gets all
of it there instead.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from sandbox.bell import DELIVERIES, Bell
from sandbox.http_mode import RequestUrl
from sandbox.settings import Settings
from sandbox.shapes import Json
from sandbox.socket_mode import SocketHub

EnvelopeType = Literal["events_api", "slash_commands", "interactive"]


@dataclass
class Attempt:
    """One sending of an envelope; `connection` is the number of the socket it went to, 0 for a Request URL."""

    envelope_id: str
    sent_at: float
    connection: int
    retry_attempt: int


@dataclass
class Envelope:
    """What is to be delivered. Outcome: pending, acknowledged, dropped (no socket) or given_up."""

    app_id: str
    type: EnvelopeType
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    outcome: str = "pending"
    acked_at: float | None = None
    ack_payload: Json | None = None
    ignored_acks: int = 0
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def to_json(self) -> Json:
        """For the list of deliveries: everything but the machinery."""
        shown = {name: value for name, value in vars(self).items() if name not in ("answered", "attempts")}
        return shown | {"attempts": [vars(attempt) for attempt in self.attempts]}


class Deliveries:
    """Sends envelopes and waits for their acknowledgements."""

    def __init__(self, settings: Settings, bell: Bell) -> None:
        self.settings = settings
        self.hub = SocketHub(self._acknowledged)
        self.request_urls: dict[str, RequestUrl] = {}
        self.envelopes: list[Envelope] = []
        self.duplicates = 0
        self.duplicates_with_header = True
        self.refused_acks = 0
        self._bell = bell
        self._sent: dict[str, Envelope] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def send_event(self, app_id: str, payload: Json) -> None:
        """Deliver an event, again and again if need be; returns at once."""
        self._start(self._deliver_event(self._new(app_id, "events_api", payload)))
        if self.duplicates > 0:
            self.duplicates -= 1
            first = 1 if self.duplicates_with_header else 0
            self._start(self._deliver_event(self._new(app_id, "events_api", payload), first_attempt=first))

    async def send(self, app_id: str, kind: EnvelopeType, payload: Json) -> Envelope:
        """Deliver a command or an interaction once; returns when it was acknowledged or has failed."""
        envelope = self._new(app_id, kind, payload)
        if not await self._attempt(envelope, 0):
            envelope.outcome = "dropped"
        elif not await self._acknowledged_in_time(envelope):
            envelope.outcome = "given_up"
        self._bell.ring(DELIVERIES)
        return envelope

    async def close(self) -> None:
        """Forget what is under way and close the sockets."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()

    async def forget(self) -> None:
        """Start with an empty list; sockets stay open."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.envelopes.clear()
        self._sent.clear()
        self.duplicates = self.refused_acks = 0

    def _new(self, app_id: str, kind: EnvelopeType, payload: Json) -> Envelope:
        envelope = Envelope(app_id, kind, payload)
        self.envelopes.append(envelope)
        return envelope

    def _start(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(delivery)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_event(self, envelope: Envelope, first_attempt: int = 0) -> None:
        if not await self._attempt(envelope, first_attempt):
            envelope.outcome = "dropped"
            self._bell.ring(DELIVERIES)
            return
        for retry, delay in enumerate(self.settings.retry_delays_seconds, start=1):
            if await self._acknowledged_in_time(envelope):
                return
            await asyncio.sleep(delay)
            await self._attempt(envelope, retry)
        if not await self._acknowledged_in_time(envelope):
            envelope.outcome = "given_up"
            self._bell.ring(DELIVERIES)

    async def _attempt(self, envelope: Envelope, retry: int) -> bool:
        """Send the envelope to the Request URL, or to one of the open sockets; whether there was one."""
        if (url := self.request_urls.get(envelope.app_id)) is not None:
            envelope.attempts.append(Attempt(str(uuid4()), time.time(), 0, retry))
            self._start(self._post(envelope, url, retry))
            return True
        connection = self.hub.next_connection(envelope.app_id)
        if connection is None:
            return False
        message: Json = {
            "envelope_id": str(uuid4()),
            "type": envelope.type,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.type != "events_api",
        }
        if envelope.type == "events_api":
            message |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        attempt = Attempt(message["envelope_id"], time.time(), connection.number, retry)
        envelope.attempts.append(attempt)
        self._sent[attempt.envelope_id] = envelope
        return await connection.send(message)

    async def _post(self, envelope: Envelope, url: RequestUrl, retry: int) -> None:
        seconds = self.settings.ack_timeout_seconds
        acknowledged, said = await url.post(
            envelope.type, envelope.payload, retry=retry, timeout_seconds=seconds
        )
        if acknowledged:
            self._settle(envelope, said)

    async def _acknowledged_in_time(self, envelope: Envelope) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(envelope.answered.wait(), self.settings.ack_timeout_seconds)
        return envelope.answered.is_set()

    def _acknowledged(self, envelope_id: str, payload: Json | None) -> None:
        envelope = self._sent.get(envelope_id)
        if envelope is not None:
            self._settle(envelope, payload)

    def _settle(self, envelope: Envelope, payload: Json | None) -> None:
        if self.refused_acks > 0:
            self.refused_acks -= 1
            envelope.ignored_acks += 1
            return
        if not envelope.answered.is_set():
            envelope.outcome = "acknowledged"
            envelope.acked_at = time.time()
            envelope.ack_payload = payload
            envelope.answered.set()
            self._bell.ring(DELIVERIES)
