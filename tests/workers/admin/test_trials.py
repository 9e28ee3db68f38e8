"""Trials on both databases: none is lost, none is kept for long."""

from kombu.exceptions import OperationalError
from sqlalchemy import Engine, update

from rag.database import now, transaction
from workers.admin.trials import LostTrials, Trials, trials
from workers.privacy.erasing import Erasing
from workers.privacy.purging import Purging


def add(of: Trials, user_id: str = "U0INES", reader_id: str = "U0INES") -> str:
    return of.add(
        user_id=user_id, channel_id="C1", thread_ts="1.5", question="how many days?", reader_id=reader_id
    )


def a_while_ago(engine: Engine, seconds: float) -> None:
    with transaction(engine) as connection:
        connection.execute(update(trials).values(tried_at=now() - seconds))


def test_one_at_a_time_until_it_is_finished(engine: Engine) -> None:
    of = Trials(engine, "T")
    trial_id = add(of)
    of.place(trial_id, "1.7")
    first = of.claim(trial_id, lease_seconds=60)
    assert first is not None
    assert (first.question, first.ts, first.attempt) == ("how many days?", "1.7", 1)
    assert of.claim(trial_id, lease_seconds=60) is None
    of.release(trial_id)
    again = of.claim(trial_id, lease_seconds=60)
    assert again is not None
    assert again.attempt == 2
    of.release(trial_id)
    of.finish(trial_id)
    assert of.claim(trial_id, lease_seconds=60) is None
    assert of.claim("nothing", lease_seconds=60) is None


def test_other_teams_have_none_of_it(engine: Engine) -> None:
    trial_id = add(Trials(engine, "T"))
    other = Trials(engine, "U")
    assert other.get(trial_id) is None
    assert other.claim(trial_id, lease_seconds=60) is None
    a_while_ago(engine, 3600)
    assert other.due() == []


def test_what_was_lost_is_sent_again(engine: Engine) -> None:
    of, sent = Trials(engine, "T"), list[str]()
    lost, at_work, done = add(of), add(of), add(of)
    lost_trials = LostTrials(of.due, sent.append)
    lost_trials.sweep()
    assert sent == [], "left to the queue"
    a_while_ago(engine, 60)
    of.claim(at_work, lease_seconds=60)
    of.finish(done)
    lost_trials.sweep()
    assert sent == [lost]


def test_a_broker_that_is_away_ends_the_sweep(engine: Engine) -> None:
    of = Trials(engine, "T")
    add(of)
    a_while_ago(engine, 60)

    def away(_: str) -> None:
        raise OperationalError

    LostTrials(of.due, away).sweep()
    assert len(of.due()) == 1


def test_they_go_after_a_week(engine: Engine) -> None:
    of = Trials(engine, "T")
    trial_id = add(of)
    assert of.sweep() == 0
    a_while_ago(engine, 8 * 86_400)
    assert of.sweep() == 1
    assert of.get(trial_id) is None


def test_a_person_who_is_forgotten_is_forgotten_here(engine: Engine) -> None:
    of = Trials(engine, "T")
    theirs, about, other = add(of, "U0MARCO"), add(of, reader_id="U0MARCO"), add(of)
    erasing = Erasing(engine, "T")
    assert erasing.count("U0MARCO").names == 2
    erasing.erase("U0MARCO", by="command")
    assert [of.get(one) is None for one in (theirs, about, other)] == [True, True, False]


def test_taking_out_the_app_takes_them_out(engine: Engine) -> None:
    ours, other = Trials(engine, "T"), Trials(engine, "U")
    mine, theirs = add(ours), add(other)
    Purging(engine, "T").purge("T0SLACK")
    assert ours.get(mine) is None
    assert other.get(theirs) is not None


def test_what_a_process_that_is_gone_held_can_be_taken_up(engine: Engine) -> None:
    own, other = Trials(engine, "T"), Trials(engine, "T2")
    mine, theirs = add(own), add(other)
    assert own.claim(mine, lease_seconds=60) and other.claim(theirs, lease_seconds=60)
    own.free_all()
    assert own.claim(mine, lease_seconds=60)
    assert other.claim(theirs, lease_seconds=60) is None
