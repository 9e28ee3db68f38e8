"""What git says on its standard error, in words of our own: it may quote addresses, tokens and what strangers wrote. Pure."""

import re

_MISSING = "The repository does not exist or needs a token: check the address, or set GIT_TOKEN."

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"could not read Username|terminal prompts disabled|HTTP 401|error: 401", _MISSING),
    (
        r"Authentication failed|error: 403",
        "The repository may not be read with the token that is set: check GIT_TOKEN.",
    ),
    (r"repository '.*' not found|error: 404|error: 410", _MISSING),
    (r"error: 3\d\d|unable to update url base", "The repository has moved: give the address it has now."),
    (r"error: 429", "The host of the repository asks for a pause: too many requests."),
    (
        r"certificate",
        "The host of the repository could not prove who it is: its certificate is not known here (see GIT_CA_FILE).",
    ),
    (
        r"Could not resolve|Failed to connect|Connection (refused|reset)|timed out|Operation too slow|Empty reply|TLS|SSL|error: 5\d\d",
        "The host of the repository does not answer.",
    ),
    (r"fsck error|bad object|did not receive expected object", "The repository holds damaged objects."),
)


def in_words(complaint: str) -> str:
    """A sentence for a person."""
    for pattern, sentence in _SENTENCES:
        if re.search(pattern, complaint):
            return sentence
    return "Git could not read the repository."
