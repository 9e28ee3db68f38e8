"""What admins say in their channel, and what they are shown. All pure but `looks`, which looks.

vocabulary, words, commands  a message's text → a command; trial_words and reindex_command: what follows two of them
replies, channel_replies     what is answered
source_proposal, source_card what is asked before a source is added, and what stands under one; source_fields: what is chosen in forms
adding_form, channel_form, digest_forms  the other forms
home, looks                  the home tab, and what it looks at
estimate_words               what reading a source would cost
"""
