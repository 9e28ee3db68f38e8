"""Questions to begin with, offered in the agent's pane: from what is really there to read. Pure.

https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
"""

from collections.abc import Sequence

from workers.elements import shortened

TITLES = 4
"""So many prompts Slack takes."""

PROMPTS_TITLE = "Ask about what was written lately"
_TITLE_CHARS = 70


def suggested_prompts(titles: Sequence[str]) -> list[dict[str, str]]:
    """A prompt for each title of a document: what is read on it, and what is asked by it."""
    subjects = dict.fromkeys(" ".join(title.split()) for title in titles)
    return [
        {"title": shortened(subject, _TITLE_CHARS), "message": f"What should I know about {subject}?"}
        for subject in list(subjects)[:TITLES]
        if subject
    ]
