"""`python -m bot insights`: what was asked, answered, not answered and rated badly; which documents carry the answers."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from rag.composition import open_embedder
from rag.database import open_database
from rag.settings import Settings
from workers.admin.insights import Insights, insights
from workers.feedback import REASONS
from workers.tenancy.installations import slack_team_of


def show_insights(settings: Settings, *, days: int, as_json: bool) -> None:
    """Print them. Raises ConfigError, DatabaseUnavailable."""
    engine = open_database(settings.storage.database_url)
    try:
        found = insights(
            engine,
            days=days,
            embed=lambda texts: open_embedder(settings).embed_passages(texts),
            team_id=slack_team_of(engine, settings.storage.team_id),
        )
    finally:
        engine.dispose()
    console = Console()
    if as_json:
        console.print_json(json.dumps(asdict(found), ensure_ascii=False))
        return
    for part in tables(found):
        console.print(part)


def tables(found: Insights) -> list[Table]:
    """For people."""
    numbers = Table(title=f"The last {found.days} days", title_justify="left", show_header=False)
    numbers.add_row("questions", str(found.asked))
    for outcome, number in sorted(found.outcomes.items()):
        numbers.add_row(f"  {outcome.replace('_', ' ')}", str(number))
    if found.unasked:
        numbers.add_row("answered unasked", f"{found.unasked_answered} of {found.unasked}")
    numbers.add_row("found helpful, not helpful", f"{found.good}, {found.bad}")
    gaps = Table("asked", "times", title="What the documents do not say", title_justify="left")
    for gap in found.gaps:
        gaps.add_row(gap.question, str(gap.times))
    grounds = Table("page", "answers", "not helpful", title="What answers rest on", title_justify="left")
    for ground in found.grounds:
        grounds.add_row(ground.title or ground.url, str(ground.answers), str(ground.bad))
    complaints = Table("asked", "reason", "what would be right", title="Not helpful", title_justify="left")
    for one in found.complaints:
        complaints.add_row(one.question, REASONS.get(one.reason or "", ""), one.comment or "")
    return [numbers, *(table for table in (gaps, grounds, complaints) if table.row_count)]
