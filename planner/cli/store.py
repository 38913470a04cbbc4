"""``plan store``: the one truth of a folder of plans: made, copied, put back, looked through, written out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import PATH, force_option, json_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.store.chain import Break
    from planner.store.copying import Soundness
    from planner.store.ledger import Ledger

__all__ = ["command", "make_store", "opened", "say_soundness"]


def command() -> click.Group:
    """The verb and its parts."""
    group = click.Group("store", help=words("cli.store.help"))
    in_folder = click.Option(["--in", "folder"], type=PATH, help=words("cli.store.in"))
    to = click.Argument(["target"], type=PATH)
    parts: dict[str, tuple[Callable[..., int], list[click.Parameter]]] = {
        "init": (_init, [click.Argument(["folder"], type=PATH, default=Path()), json_option()]),
        "backup": (_backup, [to, in_folder, force_option(), json_option()]),
        "restore": (_restore, [to, in_folder, force_option("cli.store.force"), json_option()]),
        "verify": (_verify, [in_folder, json_option("cli.store.json")]),
        "export": (_export, [to, in_folder, json_option()]),
        "erase": (_erase, _erase_options(in_folder)),
        "people": (_people, _people_options(in_folder)),
    }
    for name, (callback, params) in parts.items():
        text = words(f"cli.store.{name}")
        group.add_command(click.Command(name, callback=callback, params=params, help=text))
    return group


def _erase_options(in_folder: click.Option) -> list[click.Parameter]:
    return [
        click.Argument(["ids"], nargs=-1, required=True, metavar="ID..."),
        click.Option(["--by"], required=True, help=words("cli.store.by")),
        click.Option(["--table"], default="", help=words("cli.store.table")),
        in_folder,
        json_option(),
    ]


def _people_options(in_folder: click.Option) -> list[click.Parameter]:
    return [
        click.Argument(["action"], type=click.Choice(["add", "revoke", "list"])),
        click.Argument(["name"], default=""),
        click.Option(["--by"], default="", help=words("cli.store.people_by")),
        in_folder,
        json_option(),
    ]


def opened(folder: Path | None) -> tuple[Path, Ledger]:
    """The folder of plans that is meant, and its store.

    Raises
    ------
    InputError
        If it has none (K005).
    """
    from planner.plans.locate import FOLDERS
    from planner.store.ledger import ledger_of
    from planner.store.place import has_store

    places = [Path(one) for one in FOLDERS] if folder is None else [folder]
    for one in places:
        if has_store(one):
            return one, ledger_of(one)
    raise InputError([Fault("K005", "desk", value=str(places[-1]))])


def make_store(folder: Path) -> tuple[Ledger, list[Path]]:
    """Make the store of a folder and take over what stands there; gives tables that wait to be mended."""
    from planner.store.ledger import begun
    from planner.store.place import given

    made = begun(folder, given())
    waiting = _taken_over(folder)
    _keep_files(folder, made)
    return made, waiting


def _init(folder: Path, *, as_json: bool) -> int:
    made, waiting = make_store(folder)
    with made.reading() as work:
        reports, approved = (len(work.entries(kind)) for kind in ("report", "approval"))
    if as_json:
        counted = {"where": str(made.where), "approvals": approved, "reports": reports}
        say_json({**counted, "waiting": [str(one) for one in waiting]})
        return int(ExitCode.OK)
    say(words("cli.store.made", where=made.where, approvals=approved, reports=reports))
    for path in waiting:
        say(words("cli.store.waiting", path=path), err=True)
    say(words("cli.store.mirrors"))
    return int(ExitCode.OK)


def _taken_over(folder: Path) -> list[Path]:
    """Take over approvals and reports of a folder; gives tables that wait for somebody to mend them."""
    from planner.events.read import read_table
    from planner.plans.locate import find_any
    from planner.plans.registry import approvals

    there = approvals(folder)
    tables: dict[Path, Path | None] = {folder / one.events: folder / one.plan for one in there}
    tables |= {path: None for path in sorted(folder.glob("*.events.csv")) if path not in tables}
    waiting = []
    for path, plan in tables.items():
        if not path.is_file():
            continue
        try:
            if path.resolve().parent != folder.resolve():
                raise InputError([Fault("K019", path.name, value=str(path))])
            found = find_any(
                folder / f"{path.name.removesuffix('.events.csv')}.json" if plan is None else plan
            )
            read_table(path, found.instance, found.plan)
        except InputError:
            waiting.append(path)
    return waiting


def _keep_files(folder: Path, ledger: Ledger) -> None:
    """Keep the plans that were approved before there was a store, and their tables, where they are there."""
    from planner.plans.locate import files_of, find_any
    from planner.plans.registry import approvals
    from planner.store.ledger import New

    by_digest = {one.digest: one for one in approvals(folder)}
    for one in by_digest.values():
        try:
            files = files_of(find_any(folder / one.plan))
        except (InputError, OSError):
            continue
        with ledger.writing() as work:
            more = {"files": work.keep_files(files)}
            work.add([New("files", "", one.digest, one.by, {"plan": one.plan}, more=more)])


def _backup(target: Path, folder: Path | None, *, force: bool, as_json: bool) -> int:
    from planner.store.copying import copied_to

    if target.is_dir() or (target.exists() and not force):
        raise InputError([Fault("C703" if target.is_dir() else "C702", "TARGET", value=str(target))])
    _, ledger = opened(folder)
    copied_to(ledger, target)
    if as_json:
        say_json({"path": str(target)})
    else:
        say(words("cli.store.copied", path=target))
    return int(ExitCode.OK)


def _restore(target: Path, folder: Path | None, *, force: bool, as_json: bool) -> int:
    from planner.plans.registry import approvals
    from planner.store.copying import opened_copy, restored
    from planner.store.ledger import begun
    from planner.store.place import given, has_store

    with opened_copy(target) as copy:
        if folder is not None and not has_store(folder):
            begun(folder, given())
        place, ledger = opened(folder)
        lost = restored(ledger, copy, force=force)
    approvals(place)
    with ledger.reading() as work:
        entries = work.head()[0]
    if as_json:
        say_json({"path": str(target), "entries": entries, "lost": lost})
        return int(ExitCode.OK)
    say(words("cli.store.restored", path=target, entries=entries))
    if lost:
        say(words("cli.store.restored_without", number=lost), err=True)
    return int(ExitCode.OK)


def _verify(folder: Path | None, *, as_json: bool) -> int:
    from planner.store.copying import soundness

    return say_soundness(soundness(opened(folder)[1]), as_json=as_json)


def say_soundness(found: Soundness, *, as_json: bool) -> int:
    """Say what a store is found to be; gives the exit code."""
    code = ExitCode.OK if found.is_sound else ExitCode.CHECK_FAILED
    if as_json:
        broken = [{"seq": one.seq, "kind": one.kind.value} for one in found.breaks]
        document = {"sound": found.is_sound, "entries": found.entries, "head": found.head}
        say_json(document | {"breaks": broken, "lost_files": list(found.lost)})
        return int(code)
    for one in found.breaks:
        say(_sentence(one), err=True)
    for digest in found.lost:
        say(words("cli.store.lost_file", digest=digest), err=True)
    say(words("cli.store.sound" if found.is_sound else "cli.store.broken", entries=found.entries))
    say(words("cli.store.head", head=found.head))
    return int(code)


def _sentence(one: Break) -> str:
    return words(f"cli.store.break.{one.kind.value}", seq=one.seq)


def _export(target: Path, folder: Path | None, *, as_json: bool) -> int:
    from planner.store.copying import export_files

    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError([Fault("C702", "TARGET", value=str(target))])
    _, ledger = opened(folder)
    number = sum(1 for _ in export_files(ledger, target))
    if as_json:
        say_json({"path": str(target), "files": number})
    else:
        say(words("cli.store.exported", number=number, path=target))
    return int(ExitCode.OK)


def _erase(ids: tuple[str, ...], by: str, table: str, folder: Path | None, *, as_json: bool) -> int:
    from planner.plans.registry import approvals
    from planner.store.erasing import erase
    from planner.store.reports import stored_reports

    if not by.strip():
        raise InputError([Fault("E955", "--by", value=by)])
    place, ledger = opened(folder)
    erased = erase(ledger, ids, by.strip(), table)
    for book in sorted({one.book for one in erased if one.kind == "report"}):
        stored_reports(place / book)
    approvals(place)
    aside = [one.name for one in sorted(place.glob("*.as-found-*"))]
    if as_json:
        say_json({"erased": len(erased), "not_erased": aside})
        return int(ExitCode.OK)
    say(words("cli.store.erased", number=len(erased)))
    say(words("cli.store.erased_not", files=", ".join(aside) or "-"))
    return int(ExitCode.OK)


def _people(action: str, name: str, by: str, folder: Path | None, *, as_json: bool) -> int:
    from planner.base.safe_text import label_text
    from planner.store.people import TOKEN, add_person, people_of, revoke_person

    _, ledger = opened(folder)
    name, by = label_text(name).strip(), label_text(by).strip()
    if action == "list":
        people = people_of(ledger)
        if as_json:
            say_json(
                {"people": [{"name": one.name, "since": one.since, "until": one.until} for one in people]}
            )
        for one in () if as_json else people:
            key = "person_until" if one.until else "person"
            say(words(f"cli.store.{key}", name=one.name, since=one.since[:16], until=one.until[:16]))
        return int(ExitCode.OK)
    if not name or not by:
        raise InputError([Fault("E955", "--by" if name else "NAME", value=by if name else name)])
    if action == "revoke":
        revoke_person(ledger, name, by)
        if as_json:
            say_json({"name": name, "revoked": True})
        else:
            say(words("cli.store.revoked", name=name))
        return int(ExitCode.OK)
    token = add_person(ledger, name, by)
    if as_json:
        say_json({"name": name, "token": token})
    else:
        say(token)
        say(words("cli.store.token", name=name, variable=TOKEN), err=True)
    return int(ExitCode.OK)
