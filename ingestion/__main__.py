"""`python -m ingestion add | sync | status | audience | schedule | people | remove | rebuild | move`: sources of documents, from the command line.

Exit code 0 when all went well, 1 when something could not be synced, 2 when the operator must act, 130 when
interrupted; what was interrupted goes on with the next sync.
"""

import logging
import sys

from ingestion import commands
from ingestion.arguments import parser
from ingestion.display import Display
from ingestion.workshop import Workshop
from rag.errors import ConfigError, Transient
from rag.settings import Settings

COMMANDS = {
    "add": commands.add,
    "sync": commands.sync,
    "audience": commands.audience,
    "schedule": commands.schedule,
    "pause": commands.pause,
    "resume": commands.resume,
    "people": commands.people,
    "status": commands.status,
    "remove": commands.remove,
    "rebuild": commands.rebuild,
    "move": commands.move,
}


def main() -> int:
    """Run the command that the arguments name."""
    arguments = parser().parse_args()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    try:
        with Workshop(Settings()) as workshop:
            return COMMANDS[arguments.command](arguments, workshop, Display(as_json=arguments.json))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except Transient as error:
        print(_sentence(str(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next sync goes on from here.", file=sys.stderr)
        return 130


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


if __name__ == "__main__":
    sys.exit(main())
