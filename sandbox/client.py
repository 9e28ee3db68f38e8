"""Sandbox: a client of the control API. Acts as a person, reads what a person sees, pulls the levers.

Only the standard library. People and channels go by name or id: `sandbox.post("marco", "hello", channel="general")`.
"""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox import reading
from sandbox.shapes import Json

_LONGEST_POLL_SECONDS = 20.0

Found = TypeVar("Found")


class Refused(Exception):
    """The sandbox refused; `name` is Slack's name for it, such as not_in_channel."""

    def __init__(self, name: str, messages: Sequence[str] = ()) -> None:
        super().__init__(": ".join([name, *messages]))
        self.name = name


@dataclass(frozen=True)
class Message:
    """A message as it is seen. `ephemeral` is the id of the only person who sees it, or None."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json]
    metadata: Json | None
    thread_ts: str | None
    edited: bool
    ephemeral: str | None
    raw: Json

    @classmethod
    def from_slack(cls, raw: Json) -> "Message":
        return cls(
            ts=raw["ts"],
            channel=raw["channel"],
            user=raw["user"],
            text=raw["text"],
            blocks=raw.get("blocks", []),
            metadata=raw.get("metadata"),
            thread_ts=raw.get("thread_ts"),
            edited="edited" in raw,
            ephemeral=raw.get("ephemeral_to"),
            raw=raw,
        )

    @property
    def from_app(self) -> bool:
        return "bot_id" in self.raw

    def as_text(self) -> str:
        """What a person reads, blocks as lines; links as "label <url>", buttons as "[Label]"."""
        return reading.message_text(self.text, self.blocks)

    def links(self) -> list[tuple[str, str]]:
        """(label, url) of every link that can be followed, buttons included."""
        return reading.links(self.text, self.blocks)

    def pings(self) -> list[str]:
        """Whom it notifies: "@U01INES", "!here" …; empty for a message that disturbs nobody."""
        return reading.pings(self.text, self.blocks)

    def buttons(self) -> list[Json]:
        """The elements that can be clicked."""
        return reading.buttons(self.blocks)


class Sandbox:
    """The sandbox at a base URL such as http://127.0.0.1:8910. Raises Refused."""

    def __init__(self, url: str, timeout_seconds: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds

    # What people do

    def post(
        self, user: str, text: str, *, channel: str, thread_ts: str | None = None, broadcast: bool = False
    ) -> str:
        """Write in a channel; the timestamp of the message."""
        given = {
            "user": user,
            "text": text,
            "channel": channel,
            "thread_ts": thread_ts,
            "broadcast": broadcast,
        }
        return str(self.do("post", **given)["ts"])

    def direct(
        self, user: str, text: str, thread_ts: str | None = None, *, app: str | None = None
    ) -> tuple[str, str]:
        """Write to the app directly; (channel, timestamp)."""
        sent = self.do("direct", user=user, text=text, thread_ts=thread_ts, app=app)
        return sent["channel"], sent["ts"]

    def backfill(self, channel: str, messages: Sequence[Json]) -> None:
        """Put messages into the past, without events; each is user, text, ts and perhaps thread_ts."""
        self.do("backfill", channel=channel, messages=list(messages))

    def edit(self, user: str, *, channel: str, ts: str, text: str) -> None:
        self.do("edit", user=user, channel=channel, ts=ts, text=text)

    def delete(self, user: str, *, channel: str, ts: str) -> None:
        self.do("delete", user=user, channel=channel, ts=ts)

    def react(self, user: str, *, channel: str, ts: str, name: str, remove: bool = False) -> None:
        self.do("react", user=user, channel=channel, ts=ts, name=name, remove=remove)

    def join(self, user: str, channel: str) -> None:
        """Become a member, or invite: bots go by name too."""
        self.do("join", user=user, channel=channel)

    def leave(self, user: str, channel: str) -> None:
        self.do("leave", user=user, channel=channel)

    def upload(
        self,
        user: str,
        name: str,
        content: bytes,
        *,
        channel: str,
        text: str = "",
        thread_ts: str | None = None,
    ) -> tuple[str, str]:
        """Share a file; (timestamp of the message, id of the file)."""
        encoded = base64.b64encode(content).decode()
        sent = self.do(
            "upload", user=user, name=name, content=encoded, channel=channel, text=text, thread_ts=thread_ts
        )
        return sent["ts"], sent["file"]

    def change_file(
        self, file: str, *, content: bytes | None = None, redirect: str | None = None, **fields: Any
    ) -> None:
        """Give a file other content, other fields (mode, is_external …), or a download that leads elsewhere."""
        encoded = base64.b64encode(content).decode() if content is not None else None
        self.do("change_file", file=file, content=encoded, redirect=redirect, fields=fields)

    def delete_file(self, file: str) -> None:
        self.do("delete_file", file=file)

    def stop(self, user: str, *, channel: str, thread_ts: str) -> list[str]:
        """Press Stop while the app answers in a thread; the timestamps of what was streaming."""
        streaming: list[str] = self.do("stop", user=user, channel=channel, thread_ts=thread_ts)["streaming"]
        return streaming

    def open_home(self, user: str, *, tab: str = "home") -> Json | None:
        """Look at the app's home tab; the view shown before the app hears of it."""
        view: Json | None = self.do("open_home", user=user, tab=tab)["view"]
        return view

    def command(self, user: str, command: str, text: str = "", *, channel: str) -> Json:
        """Type a slash command; {"outcome": acknowledged | dropped | given_up | not_a_command, …}."""
        return self.do("command", user=user, command=command, text=text, channel=channel)

    def click(
        self,
        user: str,
        action_id: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view: str | None = None,
        block_id: str | None = None,
        value: Any = None,
    ) -> Json:
        """Use an element of a message (channel, ts) or of a view; `value` chooses among options."""
        given = {"action_id": action_id, "channel": channel, "ts": ts, "view": view, "block_id": block_id}
        return self.do("click", user=user, value=value, **given)

    def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Json:
        """Use a global shortcut, or with channel and ts one of a message's menu."""
        return self.do("shortcut", user=user, callback_id=callback_id, channel=channel, ts=ts)

    def submit(self, user: str, view: str, values: Mapping[str, Any] | None = None) -> Json:
        """Fill in a modal, {action_id: value}, and press Submit; `response_action` says what came of it."""
        return self.do("submit", user=user, view=view, values=dict(values or {}))

    def close_view(self, user: str, view: str) -> Json:
        return self.do("close_view", user=user, view=view)

    # What people see

    def channel(self, channel: str, *, as_user: str | None = None) -> list[Message]:
        """The messages of a channel, oldest first, without the replies in threads.

        As one person sees it, or everything, others' ephemeral messages included.
        """
        return self._messages(channel, None, as_user)[0]

    def thread(self, channel: str, ts: str, *, as_user: str | None = None) -> list[Message]:
        """A thread, oldest first, its head included."""
        return self._messages(channel, ts, as_user)[0]

    def status(self, channel: str, thread_ts: str) -> Json | None:
        """What the app says it is doing in a thread ("is searching…"), if anything."""
        status: Json | None = self.do("messages", channel=channel, thread_ts=thread_ts)["status"]
        return status

    def views(self, user: str) -> list[Json]:
        """The modals a person has open, uppermost last."""
        modals: list[Json] = self.do("views", user=user)["modals"]
        return modals

    def home(self, user: str) -> Json | None:
        """The home tab as the app has published it for a person."""
        return next(iter(self.do("views", user=user)["homes"]), None)

    def workspace(self, *, as_user: str | None = None) -> Json:
        """team, users, apps, channels, usergroups, sessions, suggested_prompts."""
        return self.do("workspace", as_user=as_user)

    # Waiting

    def wait_for_reply(
        self,
        channel: str,
        thread_ts: str,
        timeout_seconds: float = 10.0,
        predicate: Callable[[Message], bool] | None = None,
        *,
        as_user: str | None = None,
    ) -> Message:
        """The newest message of an app in a thread that satisfies the predicate, as soon as there is one.

        Raises TimeoutError that shows the thread as it stands.
        """
        wanted = predicate or bool

        def look() -> tuple[Message | None, int]:
            messages, version = self._messages(channel, thread_ts, as_user)
            replies = [one for one in messages if one.from_app and one.ts != thread_ts and wanted(one)]
            return (replies[-1] if replies else None), version

        place = {"channel": channel, "thread_ts": thread_ts}
        return self._wait(look, timeout_seconds, lambda: self._described(channel, thread_ts), place)

    def wait_for_message(
        self,
        channel: str,
        predicate: Callable[[Message], bool],
        timeout_seconds: float = 10.0,
        *,
        as_user: str | None = None,
    ) -> Message:
        """The newest top-level message of a channel that satisfies the predicate. Raises TimeoutError."""

        def look() -> tuple[Message | None, int]:
            messages, version = self._messages(channel, None, as_user)
            found = [one for one in messages if predicate(one)]
            return (found[-1] if found else None), version

        place = {"channel": channel}
        return self._wait(look, timeout_seconds, lambda: self._described(channel, None), place)

    def wait_for_view(self, user: str, timeout_seconds: float = 10.0) -> Json:
        """The uppermost modal of a person, once one is open. Raises TimeoutError."""

        def look() -> tuple[Json | None, int]:
            answer = self.do("views", user=user)
            return (answer["modals"][-1] if answer["modals"] else None), answer["version"]

        return self._wait(look, timeout_seconds, lambda: f"no modal is open for {user}")

    def wait_for_delivery(
        self, kind: str, predicate: Callable[[Json], bool] | None = None, timeout_seconds: float = 10.0
    ) -> Json:
        """The newest delivery of a type ("app_mention", "message", "interactive" …). Raises TimeoutError."""
        wanted = predicate or (lambda delivery: delivery["outcome"] != "pending")

        def look() -> tuple[Json | None, int]:
            answer = self.do("deliveries", type=kind)
            found = [one for one in answer["deliveries"] if wanted(one)]
            return (found[-1] if found else None), answer["version"]

        return self._wait(
            look, timeout_seconds, lambda: f"no such delivery of {kind}: {self.deliveries(kind)}"
        )

    def wait_for_socket(self, timeout_seconds: float = 10.0, *, app: str | None = None) -> None:
        """Return once an app has a socket open. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        while not (self.sockets().get(app, 0) if app else sum(self.sockets().values())):
            if time.monotonic() > deadline:
                raise TimeoutError("no app has opened a socket")
            time.sleep(0.05)

    # The levers

    def fault(
        self,
        kind: str,
        method: str = "*",
        *,
        count: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        seconds: float = 1.0,
        error: str = "internal_error",
        status: int = 503,
    ) -> None:
        """Switch a fault on: delay, error, http, rate_limited, reset, drop_reply or garbage (faults.py)."""
        given = {"count": count, "probability": probability, "seed": seed, "seconds": seconds}
        self.do("fault", kind=kind, method=method, error=error, status=status, **given)

    def faults(self) -> list[Json]:
        """The faults that are on, with how often each has struck."""
        faults: list[Json] = self.do("faults")["faults"]
        return faults

    def clear_faults(self) -> None:
        self.do("clear_faults")

    def duplicate_events(self, count: int = 1, *, with_header: bool = True) -> None:
        """Deliver the next events twice; the second time marked as a retry, or not."""
        self.do("duplicate", count=count, with_header=with_header)

    def deliver_to(self, url: str, signing_secret: str, *, app: str | None = None) -> None:
        """Deliver by HTTP from now on. Raises Refused when the app does not give a challenge back."""
        self.do("request_url", url=url, signing_secret=signing_secret, app=app)

    def refuse_acks(self, count: int = 1) -> None:
        """Overlook the next acknowledgements, so that events come again."""
        self.do("refuse_acks", count=count)

    def disconnect(self, reason: str = "refresh_requested") -> int:
        """End the sockets: "warning", "refresh_requested" or "abrupt"; how many there were."""
        return int(self.do("disconnect", reason=reason)["disconnected"])

    def settings(self, **changes: Any) -> Json:
        """The settings (settings.py), after these changes."""
        settings: Json = self.do("settings", **changes)["settings"]
        return settings

    def sockets(self) -> dict[str, int]:
        """Open sockets by app name."""
        sockets: dict[str, int] = self.do("sockets")["sockets"]
        return sockets

    def calls(self, method: str | None = None) -> list[Json]:
        """The calls apps made: method, arguments, at, seconds, ok, error, status, replied."""
        calls: list[Json] = self.do("calls", method=method)["calls"]
        return calls

    def deliveries(self, kind: str | None = None) -> list[Json]:
        """The envelopes: type, payload, attempts, outcome, acked_at, ack_payload."""
        deliveries: list[Json] = self.do("deliveries", type=kind)["deliveries"]
        return deliveries

    def add_user(self, name: str, **flags: Any) -> str:
        return str(self.do("add_user", name=name, **flags)["user"])

    def add_channel(self, name: str, *, members: Sequence[str] = (), **flags: Any) -> str:
        """Create a channel, kind="public" or "private"; its id."""
        return str(self.do("add_channel", name=name, members=list(members), **flags)["channel"])

    def add_app(self, name: str) -> Json:
        """Install another app: app, bot_user_id, bot_token, app_token."""
        return self.do("add_app", name=name)

    def change_user(self, user: str, **flags: Any) -> None:
        """Set flags of a user: is_admin, is_restricted, is_ultra_restricted, deleted."""
        self.do("change_user", user=user, **flags)

    def change_channel(self, channel: str, **fields: Any) -> None:
        """Set fields of a channel: kind, name, is_archived, is_ext_shared, connected_team_ids."""
        self.do("change_channel", channel=channel, **fields)

    def delete_channel(self, channel: str) -> None:
        self.do("delete_channel", channel=channel)

    def uninstall(self, app: str | None = None) -> None:
        """Take the app out of the workspace; its token is refused from then on."""
        self.do("uninstall", app=app)

    def reset(self) -> None:
        """The workspace as it was at the start, no faults, empty lists; sockets stay open."""
        self.do("reset")

    def do(self, verb: str, **arguments: Any) -> Json:
        """Any verb of the control API. Raises Refused."""
        request = urllib.request.Request(  # noqa: S310 - the address of a sandbox
            f"{self.url}/control/{verb}",
            data=json.dumps(_given(verb, arguments)).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_seconds) as reply:  # noqa: S310
                answer: Json = json.load(reply)
        except urllib.error.HTTPError as refusal:
            with refusal:
                told = json.load(refusal)
            raise Refused(told["error"], told.get("messages", [])) from None
        return answer

    def _messages(self, channel: str, ts: str | None, as_user: str | None) -> tuple[list[Message], int]:
        answer = self.do("messages", channel=channel, thread_ts=ts, as_user=as_user)
        return [Message.from_slack(raw) for raw in answer["messages"]], answer["version"]

    def _wait(
        self,
        look: Callable[[], tuple[Found | None, int]],
        timeout_seconds: float,
        describe: Callable[[], str],
        place: Mapping[str, str] | None = None,
    ) -> Found:
        deadline = time.monotonic() + timeout_seconds
        while True:
            found, version = look()
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not within {timeout_seconds} s; {describe()}")
            self.do("wait", after=version, timeout=min(left, _LONGEST_POLL_SECONDS), **(place or {}))

    def _described(self, channel: str, ts: str | None) -> str:
        lines = [f"{one.raw['user_name']}: {one.as_text()}" for one in self._messages(channel, ts, None)[0]]
        return "it reads\n" + "\n".join(lines)


def _given(verb: str, arguments: Mapping[str, Any]) -> Json:
    """Arguments that were left out stay out, but a fault's count of None means "always"."""
    return {name: value for name, value in arguments.items() if value is not None or verb == "fault"}
