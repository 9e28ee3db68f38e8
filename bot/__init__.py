"""Slack in, a job out.

messages    Slack event → clean question; which events are ours (pure)
listeners   what Slack tells us → Intake
app         the Bolt application: middleware and listeners registered
connection  Socket Mode, kept up
"""
