"""Journal: every call the apps made to the Web API, without their tokens."""

from dataclasses import asdict, dataclass

from sandbox.shapes import Json


@dataclass
class ApiCall:
    """One call. `at` in seconds since 1970; `replied` is False where the reply was lost on purpose."""

    method: str
    arguments: Json
    at: float
    seconds: float = 0.0
    app_id: str | None = None
    ok: bool = False
    error: str | None = None
    status: int = 200
    replied: bool = True


class Journal:
    """The calls so far, oldest first."""

    def __init__(self) -> None:
        self._calls: list[ApiCall] = []

    def open(self, method: str, arguments: Json, at: float) -> ApiCall:
        """Note a call as it arrives; the rest is filled in when it is answered."""
        shown = {name: value for name, value in arguments.items() if name != "token"}
        call = ApiCall(method=method, arguments=shown, at=at)
        self._calls.append(call)
        return call

    def calls(self, method: str | None = None) -> list[Json]:
        return [asdict(call) for call in self._calls if method in (None, call.method)]
