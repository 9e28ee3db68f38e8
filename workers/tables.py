"""The tables of the ledger and of what people thought of its answers; what their columns mean stands in `workers.ledger` and
`workers.feedback`.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from rag.database import metadata

questions = Table(
    "questions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(64), nullable=False),
    Column("channel_id", String(64), nullable=False),
    Column("ts", String(32), nullable=False),
    Column("thread_ts", String(32), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("lease_owner", String(32)),
    Column("lease_until", Float),
    Column("attempts", Integer, nullable=False),
    Column("answer_attempts", Integer, nullable=False),
    Column("placeholder_ts", String(32)),
    Column("not_before", Float, nullable=False),
    Column("enqueued_at", Float, nullable=False),
    Column("accepted_at", Float, nullable=False),
    Column("finished_at", Float),
    Column("withdrawn", Boolean, nullable=False),  # its message was deleted
    Column("stopped", Boolean, nullable=False),  # somebody pressed Stop
    Column("asked_people_at", Float),  # when it was handed on to people
    Column(
        "unasked", Boolean, nullable=False
    ),  # of nobody in particular, in a channel where such are answered
    Column("response_url", Text),  # of questions that are answered to their asker alone
    Column("files", JSON, nullable=False),  # that came with it: id and name of each
    UniqueConstraint("team_id", "channel_id", "ts", name="uq_questions_message"),
    Index("ix_questions_state", "state", "accepted_at"),
    Index("ix_questions_user", "user_id", "accepted_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("question_id", String(32), ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("text", Text, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("stored_at", Float, nullable=False),
    Column("options", JSON(none_as_null=True)),  # of a question back
    Column("chosen", Integer),  # the place of the one that was clicked
    Column("checked_at", Float),  # when what it cites was last compared with the documents
    Column("aged", JSON(none_as_null=True)),  # what changed of it since (`workers.aging`)
    Column("aged_tries", Integer),  # how often it may still be tried to say so under it
    Column("aged_after", Float),  # when it may be tried next
    Index("ix_answers_stored", "stored_at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("question_id", String(32), ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("rating", Integer, nullable=False),
    Column("reason", String(32)),
    Column("comment", Text),
    Column("rated_at", Float, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("question_id", String(32), ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(32), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("error", String(200)),
)
