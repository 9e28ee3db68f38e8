"""Slack's Web API, called.

client         each call in its turn: pacing, shared_pace, limits
errors         Slack's errors as ours
messages       a message of ours, written and changed
pages, threads, names  lists, threads and people, read
"""
