"""Project → effects and witnesses: what each run does to each stream; pure."""
