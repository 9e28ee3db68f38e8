"""Points in time as strangers give them."""

from datetime import UTC, datetime


def moment(seconds: float) -> datetime | None:
    """Seconds since 1970 as a whole second; None where they are beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
