"""What admins do and see from Slack. Whether somebody is one is asked at each action.

administering  the one door: who may, every refusal noted; admins: who is one
audit          what was done, and what was refused: only added to, and chained
admin_sight    what all that read the admin channel may see
source_admin, channel_admin  what is done to sources, to channels; said by source_words, channel_words (pure)
once           what is to be done once, though it is told of twice
reindexing     /reindex: one message that tells how far it is, by reindex_words (pure)
pinned_list    the list of sources, kept as things are
trials, explaining_job  a question tried, to see what is found and why; said by explaining_words (pure)
looking        into a file before it is a source
overseeing     what the home tab tells admins: standing and working (health), failures, insights
"""
