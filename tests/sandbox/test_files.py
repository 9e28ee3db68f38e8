"""Files: up in three steps, down with a token, and the login page for everybody else."""

import base64
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.client import Refused, Sandbox
from sandbox.server import SandboxServer


def download(url: str, token: str | None = None) -> tuple[str, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as reply:
        return reply.headers.get_content_type(), reply.read()


def test_an_app_uploads_a_file(web: WebClient, sandbox: Sandbox, server: SandboxServer) -> None:
    uploaded = web.files_upload_v2(
        content="a,b\n1,2\n",
        filename="report.csv",
        title="Report",
        channel="C01GENERAL",
        initial_comment="here",
    )

    [message] = sandbox.channel("general")
    assert (message.text, message.raw["files"][0]["title"]) == ("here", "Report")
    file = web.files_info(file=uploaded["file"]["id"])["file"]
    assert download(file["url_private_download"], server.bot_token) == ("text/csv", b"a,b\n1,2\n")


def test_a_person_shares_a_file(web: WebClient, sandbox: Sandbox, server: SandboxServer) -> None:
    ts, file_id = sandbox.upload("marco", "plan.md", b"# Plan", channel="general", text="see @footnote")

    kinds = [one["payload"]["event"] for one in sandbox.deliveries()]
    assert [kind["type"] for kind in kinds] == ["message", "app_mention", "file_shared"]
    assert (kinds[0]["subtype"], kinds[0]["files"][0]["id"], kinds[0]["ts"]) == ("file_share", file_id, ts)
    url = web.files_info(file=file_id)["file"]["url_private_download"]
    assert download(url, server.bot_token)[1] == b"# Plan"
    assert download(url)[0] == "text/html"
    assert download(url, "xoxb-wrong")[0] == "text/html"


def test_a_shared_channel_names_a_file_only_by_its_id(sandbox: Sandbox, web: WebClient) -> None:
    _, file_id = sandbox.upload("dana", "offer.txt", b"42", channel="partners")

    event = sandbox.deliveries("message")[0]["payload"]["event"]
    assert event["files"][0]["file_access"] == "check_file_info"
    assert web.files_info(file=file_id)["file"]["name"] == "offer.txt"


def test_a_file_elsewhere_is_not_found(web: WebClient, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("marco", "plan.md", b"# Plan", channel="random")

    with pytest.raises(SlackApiError) as refusal:
        web.files_info(file=file_id)
    assert refusal.value.response["error"] == "file_not_found"


def test_a_person_reads_the_files_of_their_channels_only(sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("marco", "plan.md", b"# Plan", channel="general")

    read = sandbox.do("file", as_user="priya", file=file_id)
    assert (read["name"], base64.b64decode(read["content"])) == ("plan.md", b"# Plan")
    for stranger in ("tom", "dana"):
        with pytest.raises(Refused, match="file_not_found"):
            sandbox.do("file", as_user=stranger, file=file_id)


def test_the_link_to_a_file_leads_to_the_page(web: WebClient, sandbox: Sandbox) -> None:
    _, file_id = sandbox.upload("marco", "plan.md", b"# Plan", channel="general")
    kind, page = download(web.files_info(file=file_id)["file"]["permalink"])
    assert kind == "text/html"
    assert b"composer" in page
