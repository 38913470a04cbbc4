"""One profile for all property tests: the same examples in every run, so what passes, passes everywhere."""

from hypothesis import settings

settings.register_profile("same_everywhere", derandomize=True)
settings.load_profile("same_everywhere")
