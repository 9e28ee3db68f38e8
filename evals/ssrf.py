"""Does a fetch ever reach where it must not, and does it reach where it may? Judged by lists of addresses.

The folder holds `ssrf_urls.txt` (verdict, category, address, note; by tabs), `ssrf_dns_map.json` (host → answers of its
look-ups, one after the other) and `ssrf_redirects.jsonl` (what servers answer). No socket is opened: names resolve as
the map says, and a network that connects to nobody notes where it was told to connect.

A row to block has leaked when a connection was tried to an address that is not public; where the address itself is
already wrong, when any connection was tried. A row to allow is refused wrongly when none was.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from evals.datasets.dataset import DatasetUnusable
from evals.reporting import show
from evals.scripted_network import Names, Network, Reply, bomb, drip, reply
from ingestion.fetching import Fetcher
from ingestion.parsing import parse
from ingestion.registered import RegisteredSource
from ingestion.remembering import Memory
from ingestion.sources import Means, Original, open_source
from rag.database import open_database
from rag.errors import DocumentUnreadable, FootnoteError
from rag.settings import FetchSettings, Settings

_NAMED = frozenset({"dns"})
"""Categories in which the address is harmless and what it resolves to is not."""

_PUBLIC = ".test-ok."
"""What the names of hosts have in them that the lists mean to be public."""

_ELSEWHERE = frozenset({"slack-file-host"})
"""Not of the fetcher: whoever holds the token decides to which hosts it is sent at all."""

_OK = 200
_SECRET = "Bearer secret"  # noqa: S105 - a canary, to be seen where it must not be
_DOCUMENTS = {"md-image": "page.md", "html-base": "page.html"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one row went. `fault` says what was wrong, None when nothing was."""

    category: str
    name: str
    fault: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the lists")


def run(arguments: argparse.Namespace) -> int:
    """The exit code: 0 when every row went right, 1 when one did not, 2 when the lists are not there."""
    try:
        verdicts = judge(arguments.data)
    except DatasetUnusable as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    faults = [verdict for verdict in verdicts if verdict.fault]
    show(_table(verdicts), *(f"{fault.category} {fault.name}: {fault.fault}" for fault in faults))
    return 1 if faults else 0


def judge(folder: Path) -> list[Verdict]:
    """Every row of the lists, in their order. Raises DatasetUnusable when they are not there."""
    try:
        names = json.loads((folder / "ssrf_dns_map.json").read_text())
        rows = (folder / "ssrf_urls.txt").read_text().splitlines()
        scripts = (folder / "ssrf_redirects.jsonl").read_text().splitlines()
    except (OSError, ValueError) as error:
        raise DatasetUnusable(f"{folder} does not hold the lists of addresses.") from error
    fields = [row.split("\t") for row in rows if row and not row.startswith("#")]
    urls = [_judged_url(names, *row[:3]) for row in fields]
    cases = [json.loads(script) for script in scripts if script]
    return urls + [_judged_script(names, case) for case in cases if case["id"] not in _ELSEWHERE]


def _judged_url(names: Mapping[str, Any], verdict: str, category: str, url: str) -> Verdict:
    network, resolver = Network(), Names(names)
    for _ in range(2):  # names that change their minds do so at the second look-up
        fetcher = Fetcher(FetchSettings(), resolver=resolver, network=network)
        with suppress(FootnoteError):
            fetcher.fetch(url.replace("\\x01", "\x01"))
        fetcher.close()
    if verdict == "allow":
        return Verdict("benign", url, None if network.connected else "refused wrongly")
    wrong = set(network.connected) - (_public(names) if category in _NAMED else set())
    return Verdict(category, url, f"leaked to {', '.join(sorted(wrong))}" if wrong else None)


def _judged_script(names: Mapping[str, Any], case: Mapping[str, Any]) -> Verdict:
    judges = {
        "redirect": _judged_redirect,
        "limits": _judged_limit,
        "html": _judged_site,
        "sitemap": _judged_site,
        "document": _judged_document,
        "slack": _judged_redirect,
    }
    return Verdict(case["kind"], case["id"], judges[case["kind"]](names, case))


def _judged_redirect(names: Mapping[str, Any], case: Mapping[str, Any]) -> str | None:
    network, reached = _fetched(names, case)
    if wrong := set(network.connected) - _public(names):
        return f"leaked to {', '.join(sorted(wrong))}"
    first = case["steps"][0]["url"].split("/")[2]
    if any(secret and url.split("/")[2] != first for url, secret in network.requests):
        return "the token was sent on"
    if case["kind"] == "redirect" and reached != (case["expect"] == "allow"):
        return "not refused" if reached else "refused wrongly"
    return None


def _judged_limit(names: Mapping[str, Any], case: Mapping[str, Any]) -> str | None:
    _, reached = _fetched(names, case)
    return "not refused" if reached else None


def _fetched(names: Mapping[str, Any], case: Mapping[str, Any]) -> tuple[Network, bool]:
    """Fetches the first address with a token; whether there was content at the end of the way."""
    network = Network(_script(case))
    settings = FetchSettings(timeout_seconds=1)
    fetcher = Fetcher(settings, resolver=Names(names, network.hosts), network=network)
    try:
        reply = fetcher.fetch(case["steps"][0]["url"], headers={"Authorization": _SECRET})
    except FootnoteError:
        return network, False
    finally:
        fetcher.close()
    return network, reply.status == _OK


def _judged_site(names: Mapping[str, Any], case: Mapping[str, Any]) -> str | None:
    """A site as a source reads it: only pages of its own host may be asked for."""
    network = Network(_script(case))
    origin = case["steps"][0]["url"].rpartition("/")[0]
    with _source(names, network, case) as source, suppress(FootnoteError):
        for found in source.originals():
            if isinstance(found, Original):
                found.read()
    if wrong := set(network.connected) - _public(names):
        return f"leaked to {', '.join(sorted(wrong))}"
    elsewhere = sorted({url for url, _ in network.requests if not url.startswith(f"{origin}/")})
    if elsewhere:
        return f"asked for {', '.join(elsewhere)}"
    missed = case.get("expect") == "only-allowed" and not any(
        url.endswith("/ok") for url, _ in network.requests
    )
    return "refused wrongly" if missed else None


def _judged_document(names: Mapping[str, Any], case: Mapping[str, Any]) -> str | None:
    """A document as it is parsed, and, where it is a page, as it is crawled from."""
    body = case["steps"][0]["body"]
    with _watched() as events, suppress(DocumentUnreadable):
        parse(body.encode(), _DOCUMENTS.get(case["id"], "page.xml"))
    if events:
        return f"parsing {events[0]}"
    page = {"url": "https://public-a.test-ok.example/page", "status": 200, "body": body}
    return _judged_site(names, {"kind": "html", "steps": [page]})


@contextmanager
def _source(names: Mapping[str, Any], network: Network, case: Mapping[str, Any]) -> Iterator[Any]:
    mode = "sitemap" if case["kind"] == "sitemap" else "crawl"
    fetch = FetchSettings(pause_seconds=0, timeout_seconds=5)
    registered = RegisteredSource(
        "s", "T", "site", "web", case["steps"][0]["url"], frozenset(), {"mode": mode, "prefix": "/"}
    )
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/memory.db")
        fetcher = Fetcher(fetch, resolver=Names(names, network.hosts), network=network)
        try:
            yield open_source(
                registered, Means(Settings(fetch=fetch), fetcher, Memory(engine, "s"), Path(folder))
            )
        finally:
            fetcher.close()
            engine.dispose()


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What this process asked of the network while the block ran."""
    events: list[str] = []
    watching = True

    def audit(event: str, _: tuple[Any, ...]) -> None:
        if watching and event in {"socket.connect", "socket.getaddrinfo"}:
            events.append(event)

    sys.addaudithook(audit)  # there is no taking it away again
    try:
        yield events
    finally:
        watching = False


def _script(case: Mapping[str, Any]) -> dict[str, Reply]:
    """What stands at each address of the case. Where redirects lead to a public host, something is there."""
    script: dict[str, Reply] = {}
    for step in case["steps"]:
        headers = {**step.get("headers", {}), "Content-Type": "text/html"}
        if location := step.get("location"):
            headers["Location"] = location
            if _PUBLIC in location:
                script.setdefault(location, reply(200, b"here"))
        script[step["url"]] = reply(step.get("status", 200), step.get("body", "").encode(), headers)
    special = {"gzip-bomb": bomb, "slow-drip": drip}
    if make := special.get(case.get("id", "")):
        script[case["steps"][0]["url"]] = make()
    return script


def _public(names: Mapping[str, Any]) -> set[str]:
    """The addresses of the hosts that the map means to be public."""
    hosts = [answers for host, answers in names.items() if _PUBLIC in host]
    return {address for answers in hosts for answer in answers for address in answer}


def _table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="Addresses that must not be fetched, and benign ones")
    for heading in ("category", "rows", "right", "wrong"):
        table.add_column(heading, justify="left" if heading == "category" else "right")
    rows, wrong = (
        Counter(each.category for each in verdicts),
        Counter(each.category for each in verdicts if each.fault),
    )
    for category, count in rows.items():
        table.add_row(category, str(count), str(count - wrong[category]), str(wrong[category]))
    table.add_section()
    table.add_row("all", str(len(verdicts)), str(len(verdicts) - wrong.total()), str(wrong.total()))
    return table
