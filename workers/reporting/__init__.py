"""What the admin channel is told by itself: once, in one thread a subject.

reports        what fails, is late, cannot be read, or is old: found now, compared with what was told; said by report_words (pure)
report_book    what was told, and where; report_events: what there is to tell (pure)
report_posting from the book into the channel, through crashes
digests        the week, when it is due (weekly) or asked for; digest reads it, digest_words says it (pure)
usage          how much answers rest on each source
"""
