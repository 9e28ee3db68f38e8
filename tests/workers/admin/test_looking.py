"""A file looked into where the embedding model is in another process."""

from pathlib import Path

from slack_sdk import WebClient

from rag.settings import FetchSettings, Settings, SlackSettings
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.ingestion.making import pdf
from workers.admin.looking import ESTIMATED, FileLook, Looked


def test_title_and_pages_are_told_and_chunks_are_not_guessed(server: SandboxServer, sandbox: Sandbox) -> None:
    slack = SlackSettings(bot_token=server.bot_token, app_token=server.app_token, api_url=server.api_url)
    client = WebClient(token=server.bot_token, base_url=server.api_url)
    look = FileLook(client, Settings(slack=slack, fetch=FetchSettings()), ESTIMATED, team_id="T01FERNWAY")
    pages = [[(50.0, 700.0, 12.0, f"This is page {number}.")] for number in range(3)]
    plan = pdf(pages, info="/Title (The plan)")
    _, file_id = sandbox.upload("ines", Path("plan.pdf").name, plan, channel="footnote-admin")
    assert look(file_id) == Looked("plan.pdf", "The plan", "PDF", 3, None)
