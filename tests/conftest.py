"""One profile for all property tests, the same examples everywhere; searches that take less than usual."""

import pytest
from hypothesis import settings

settings.register_profile("same_everywhere", derandomize=True)
settings.load_profile("same_everywhere")


@pytest.fixture
def short_searches(monkeypatch):
    """See `tests.quick_searches.propose_shortly`."""
    from tests.quick_searches import propose_shortly  # with much of the program

    propose_shortly(monkeypatch)


@pytest.fixture
def no_workers(monkeypatch):
    """See `tests.quick_searches.search_here`."""
    from tests.quick_searches import search_here

    search_here(monkeypatch)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """What is remembered of plans that were checked stays in the tests' own folder."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder))
        yield
