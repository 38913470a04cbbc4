"""The command line: one module for each verb, imported only when the verb is used; no logic."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import click

from planner.base.errors import ExitCode, Fault
from planner.base.text import LANGUAGES, set_language, words
from planner.base.version import __version__
from planner.cli.click_words import in_language, speak
from planner.cli.terminal import drop_held, program, say_held, set_wide
from planner.store.place import as_channel, take_told, use_database

__all__ = ["main"]

VERBS = (
    "init",
    "validate",
    "network",
    "solve",
    "evaluate",
    "check",
    "show",
    "approve",
    "event",
    "scan",
    "store",
    "desk",
    "people",
    "status",
    "replan",
    "diff",
    "batch",
    "export",
    "report",
    "papers",
    "messages",
    "problem",
    "preparation",
    "bulletin",
    "bench",
)

# Plans are many small objects without cycles: as seldom as this, looking for cycles costs next to nothing and
# no more memory; as often as is usual it takes a sixth of a replan.
_COLLECT_AFTER = (100_000, 20, 50)


class _Verbs(click.Group):
    """Looks a verb up in its own module, so that ``plan --help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        make: Callable[[], click.Command] = import_module(f"planner.cli.{cmd_name}").command
        return in_language(make())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(words("cli.help.verbs")):
            formatter.write_dl([(verb, words(f"cli.{verb}.short")) for verb in VERBS])


def _group() -> click.Group:
    group = _Verbs(
        name="plan",
        help=words("cli.help.about"),
        context_settings={"help_option_names": ["-h", "--help"]},
        params=[
            click.Option(
                ["--lang"], type=click.Choice(LANGUAGES), help=words("cli.help.lang"), expose_value=False
            ),
            click.Option(["--database"], metavar="URL", help=words("cli.help.database"), expose_value=False),
            click.Option(["--wide"], is_flag=True, help=words("cli.help.wide"), expose_value=False),
        ],
    )
    click.version_option(__version__, prog_name="plan")(group)
    return in_language(group)


def _take_shared(arguments: Sequence[str]) -> list[str]:
    """Take what may stand anywhere, else in the environment: language, database, width; give the rest."""
    set_wide(wide="--wide" in arguments)
    arguments = [one for one in arguments if one != "--wide"]
    rest: list[str] = []
    taken: dict[str, str] = {}
    waiting = ""
    for one in arguments:
        name, is_set, value = one.partition("=")
        if waiting:
            taken[waiting], waiting = one, ""
        elif name not in ("--lang", "--database"):
            rest.append(one)
        elif is_set:
            taken[name] = value
        else:
            waiting = name
    if waiting == "--database":
        raise click.UsageError(words("cli.error.database"))
    chosen = taken.get("--lang") or os.environ.get("PLAN_LANG") or LANGUAGES[0]
    database = taken.get("--database", "")
    use_database(database or os.environ.get("PLAN_DATABASE", ""), explicit=bool(database))
    as_channel(" ".join(["plan", *(one for one in rest[:2] if one.isalpha())]))
    if chosen not in LANGUAGES:
        raise click.UsageError(words("cli.error.language", value=chosen, known=", ".join(LANGUAGES)))
    set_language(chosen)
    return rest


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code (``docs/concepts.md``)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a sign shows "?"
    gc.set_threshold(*_COLLECT_AFTER)
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    drop_held()
    try:
        speak()
        rest = _take_shared(given)  # the language first, in which all that follows is made
        code = _group().main(args=rest, prog_name=program(), standalone_mode=False)
        say_held()
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(int(ExitCode.BAD_INPUT))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(int(ExitCode.UNEXPECTED))
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(_failed(error, as_json=as_json))
    finally:
        take_told(_show_told)


def _failed(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong; gives the exit code."""
    from planner.cli.failure import exit_code_of, is_expected, say_failure

    if os.environ.get("PLAN_DEBUG") and not is_expected(error):
        raise error
    drop_held()
    say_failure(error, as_json=as_json)
    say_held()
    return int(exit_code_of(error))


def _show_told(faults: Sequence[Fault]) -> None:
    from planner.cli.printing import show_faults

    show_faults(faults)
