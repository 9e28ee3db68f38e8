"""The intranet under /site/, and the command that serves it all."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sandbox.server import SandboxServer
from sandbox.site import Site


def test_headings_get_the_ids_github_gives_them(tmp_path: Path) -> None:
    html = Site(tmp_path).render(
        "---\ntitle: x\n---\n# Leave & absence\n\n## How many?\n\n## How many?\n\n<b>raw</b>"
    )

    assert '<h1 id="leave--absence">' in html
    assert '<h2 id="how-many">' in html and '<h2 id="how-many-1">' in html
    assert "<b>raw" not in html and "title: x" not in html


def test_documents_are_served_and_nothing_else(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "hr").mkdir(parents=True)
    (site / "hr" / "leave.md").write_text("# Leave")
    (site / "note.txt").write_text("plain")
    (tmp_path / "secret.txt").write_text("secret")
    with SandboxServer(site=site) as server:

        def read(path: str) -> str:
            with urllib.request.urlopen(f"{server.url}/site/{path}") as reply:
                return str(reply.read().decode())

        assert '<h1 id="leave">Leave</h1>' in read("hr/leave.md")
        assert read("note.txt") == "plain"
        assert f"<loc>{server.url}/site/hr/leave.md</loc>" in read("sitemap.xml")
        assert "note.txt" not in read("hr/sitemap.xml")
        assert 'href="/site/hr"' in read("")
        for path in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "nothing.md"):
            with pytest.raises(urllib.error.HTTPError) as refusal:
                read(path)
            refusal.value.close()
            assert refusal.value.code == 404


def test_the_command_prints_what_a_bot_needs_and_ends_cleanly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(5)]
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)

    assert [line.partition("=")[0] for line in lines[:3]] == [
        "SLACK_API_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    ]
    assert lines[3].startswith("# SLACK_CLIENT_ID=")
    assert lines[4].startswith("# chat at http://127.0.0.1:")
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "--port", port], capture_output=True, text=True, check=False
        )

    assert (done.returncode, done.stderr) == (
        2,
        f"Port {port} on 127.0.0.1 is in use; choose another with --port.\n",
    )


def test_a_workspace_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "team.json"
    path.write_text("{}")
    command = [sys.executable, "-m", "sandbox", "--workspace", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, f"{path} is no workspace description: KeyError: 'team'\n")


def test_the_page_is_there() -> None:
    with SandboxServer() as server, urllib.request.urlopen(server.url) as reply:
        assert reply.headers.get_content_type() == "text/html"
