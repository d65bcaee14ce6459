"""What every test runs under: hypothesis tries the same examples each time, as a tool for repeatable runs should."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
