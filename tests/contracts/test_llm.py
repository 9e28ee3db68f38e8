"""The LLM port: what its adapter makes of every reply and every fault of an endpoint."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import openai
import pytest
from pydantic import BaseModel

from rag.adapters.openai import OpenAILLM
from rag.adapters.openai_errors import endpoint_errors
from rag.errors import FootnoteError, LLMRefused, LLMReplyUnusable, LLMUnavailable, Permanent
from rag.ports import LLM, Message
from tests.scripted_llm import Fault, Reply, Request, ScriptedLLM

ASKED = [Message("system", "Be brief."), Message("user", "How many days?")]
SECRET = "half a reply"


class Verdict(BaseModel):
    relevant: bool
    reason: str


@pytest.fixture
def endpoint() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as endpoint:
        yield endpoint


@pytest.fixture
def llm(endpoint: ScriptedLLM) -> Iterator[LLM]:
    llm = OpenAILLM(endpoint.base_url, api_key="key", model="small", timeout_seconds=2)
    yield llm
    llm.close()


def complete(llm: LLM) -> object:
    return llm.complete(ASKED)


def stream(llm: LLM) -> object:
    return list(llm.stream(ASKED))


def parse(llm: LLM) -> object:
    return llm.parse(ASKED, Verdict)


METHODS = [complete, stream, parse]


def test_complete_gives_the_reply_to_the_messages(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue("Thirty. ✓")
    assert llm.complete(ASKED) == "Thirty. ✓"
    [request] = endpoint.requests
    assert request.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How many days?"},
    ]
    assert (request.body["model"], llm.name) == ("small", "small")
    assert request.authorization == "Bearer key"


def test_stream_gives_the_pieces_as_they_come(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(["Thir", "ty ", "days."])
    assert list(llm.stream(ASKED)) == ["Thir", "ty ", "days."]
    assert endpoint.requests[0].streaming


def test_a_stream_may_be_left_early(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(["one", "two"], "next")
    pieces = llm.stream(ASKED)
    assert next(pieces) == "one"
    pieces.close()  # type: ignore[attr-defined]
    assert llm.complete(ASKED) == "next"


def test_parse_gives_the_model_that_was_asked_for(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Verdict(relevant=True, reason="names the days"))
    assert llm.parse(ASKED, Verdict) == Verdict(relevant=True, reason="names the days")
    assert endpoint.requests[0].schema_name == "Verdict"


def test_parse_asks_in_words_where_schemas_are_unknown_and_remembers(llm: LLM, endpoint: ScriptedLLM) -> None:
    fenced = 'Here it is:\n```json\n{"relevant": false, "reason": "no"}\n```'
    endpoint.enqueue(Fault("status", status=400), fenced, fenced)
    expected = Verdict(relevant=False, reason="no")
    assert [llm.parse(ASKED, Verdict), llm.parse(ASKED, Verdict)] == [expected, expected]
    assert [request.schema_name for request in endpoint.requests] == ["Verdict", None, None]
    assert '"relevant"' in endpoint.requests[1].prompt


def test_parse_asks_in_words_where_the_schema_went_unheeded(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue("It is relevant.", {"relevant": True, "reason": "yes"})
    assert llm.parse(ASKED, Verdict) == Verdict(relevant=True, reason="yes")


def test_parse_gives_up_on_what_never_fits(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue("It is relevant.", "Yes, {really}.")
    with pytest.raises(LLMReplyUnusable):
        llm.parse(ASKED, Verdict)


def test_rejected_messages_do_not_make_schemas_unknown(llm: LLM, endpoint: ScriptedLLM) -> None:
    too_long = Fault("status", status=400, code="context_length_exceeded")
    endpoint.enqueue(too_long, too_long, Verdict(relevant=True, reason="fits"))
    with pytest.raises(LLMRefused):
        llm.parse(ASKED, Verdict)
    assert llm.parse(ASKED, Verdict).relevant
    assert endpoint.requests[-1].schema_name == "Verdict"


FAULTS: list[tuple[Fault, type[FootnoteError]]] = [
    *(
        (Fault("status", status=status), LLMUnavailable)
        for status in (408, 409, 429, 500, 502, 503, 504, 529)
    ),
    *((Fault("status", status=status), Permanent) for status in (401, 402, 403, 404)),
    *((Fault("status", status=status), LLMRefused) for status in (400, 413, 422)),
    (Fault("status", status=400, code="content_filter"), LLMRefused),
    (Fault("status", status=429, code="insufficient_quota"), Permanent),
    (Fault("empty"), LLMUnavailable),
    (Fault("refusal"), LLMRefused),
    (Fault("filtered"), LLMRefused),
    (Fault("cut"), LLMUnavailable),
    (Fault("bad_json"), LLMUnavailable),
    (Fault("reset"), LLMUnavailable),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=lambda value: getattr(value, "kind", None))
def test_every_fault_becomes_one_of_our_errors(
    method: Callable[[LLM], object],
    fault: Fault,
    expected: type[FootnoteError],
    llm: LLM,
    endpoint: ScriptedLLM,
) -> None:
    endpoint.enqueue(fault, fault)
    with pytest.raises(expected) as caught:
        method(llm)
    assert type(caught.value) is not Permanent or expected is Permanent
    assert SECRET not in str(caught.value)
    assert "as scripted" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("method", METHODS)
def test_text_that_is_not_utf8_is_replaced_or_refused(
    method: Callable[[LLM], object], llm: LLM, endpoint: ScriptedLLM
) -> None:
    endpoint.enqueue(Fault("bad_encoding"), Fault("bad_encoding"))
    with contextlib.suppress(LLMUnavailable):
        method(llm)


def test_a_reply_without_choices_is_unavailable(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("no_choices"))
    with pytest.raises(LLMUnavailable, match="cannot be used"):
        llm.complete(ASKED)


def test_a_stream_without_its_last_word_is_cut(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("unfinished"))
    with pytest.raises(LLMUnavailable, match="cut off"):
        list(llm.stream(ASKED))


@pytest.mark.parametrize("method", METHODS)
def test_silence_ends_after_the_timeout(method: Callable[[LLM], object], endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("hang", seconds=30))
    llm = OpenAILLM(endpoint.base_url, api_key="key", model="small", timeout_seconds=0.2)
    with pytest.raises(LLMUnavailable, match="in time"):
        method(llm)
    llm.close()
    assert len(endpoint.requests) == 1


def test_nobody_at_the_address_is_unavailable() -> None:
    with ScriptedLLM() as endpoint:
        address = endpoint.base_url
    llm = OpenAILLM(address, api_key="key", model="small", timeout_seconds=1)
    with pytest.raises(LLMUnavailable, match="LLM_BASE_URL"):
        llm.complete(ASKED)
    llm.close()


def test_a_connection_that_breaks_is_made_once_more(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("reset"), "Thirty.")
    assert llm.complete(ASKED) == "Thirty."


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("1e9", 3600), ("nan", None), ("soon", None), (None, None)],
)
def test_the_wait_that_was_asked_for_is_passed_on_not_slept(
    header: str | None, seconds: float | None, llm: LLM, endpoint: ScriptedLLM
) -> None:
    endpoint.enqueue(Fault("status", status=429, retry_after=header))
    with pytest.raises(LLMUnavailable) as caught:
        llm.complete(ASKED)
    assert caught.value.retry_after_seconds == seconds
    assert len(endpoint.requests) == 1


def test_a_wait_may_be_a_date(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("status", status=503, retry_after="Fri, 31 Dec 1999 23:59:59 GMT"))
    with pytest.raises(LLMUnavailable) as caught:
        llm.complete(ASKED)
    assert caught.value.retry_after_seconds == 0


def test_what_the_operator_must_change_is_named(llm: LLM, endpoint: ScriptedLLM) -> None:
    endpoint.enqueue(Fault("status", status=401), Fault("status", status=404))
    with pytest.raises(Permanent, match="LLM_API_KEY"):
        llm.complete(ASKED)
    with pytest.raises(Permanent, match="LLM_MODEL and LLM_BASE_URL"):
        llm.complete(ASKED)


def test_no_exception_class_of_the_vendor_escapes() -> None:
    response = SimpleNamespace(headers={})
    vendors = [kind for _, kind in inspect.getmembers(openai, inspect.isclass) if issubclass(kind, Exception)]
    assert len(vendors) > 15
    for kind in vendors:
        error = kind.__new__(kind)
        error.__dict__ |= {"status_code": 418, "code": None, "response": response}
        with pytest.raises(FootnoteError), endpoint_errors("small"):
            raise error


def test_the_scripted_endpoint_notices_what_nobody_scripted(llm: LLM, endpoint: ScriptedLLM) -> None:
    with pytest.raises(LLMUnavailable, match="500"):
        llm.complete(ASKED)

    def echo(request: Request) -> Reply:
        return request.messages[-1]["content"]

    endpoint.default = echo
    assert llm.complete(ASKED) == "How many days?"
