"""The control API: acts as a person and shows what a person sees. Loopback only, JSON in and out.

`POST /control/{verb}` with a JSON object, or GET with a query. Refusals are HTTP 400 with
{"error": NAME, "messages": […]}; the names are Slack's own where Slack has one.
"""

from collections.abc import Mapping

from aiohttp import web

from sandbox.arguments import Arguments
from sandbox.errors import SlackError
from sandbox.platform import Platform
from sandbox.shapes import Json
from sandbox.verbs import Verb, acting, interacting, machinery, reading
from sandbox.web_api import read_arguments

_OWN_HOSTS = ("127.0.0.1", "localhost")


class Control:
    """Serves the verbs of acting, interacting, reading and machinery."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._verbs: Mapping[str, Verb] = {
            **acting.VERBS,
            **interacting.VERBS,
            **reading.VERBS,
            **machinery.VERBS,
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request under /control/."""
        if not _from_here(request):
            return web.json_response({"error": "forbidden"}, status=403)
        verb = self._verbs.get(request.match_info["verb"])
        if verb is None:
            known = ", ".join(sorted(self._verbs))
            return web.json_response({"error": "unknown_verb", "messages": [known]}, status=404)
        try:
            return web.json_response(await verb(self._platform, Arguments(await read_arguments(request))))
        except SlackError as refusal:
            return web.json_response(_refused(refusal), status=400)
        except (TypeError, ValueError) as error:
            return web.json_response({"error": "invalid_arguments", "messages": [str(error)]}, status=400)


def _from_here(request: web.Request) -> bool:
    """No other site's page may reach it through a browser, whatever name it gives this address."""
    origin = request.headers.get("Origin")
    own_page = origin is None or origin == f"http://{request.host}"
    return own_page and request.host.partition(":")[0] in _OWN_HOSTS


def _refused(refusal: SlackError) -> Json:
    messages = refusal.details.get("response_metadata", {}).get("messages", [])
    return {"error": refusal.name, "messages": messages}
