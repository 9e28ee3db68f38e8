"""Whatever git says, a person reads one of our sentences, and nothing of what git quoted."""

import pytest

from ingestion.sources.git_complaints import in_words


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", "does not exist or needs a token"),
        ("remote: Not Found\nfatal: repository 'https://x/' not found", "does not exist or needs a token"),
        ("fatal: Authentication failed for 'https://x/'", "check GIT_TOKEN"),
        ("fatal: unable to access 'x': The requested URL returned error: 403", "check GIT_TOKEN"),
        ("fatal: unable to access 'x': The requested URL returned error: 301", "has moved"),
        ("fatal: unable to access 'x': The requested URL returned error: 429", "asks for a pause"),
        ("fatal: unable to access 'x': The requested URL returned error: 502", "does not answer"),
        ("fatal: unable to access 'x': SSL certificate problem: self-signed certificate", "GIT_CA_FILE"),
        ("fatal: unable to access 'x': server certificate verification failed. CAfile: none", "GIT_CA_FILE"),
        ("fatal: unable to access 'x': GnuTLS recv error (-110)", "does not answer"),
        ("fatal: unable to access 'x': Could not resolve host: x", "does not answer"),
        ("error: object 1: hasDotdot: contains '..'\nfatal: fsck error in packed object", "damaged objects"),
        ("remote: <!channel> s3cret", "Git could not read the repository."),
        ("", "Git could not read the repository."),
    ],
)  # fmt: skip
def test_complaints_become_sentences(complaint: str, sentence: str) -> None:
    said = in_words(complaint)
    assert sentence in said
    assert "fatal" not in said and "s3cret" not in said and said.endswith(".")
