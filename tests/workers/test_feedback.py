"""One vote a person and answer, of those only who could see it. On both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from evals.ratings import Ratings, ratings
from rag.database import transaction
from rag.domain import Answer, Outcome
from workers.asked import Incoming
from workers.feedback import REASONS, Feedback, Vote
from workers.ledger import Ledger
from workers.tables import feedback

ASKED = Incoming("T1", "C1", "1763700000.000100", "1763700000.000100", "U1", "how many days?")


@pytest.fixture
def vote(engine: Engine) -> Vote:
    """Of somebody in the channel, on an answer there."""
    question_id = Ledger(engine).accept(ASKED, Answer("25 days.", Outcome.ANSWERED)).question_id
    return Vote(question_id, "U2", "T1", "C1")


def kept(engine: Engine) -> list[tuple[str, int, str | None, str | None]]:
    columns = (feedback.c.user_id, feedback.c.rating, feedback.c.reason, feedback.c.comment)
    with transaction(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def test_everybody_has_one_vote_and_may_change_it(engine: Engine, vote: Vote) -> None:
    given = Feedback(engine)
    assert given.rate(vote, 1)
    assert given.rate(replace(vote, user_id="U3"), -1)
    assert given.rate(vote, -1)
    assert given.explain(vote.question_id, "U2", reason="outdated", comment="  since May it is 27 \n")
    assert kept(engine) == [("U2", -1, "outdated", "since May it is 27"), ("U3", -1, None, None)]
    assert given.rate(vote, 1), "who has changed their mind has no reason any more"
    assert kept(engine) == [("U2", 1, None, None), ("U3", -1, None, None)]
    assert ratings(engine.url.render_as_string(hide_password=False)) == Ratings(1, 1)


@pytest.mark.parametrize("elsewhere", [{"channel_id": "C2"}, {"team_id": "T2"}, {"question_id": "f" * 32}])
def test_who_cannot_have_seen_the_answer_has_no_vote(
    engine: Engine, vote: Vote, elsewhere: dict[str, str]
) -> None:
    assert not Feedback(engine).rate(replace(vote, **elsewhere), 1)
    assert kept(engine) == []


def test_a_private_answer_is_rated_by_its_asker_alone(engine: Engine) -> None:
    private = replace(ASKED, ts="ask:1", thread_ts="private", response_url="https://x.test")
    question_id = Ledger(engine).accept(private, Answer("25 days.", Outcome.ANSWERED)).question_id
    assert not Feedback(engine).rate(Vote(question_id, "U2", "T1", "C1"), 1)
    assert Feedback(engine).rate(Vote(question_id, "U1", "T1", "C1"), 1)
    for user, seen in (("U1", True), ("U2", False)):
        found = Ledger(engine).answer(question_id, team_id="T1", channel_id="C1", user_id=user)
        assert (found is not None) is seen


def test_an_answer_that_is_not_there_yet_cannot_be_rated(engine: Engine) -> None:
    question_id = Ledger(engine).accept(ASKED).question_id
    assert not Feedback(engine).rate(Vote(question_id, "U2", "T1", "C1"), 1)


def test_a_reason_is_of_those_known_and_belongs_to_a_vote(engine: Engine, vote: Vote) -> None:
    given = Feedback(engine)
    assert not given.explain(vote.question_id, "U2", reason="wrong", comment="")
    given.rate(vote, -1)
    assert not given.explain(vote.question_id, "U2", reason="'; drop table", comment="")
    assert not given.explain(vote.question_id, "U9", reason="wrong", comment="")
    for reason in REASONS:
        assert given.explain(vote.question_id, "U2", reason=reason, comment="x" * 5000)
    [(_, _, reason, comment)] = kept(engine)
    assert (reason, comment) == ("other", "x" * 2000)
