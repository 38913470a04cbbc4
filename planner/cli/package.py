"""A plan with all that is made of it, in one folder with a page that leads to each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.base.errors import Fault, InputError
from planner.base.safe_text import xml_text
from planner.base.text import language, words
from planner.cli.terminal import say

if TYPE_CHECKING:
    from planner.instance.schema import Instance

__all__ = ["open_report", "refuse_taken", "write_package"]

_FILES = ("plan.json", "plan.certificate.json", "report.html", "plan.xlsx", "map.svg")
_REPORT = _FILES[2]
_INDEX, _TABLES = "index.html", "csv"


def refuse_taken(folder: Path, *, force: bool) -> None:
    """Raise C704 where a file is in the folder's place, C702 for each part of a package that is there."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault("C704", "--package", value=str(folder))])
    there = [folder / name for name in (*_FILES, _INDEX, _TABLES) if (folder / name).exists()]
    if there and not force:
        raise InputError(Fault("C702", "--package", value=str(path)) for path in there)


def open_report(folder: Path) -> None:
    """Open a package's report in the browser; where there is none, say where it lies."""
    import webbrowser

    report = (folder / _REPORT).resolve()
    if not webbrowser.open(report.as_uri()):
        say(words("cli.package.no_browser", path=report), err=True)


def write_package(folder: Path, plan_path: Path, instance: Instance, source: Path) -> Path:
    """Write plan, certificate, report, workbook, map and tables; gives the page that leads to them.

    Parameters
    ----------
    folder
        Made if it is not there.
    plan_path
        The plan's file.
    instance, source
        What it was made for, and beside what its background lies.
    """
    from planner.background.read import read_background
    from planner.base.files import write_beside, write_text
    from planner.outputs.map.files import write_picture
    from planner.outputs.map.scene import scene_of
    from planner.outputs.plan_book import plan_book
    from planner.outputs.summary import sentence
    from planner.outputs.tables import write_tables
    from planner.pages.document import page_document
    from planner.pages.html import report_html
    from planner.plans.file import plan_to_text, read_claims
    from planner.proof.certificate import certificate
    from planner.proof.check import check_plan

    plan, clock, claims = read_claims(plan_path)
    verdict = check_plan(plan, clock, instance, claims)
    scene = scene_of(plan, instance, ground=read_background(source))
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / _FILES[0], plan_to_text(plan, clock))
    write_text(folder / _FILES[1], certificate(plan, clock, instance, verdict, claims))
    write_text(folder / _REPORT, report_html(page_document(scene, verdict=verdict)))
    write_beside(folder / _FILES[3], plan_book(plan, instance))
    write_picture(scene, folder / _FILES[4], "svg")
    tables = write_tables(plan, clock, folder / _TABLES, instance=instance)
    links = [(name, f"cli.package.{name.replace('.', '_')}") for name in _FILES]
    rows = [f'<li><a href="{name}">{name}</a>: {xml_text(words(key))}</li>' for name, key in links]
    rows += [f'<li><a href="{_TABLES}/{path.name}">{_TABLES}/{path.name}</a></li>' for path in tables]
    lines = [
        "<!doctype html>",
        f'<html lang="{language()}"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{xml_text(instance.settings.name)}</title></head><body>",
        f"<h1>{xml_text(instance.settings.name)}</h1>",
        f"<p>{xml_text(sentence(plan, instance))}</p>",
        f"<ul>{''.join(rows)}</ul>",
        "</body></html>",
    ]
    return write_text(folder / _INDEX, "\n".join(lines) + "\n")
