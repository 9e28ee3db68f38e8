"""What stands in Slack's answers, and in what is no answer of Slack's."""

import pytest

from ingestion.sources.slack_answers import SOMEBODY, code_of, cursor_of, name_of, status_of


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"error": "not_in_channel"}, "not_in_channel"),
        ({"error": None}, ""),
        ({}, ""),
        ("<html>", ""),
        (None, ""),
    ],
)
def test_a_code_is_read_wherever_there_is_one(response: object, code: str) -> None:
    assert code_of(response) == code


def test_a_status_is_nought_where_there_is_none() -> None:
    assert status_of("<html>") == 0


@pytest.mark.parametrize(
    "page",
    [{}, {"response_metadata": None}, {"response_metadata": {}}, {"response_metadata": {"next_cursor": ""}}],
)
def test_the_last_page_has_no_cursor(page: object) -> None:
    assert cursor_of(page) == ""


def test_the_next_page_has_one() -> None:
    assert cursor_of({"response_metadata": {"next_cursor": "dXNlcg=="}}) == "dXNlcg=="


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"profile": {"display_name": "Ines\n", "real_name": "Ines Vidal"}, "name": "ines"}, "Ines"),
        ({"profile": {"display_name": "", "real_name": "Ines  Vidal"}, "name": "ines"}, "Ines Vidal"),
        ({"profile": None, "name": "ines"}, "ines"),
        ({}, SOMEBODY),
    ],
)
def test_people_are_called_as_they_call_themselves(user: dict[str, object], name: str) -> None:
    assert name_of(user) == name
