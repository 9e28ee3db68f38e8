"""`python -m bot doctor`: what works, what does not, and what to do about it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal

from rich.console import Console

from bot.commands.doctor_services import broker, database, embedding_model, index, language_model, settings_of
from bot.commands.doctor_slack import admin_channel, bot_token, receiving
from bot.commands.finding import Finding, failed
from rag.errors import FootnoteError, where
from rag.settings import Settings
from workers.operating.probing import TookTooLong, within

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at, for so long at most."""

    name: str
    look: Callable[[], Sequence[Finding]]
    seconds: float = 30.0


Verdict = Literal["ok", "failed"]


def checks_of(settings: Settings) -> list[Check]:
    """All of them, in the order in which they are best put right."""
    return [
        Check("settings", partial(settings_of, settings)),
        Check("bot token", partial(bot_token, settings)),
        Check("app token", partial(receiving, settings)),
        Check("admin channel", partial(admin_channel, settings)),
        Check("broker", partial(broker, settings)),
        Check("database", partial(database, settings)),
        Check("index", partial(index, settings)),
        Check("embedding model", partial(embedding_model, settings), seconds=180),
        Check("language model", partial(language_model, settings), seconds=90),
    ]


def examine(checks: Sequence[Check]) -> Iterator[Finding]:
    """What the checks find, as they find it. Whatever one of them does, the next ones are made; nothing is raised."""
    for check in checks:
        yield from _found(check)


def _found(check: Check) -> Sequence[Finding]:
    try:
        return within(check.seconds, check.look)
    except TookTooLong as error:
        return [
            failed(check.name, str(error), "Look whether it is reachable from this machine, and try again.")
        ]
    except FootnoteError as error:
        return [failed(check.name, str(error))]
    except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
        return [failed(check.name, f"the check itself failed ({where(error)})", "Please report this.")]


def diagnose(settings: Settings, *, as_json: bool) -> int:
    """Print what is found. The exit code: 1 where something failed, else 0."""
    console = Console(soft_wrap=True, highlight=False)
    findings = []
    for finding in examine(checks_of(settings)):
        findings.append(finding)
        if not as_json:
            console.print(line(finding))
    verdict: Verdict = "failed" if any(finding.state == "failed" for finding in findings) else "ok"
    if as_json:
        told = {"verdict": verdict, "checks": [asdict(finding) for finding in findings]}
        console.print_json(json.dumps(told, ensure_ascii=False))
    else:
        console.print(summary(findings))
    return 1 if verdict == "failed" else 0


def line(finding: Finding) -> str:
    """For people, in rich's markup: the state, what was looked at, what was found, what to do."""
    state = f"[{_COLOURS[finding.state]}]{finding.state:<8}[/]"
    told = " ".join(part for part in (_sentence(finding.text), finding.remedy) if part)
    return f"{state} {finding.name:<16} {_plain(told)}"


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    counts = Counter(finding.state for finding in findings)
    if counts["failed"]:
        return f"{counts['failed']} failed: see what to do in its line."
    return f"Nothing failed; {counts['warning']} to look at." if counts["warning"] else "All is well."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _plain(text: str) -> str:
    """Not markup, whatever a service answered."""
    return text.replace("[", r"\[")
