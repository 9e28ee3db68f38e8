"""What reading a source would cost, in a sentence. Pure."""

from ingestion.estimating import A_HUNDRED, Estimate
from workers.elements import counted

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
NOT_MEASURED = "how long that takes is not known yet, since nothing has been read here so far"


def size_in_words(estimate: Estimate) -> str:
    """Pages, chunks and time, and where the figures come from."""
    if estimate.pages is None:
        unknown = "how many pages it has is not known yet"
        if not estimate.measured:
            return f"{unknown}; {NOT_MEASURED}"
        return f"{unknown}: {A_HUNDRED} of them would be {_cost(estimate)}, {_source(estimate)}"
    listed = f"its sitemap lists {counted(estimate.pages, 'page')}"
    return (
        f"{listed}: {_cost(estimate)}, {_source(estimate)}"
        if estimate.measured
        else f"{listed}; {NOT_MEASURED}"
    )


def file_size_in_words(estimate: Estimate) -> str:
    """Of one file, that was read through."""
    pages = [counted(estimate.pages, "page")] if estimate.pages else []
    if estimate.chunks is None:
        return ", ".join([*pages, "how many chunks it makes shows when it is read"])
    size = ", ".join([*pages, counted(estimate.chunks, "chunk")])
    if estimate.seconds is None:
        return f"{size}; {NOT_MEASURED}"
    return f"{size}, about {time_in_words(estimate.seconds)}, {_source(estimate)}"


def time_in_words(seconds: float) -> str:
    """`a few seconds`, `40 seconds`, `12 minutes`, `3 hours`."""
    if seconds < 10:  # noqa: PLR2004 - less is told apart by nobody
        return "a few seconds"
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 1.5 * unit:
            return counted(round(seconds / unit), name)
    return counted(round(seconds), "second")


def _cost(estimate: Estimate) -> str:
    chunks = counted(estimate.chunks or 0, "chunk")
    return f"about {chunks} and {time_in_words(estimate.seconds or 0.0)}"


def _source(estimate: Estimate) -> str:
    of = "of sources like it" if estimate.is_alike else "of other kinds of sources"
    return f"going by {counted(estimate.measured, 'document')} {of} here"
