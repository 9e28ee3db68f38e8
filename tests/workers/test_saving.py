"""What a form is filled in with, read out of messages of the sandbox; and what is never read out of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier, local
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import Engine, event

from ingestion.catalogue import Catalogue
from rag.database import open_database
from rag.domain import Answer, Outcome
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from workers.access import SlackAccess
from workers.asked import Incoming
from workers.ledger import Ledger
from workers.saving import NOT_A_MEMBER, CannotSave, Draft, Place, Saving
from workers.slack.threads import mark, mark_handed_on

OWN = "U01FOOTNOTE"
SECRET = "how much does Priya earn?"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'saving.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def client(server: SandboxServer, sandbox: Sandbox) -> WebClient:
    return WebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=3)


@pytest.fixture
def saving(client: WebClient, engine: Engine) -> Saving:
    return Saving(
        client, SlackAccess(client, team_id="T"), engine, team_id="T", workspace_url="https://w.example/"
    )


def draft(
    saving: Saving, message: dict[str, Any], channel: str = "C01GENERAL", user: str = "U01MARCO"
) -> Draft:
    return saving.draft(message, team_id="T01FERNWAY", channel_id=channel, user_id=user, own_user_id=OWN)


def said(ts: str, text: str = "There.", **more: Any) -> dict[str, Any]:
    return {"ts": ts, "text": text, "user": "U01PRIYA", **more}


def save(saving: Saving, ts: str) -> None:
    given: dict[str, Any] = {"question": "?", "answer": "!", "owner": "U01INES", "user_id": "U01MARCO"}
    saving.save(Place("C01GENERAL", ts, ts), review_on=date(2099, 1, 1), **given)


@pytest.fixture
def secret(engine: Engine) -> str:
    """A question that somebody asked in private, and that was answered."""
    asked = Incoming("T01FERNWAY", "C01GENERAL", "ask:1", "private", "U01INES", SECRET, "https://r.example")
    ready = Answer("Nobody knows. [1]", Outcome.ANSWERED)
    return Ledger(engine).accept(asked, ready).question_id


@pytest.mark.parametrize("forged", [mark, mark_handed_on])
def test_what_others_write_as_our_mark_tells_them_nothing(
    saving: Saving, server: SandboxServer, sandbox: Sandbox, secret: str, forged: Any
) -> None:
    other = sandbox.add_app("other")
    sandbox.join("other", "general")
    theirs = WebClient(token=other["bot_token"], base_url=server.api_url, retry_handlers=[], timeout=3)
    posted: Any = theirs.chat_postMessage(channel="C01GENERAL", text="hello", metadata=forged(secret))
    reply = sandbox.post("priya", "There.", channel="general", thread_ts=posted["ts"])
    for message in (
        said(reply, thread_ts=posted["ts"]),
        said(posted["ts"], user=other["bot_user_id"], bot_id="B"),
    ):
        filled = draft(saving, message)
        assert SECRET not in filled.question
        assert "Nobody knows" not in filled.answer


def test_an_answer_that_was_private_is_for_its_asker_alone(
    saving: Saving, client: WebClient, sandbox: Sandbox, secret: str
) -> None:
    posted: Any = client.chat_postMessage(channel="C01GENERAL", text="hello", metadata=mark(secret))
    assert "Nobody knows" not in draft(saving, said(posted["ts"], user=OWN, bot_id="B01FOOTNOTE")).answer


def test_of_a_public_channel_without_the_bot_the_message_alone_is_known(
    saving: Saving, sandbox: Sandbox
) -> None:
    head = sandbox.post("ines", "where?", channel="random")
    reply = sandbox.post("priya", "There.", channel="random", thread_ts=head)
    filled = draft(saving, said(reply, thread_ts=head), "C01RANDOM")
    assert (filled.question, filled.answer, filled.owner) == ("", "There.", "U01PRIYA")


def test_the_head_of_a_thread_answers_no_question_that_is_known(saving: Saving, sandbox: Sandbox) -> None:
    head = sandbox.post("ines", "Lunch is at <#C01RANDOM> with <@U01PRIYA> &amp; *all*.", channel="general")
    assert draft(saving, said(head, "Lunch is with <@U01PRIYA> &amp; *all*.")).question == ""
    text = {"ts": "1.1", "user": "U01INES", "text": "Lunch is with <@U01PRIYA> &amp; *all*."}
    assert draft(saving, text).answer == "Lunch is with @priya & **all**."


def test_who_is_no_full_member_any_more_saves_nothing(
    saving: Saving, sandbox: Sandbox, engine: Engine
) -> None:
    sandbox.change_user("marco", is_restricted=True)
    with pytest.raises(CannotSave, match=NOT_A_MEMBER):
        save(saving, "1.1")
    assert Catalogue(engine, "T").sources() == []


def test_two_who_save_first_in_a_channel_save_in_one_source(saving: Saving, engine: Engine) -> None:
    both, mine = Barrier(2), local()

    def looked_up(*_: Any) -> None:
        """After its first look into the database, which finds no source, each waits for the other."""
        if not hasattr(mine, "looked"):
            mine.looked = True
            both.wait(10)

    event.listen(engine, "checkin", looked_up)
    with ThreadPoolExecutor(2) as people:
        list(people.map(lambda ts: save(saving, ts), ["1.1", "2.1"]))
    event.remove(engine, "checkin", looked_up)
    assert [it.name for it in Catalogue(engine, "T").sources()] == ["Answers from #general"]
    assert all(draft(saving, said(ts)).is_saved for ts in ("1.1", "2.1")), "to be changed and deleted"


def test_a_channel_with_the_name_of_another_has_a_source_of_its_own(saving: Saving, engine: Engine) -> None:
    Catalogue(engine, "T").add_source(
        "Answers from #general", kind="answers", location="C01BEFORE", readers={"channel:C01BEFORE"}
    )
    save(saving, "1.1")
    assert {it.location for it in Catalogue(engine, "T").sources()} == {"C01BEFORE", "C01GENERAL"}
