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


@pytest.fixture
def no_database():
    """A test of stores leaves nothing to tell, and no database in use."""
    from planner.store import place

    yield
    place.take_told(lambda _: None)
    place.use_database("")


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """The folder of the instance of `tests.hub_plan`."""
    import hub_plan

    from planner.instance.write import write_instance

    folder = tmp_path_factory.mktemp("instances") / "hub"
    write_instance(folder, hub_plan.INSTANCE)
    return folder


@pytest.fixture
def plan(capsys):
    """Runs `plan`, whose exit code is `code`, and gives what it printed."""
    from planner.cli import main

    def run(*arguments, code=0):
        with pytest.raises(SystemExit) as stopped:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert stopped.value.code == code, out + err
        return out, err

    return run
