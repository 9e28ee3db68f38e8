"""`python -m sandbox`: a Slack to try things on, at http://127.0.0.1:8910."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.platform import Platform
from sandbox.seed import DEFAULT
from sandbox.server import HOST, running

PORT_IN_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. 2 when the port is taken or a file is not what it should be."""
    given = _parser().parse_args(arguments)
    try:
        platform = Platform(workspace=given.workspace, manifest=given.manifest)
        also = [Platform(workspace=one, manifest=given.manifest) for one in given.also]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return PORT_IN_USE
    try:
        asyncio.run(_serve(platform, given.port, given.site, also))
    except OSError:
        print(f"Port {given.port} on {HOST} is in use; choose another with --port.", file=sys.stderr)
        return PORT_IN_USE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A stand-in for Slack on this machine."
    )
    parser.add_argument("--port", type=int, default=8910, help="where to listen on 127.0.0.1 (8910)")
    parser.add_argument(
        "--workspace", type=Path, default=DEFAULT, metavar="FILE", help="another team, as JSON"
    )
    parser.add_argument(
        "--also",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a further team, with tokens of its own",
    )
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="hold the app to its manifest.json")
    parser.add_argument("--site", type=Path, metavar="DIR", help="serve these documents under /site/")
    return parser


async def _serve(platform: Platform, port: int, site: Path | None, also: Sequence[Platform]) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with running(platform, port=port, site=site, also=also) as url:
        app = next(iter(platform.workspace.apps.values()))
        print(f"SLACK_API_URL={url}/api/")
        print(f"SLACK_BOT_TOKEN={app.bot_token}")
        print(f"SLACK_APP_TOKEN={app.app_token}")
        print(f"# SLACK_CLIENT_ID={app.client_id} SLACK_CLIENT_SECRET={app.client_secret}")
        print(f"# chat at {url}/", flush=True)
        await stopping.wait()


if __name__ == "__main__":
    sys.exit(main())
