"""What an OpenAI-compatible endpoint can do wrong, as the errors of `rag.errors`.

Their texts never hold what was asked or answered, and the vendor's exception, which may, is not chained.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import mktime_tz, parsedate_tz

import openai
from pydantic import ValidationError

from rag.errors import FootnoteError, LLMRefused, LLMReplyUnusable, LLMUnavailable, Permanent
from rag.noting import count

_LONGEST_WAIT_SECONDS = 3600.0

_REMEDIES = {
    401: "check LLM_API_KEY",
    402: "the account of LLM_API_KEY has no credit left",
    403: "LLM_API_KEY may not use LLM_MODEL",
    404: "check LLM_MODEL and LLM_BASE_URL",
    405: "check LLM_BASE_URL",
}


class RequestRejected(LLMRefused):
    """The endpoint did not accept the request itself: it is too long, or asks for what it does not know."""


@contextmanager
def endpoint_errors(model: str) -> Iterator[None]:
    """Turns what the vendor's library raises, and what a malformed reply provokes, into our errors, and counts them."""
    try:
        with _translated(model):
            yield
    except FootnoteError as error:
        count("llm error", error=type(error).__name__)
        raise


@contextmanager
def _translated(model: str) -> Iterator[None]:
    try:
        yield
    except FootnoteError:
        raise
    except openai.APIStatusError as error:
        raise _of_status(error, model) from None
    except openai.ContentFilterFinishReasonError:
        raise LLMRefused(f"The content filter of {model} stopped the reply.") from None
    except openai.APITimeoutError:
        raise LLMUnavailable(f"{model} did not answer in time.") from None
    except openai.APIConnectionError:
        raise LLMUnavailable(f"{model} could not be reached at LLM_BASE_URL.") from None
    except ValidationError:
        raise LLMReplyUnusable(f"{model} did not reply in the shape that was asked for.") from None
    # Cut connections, undecodable or malformed replies: whatever a server can send.
    except Exception as error:  # noqa: BLE001  # nothing is swallowed; `from None` hides that from the rule
        raise LLMUnavailable(f"{model} sent a reply that cannot be used: {type(error).__name__}.") from None


def _of_status(error: openai.APIStatusError, model: str) -> FootnoteError:
    status = error.status_code
    text = f"{model} answered with status {status}"
    if error.code == "insufficient_quota":
        return Permanent(f"{text}: the account of LLM_API_KEY has no quota left.")
    if status in (408, 409, 425, 429) or status >= 500:  # noqa: PLR2004  # as the list says
        return LLMUnavailable(f"{text}.", retry_after_seconds=_retry_after(error.response.headers))
    if remedy := _REMEDIES.get(status):
        return Permanent(f"{text}: {remedy}.")
    if error.code == "content_filter":
        return LLMRefused(f"The content filter of {model} stopped the question.")
    return RequestRejected(f"{text}: the request was not accepted.")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, 10.2.3); None where neither can be read."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        date = parsedate_tz(value)
        seconds = mktime_tz(date) - time.time() if date else math.nan
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)
