"""Bell: rings whenever something a person could see has changed, so that nobody polls."""

import asyncio
from contextlib import suppress

# A channel and a thread in it; "" for the channel itself.
Place = tuple[str, str]
# Changes that no channel shows.
DELIVERIES: Place = ("", "deliveries")
VIEWS: Place = ("", "views")


class Bell:
    """A counter of changes that can be waited on, everywhere or in one place."""

    def __init__(self) -> None:
        self.version = 0
        self._everywhere = 0
        self._places: dict[Place, int] = {}
        self._ringing = asyncio.Event()

    def ring(self, *places: Place) -> None:
        """Count a change in these places, or everywhere, and wake everybody who waits for one."""
        self.version += 1
        self._places.update(dict.fromkeys(places, self.version))
        if not places:
            self._everywhere = self.version
        self._ringing.set()
        self._ringing = asyncio.Event()

    async def wait(self, after: int, timeout_seconds: float, place: Place | None = None) -> int:
        """The present version, once there was a change after `after`, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while self._last_change(place) <= after:
                    await self._ringing.wait()
        return self.version

    def _last_change(self, place: Place | None) -> int:
        return self.version if place is None else max(self._everywhere, self._places.get(place, 0))
