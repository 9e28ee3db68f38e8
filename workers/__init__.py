"""Jobs: a question in, a reply posted; a run in, a source synced.

asked          a question on its way: as it came, as it is held, as it ended
ledger         the durable record of every question: states, lease, stored answer; its tables in `tables`, rows in `ledger_rows`
intake         a question is written down, then a worker is woken
answering_job  one question from claim to final message
lease          keeps a claim alive while its job runs
access         who will read the answer
feedback       what people thought of it
home           what the home tab shows to one person
channels       what is set for single channels
following      which messages of a thread are meant for us though nobody mentions us
unasked        questions that nobody asked us: what is looked at, and what is worth saying
languages      what we say ourselves, in the language of the question (pure)
saving         a message becomes a verified answer
people         who is asked what the documents do not say
attachments    files that came with a question
slack_changes  what happened in channels that are sources
replies        the way back to the thread: history, placeholder, final message; private_replies: to the asker alone
growing        an answer that is seen to grow
rendering      Answer → Block Kit (pure), out of the small parts in `elements`, cut by `cutting`; showing: with what belongs below
aging          answers whose pages have changed
sweeping       what the broker or a dying worker lost is enqueued again
syncing_job    one run of a source
parts          what a worker needs, built once and closed in reverse
app            the one place that configures Celery
tasks          names and ten lines each; no logic
embedded       the same worker and beat as threads of the bot process

slack/         Slack's Web API, called: paced, its errors as ours, pages, messages, threads
admin/         what admins do and see, each noted
reporting/     what the admin channel is told by itself
operating/     logs, metrics, traces, health
privacy/       what is forgotten, and when
tenancy/       several workspaces from one installation
"""
