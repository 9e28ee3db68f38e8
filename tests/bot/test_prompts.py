"""Questions to begin with: one for each title, few, and no longer than Slack takes."""

from bot.prompts import TITLES, suggested_prompts


def test_each_title_is_asked_about_once() -> None:
    assert suggested_prompts(["Annual leave", "Annual\n leave", " ", "VPN"]) == [
        {"title": "Annual leave", "message": "What should I know about Annual leave?"},
        {"title": "VPN", "message": "What should I know about VPN?"},
    ]


def test_there_are_no_more_than_slack_takes_and_none_is_too_long() -> None:
    prompts = suggested_prompts([f"{number} {'x' * 200}" for number in range(9)])
    assert len(prompts) == TITLES
    assert all(len(prompt["title"]) <= 75 for prompt in prompts)


def test_where_there_is_nothing_nothing_is_offered() -> None:
    assert suggested_prompts([]) == []
