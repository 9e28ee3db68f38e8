"""What is forgotten: retention (all of it, after some days), erasing (one person), purging (a workspace that took us out)."""
