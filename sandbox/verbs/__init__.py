"""The verbs of the control API, a file per family. A verb is a function and a line in VERBS."""

from collections.abc import Awaitable, Callable, Mapping

from sandbox.arguments import Arguments
from sandbox.platform import Platform
from sandbox.shapes import Json

Verb = Callable[[Platform, Arguments], Awaitable[Json]]
Verbs = Mapping[str, Verb]
