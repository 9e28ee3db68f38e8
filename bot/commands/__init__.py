"""What is typed after `python -m bot`, besides the bot itself.

insights, audit_log, erasing, channel_settings  what admins do in Slack, too
doctor         what works, what does not, and what to do; its checks in doctor_*, what they find in `finding`
keys           the key that seals workspaces' tokens
http_manifest  the manifest for HTTP mode (pure)
keyboard       who types
"""
