"""Which installations were begun here: a state is good once, for ten minutes, and is kept as a hash.

Without it somebody could have a person install the app with a code that is not theirs (RFC 6749, 10.12). That it is the same browser
which comes back is checked beside it, by a cookie (`slack_sdk.oauth.OAuthStateUtils`).
"""

import hashlib
import secrets

from slack_sdk.oauth import OAuthStateStore
from sqlalchemy import Column, Engine, Float, String, Table, delete, func, insert, select

from rag.database import metadata, now, transaction
from rag.errors import Transient

install_states = Table(
    "install_states",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", Float, nullable=False),
)

SECONDS = 600.0
MOST = 5000
"""That may be under way at a time: anybody may begin one."""

_BYTES = 32


class TooMany(Transient):
    """So many have begun to install that no more can for some minutes."""


class InstallStates(OAuthStateStore):
    """All methods raise DatabaseUnavailable."""

    def __init__(self, engine: Engine, *, seconds: float = SECONDS, most: int = MOST) -> None:
        self._engine = engine
        self._seconds = seconds
        self._most = most

    def issue(self, *_arguments: object, **_named: object) -> str:
        """A new state. Raises TooMany."""
        state = secrets.token_urlsafe(_BYTES)
        with transaction(self._engine) as connection:
            connection.execute(delete(install_states).where(install_states.c.expires_at <= now()))
            if (
                connection.execute(select(func.count()).select_from(install_states)).scalar_one()
                >= self._most
            ):
                raise TooMany("too many installations are under way")
            row = {"hash": _hash(state), "expires_at": now() + self._seconds}
            connection.execute(insert(install_states).values(row))
        return state

    def consume(self, state: str) -> bool:
        """Whether it was issued here, not long ago, and not consumed before; from now on it is."""
        good = install_states.c.hash == _hash(state), install_states.c.expires_at > now()
        with transaction(self._engine) as connection:
            return connection.execute(delete(install_states).where(*good)).rowcount == 1


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
