"""Reads `rules/`: what each API does to which stream, and what each rule means."""
