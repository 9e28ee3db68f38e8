"""Slack in, a job out.

messages    Slack event → clean question; which events are ours (pure)
listeners/  what Slack tells us → Intake, SlackChanges, Ledger, Feedback
home_view   the home tab (pure)
insights    python -m bot insights
channel_settings  python -m bot channel
handing_on  a question handed on to people (pure)
question_form  what one asks from anywhere (pure)
feedback_form  what somebody is asked who did not like an answer (pure)
app         the Bolt application: middleware and listeners registered
connection  Socket Mode, kept up
http_server    HTTP mode: the Request URL served
http_door      what of it Slack signed (in front of Bolt)
http_manifest  python -m bot manifest (pure)
"""
