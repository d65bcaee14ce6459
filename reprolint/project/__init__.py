"""Modules → Project: what imports what, where runs start; pure."""
