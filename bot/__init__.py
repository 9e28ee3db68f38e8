"""Slack in, a job out.

messages    Slack event → clean question; which events are ours (pure)
listeners/  what Slack tells us → Intake, SlackChanges, Ledger, Feedback
admin/      what admins say, and the messages and forms they read (pure)
commands/   what is typed after `python -m bot`
home_view   the home tab (pure)
handing_on  a question handed on to people (pure)
question_form, answer_form, feedback_form  what somebody is asked (pure)
app         the Bolt application: middleware and listeners registered
wiring      what the listeners of a workspace are made of
running     the process, from its start to its end
connection  Socket Mode, kept up
http_server, http_door  HTTP mode: the Request URL served, and what of it Slack signed
hosting, installing     several workspaces behind one Request URL, and how one installs us
scopes      what each scope of the manifest is for
"""
