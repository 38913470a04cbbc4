"""Writes the pages of docs/ that are made from the program: instance_format, errors, rules, cli.

python scripts/make_docs.py           writes them
python scripts/make_docs.py --check   says which are out of date, and ends with 1 if any is
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from planner.cli import VERBS  # noqa: E402
from planner.instance.cells import LARGEST, LONGEST_DAYS, cell_text  # noqa: E402
from planner.instance.schema import TABLES, Column, Kind, Table  # noqa: E402
from planner.instance.settings import FORMAT, KEYS  # noqa: E402
from planner.rules import RULES  # noqa: E402
from planner.text import catalogue  # noqa: E402

NOTE = "<!-- Made by scripts/make_docs.py; change the program, not this page. -->\n"
TYPES: Mapping[Kind, str] = {
    Kind.ID: "id",
    Kind.REF: "id of a row of {refs}",
    Kind.TEXT: "text",
    Kind.COUNT: "whole number",
    Kind.DECIMAL: "number",
    Kind.DEGREE: "decimal degrees",
    Kind.MONEY: "whole number",
    Kind.INSTANT: "date and time with offset",
    Kind.HOUR: "HH:MM",
    Kind.DAYS: "days",
    Kind.DATE: "date",
    Kind.CHOICE: "one of {choices}",
    Kind.CHOICES: "some of {choices}, joined by +",
    Kind.NAMES: "names, joined by +",
    Kind.YESNO: "yes or no",
}
REFS = {
    "network": "`warehouses`, `hubs`, `regions` or `nodes`",
    "places": "`warehouses`, `hubs`, `regions` or `nodes`, or an `area` or `subarea` of `regions`",
    "calendars": "`calendars` (column `calendar`)",
}
CODE_GROUPS = {
    "I1": "Files",
    "I2": "Cells",
    "I3": "Ids",
    "I4": "Meaning",
    "W5": "Warnings",
    "R6": "What cannot be planned yet",
    "C7": "Command line",
    "B8": "Benchmark files",
    "E9": "Reports from the field, outages and extra goods",
    "P1": "Plan files",
    "D8": "Replans",
    "V2": "Decisions, people's own routes",
    "S4": "Changes and scenarios",
    "A1": "Tables given by Python",
    "X3": "Workbooks, local notation, lists of counts, new folders",
    "": "Further",
}


def instance_format() -> str:
    """The page on tables and plan.toml."""
    parts = [NOTE, _FORMAT_HEAD, _settings_table(), "## Tables\n", _overview()]
    parts += [_table(table) for table in TABLES.values()]
    return "\n".join(parts)


_FORMAT_HEAD = f"""# Instance format

An instance is a folder with `plan.toml` and one CSV file for each table, `TABLE.csv`, or a workbook with the
same tables ([workbooks](workbooks.md)). Only the required tables and one source of travel times (`edges` or
`known_trips`) must be there.

- CSV files are UTF-8 (a byte order mark is accepted), separated by commas, with the columns' names in the
  first line. Where semicolons separate them instead, numbers and dates may be written
  [as people do](workbooks.md#csv-files-as-spreadsheets-write-them). Lines may end in LF or CRLF; blank lines
  are skipped, spaces around a cell are taken off. The order of columns and rows does not matter.
- A column that is not required may be left out, and a cell of it may be empty: then its default holds.
- Unknown columns, unknown tables and unknown ids are faults; all faults of an instance are reported together,
  each with its code ([errors](errors.md)). Other kinds of files and sub-folders are ignored.
- Numbers have a decimal point, no thousands separators and no unit; none but degrees may be negative. No
  number, in the smallest unit it is kept in, exceeds {LARGEST:,}; no duration (unit s, min or h) exceeds
  {LONGEST_DAYS} days. Degrees are kept to nine decimals.
- Date and time: `2024-11-27T00:00+08:00`. Hours: `06:30` or `06.30`, up to `24:00`. Days: `daily`, weekdays
  joined by `+` (`mon+tue+wed+thu+fri+sat+sun`), or a date such as `2024-11-27`.
- Ids are text (`64.01.01.2009`) without `+`; upper and lower case differ. Warehouses, hubs, regions, nodes,
  areas and subareas have different ids; only a hub may have the id of the area or subarea whose office it is.

What the words mean is told in [concepts](concepts.md).

## plan.toml

The format is `{FORMAT}`. Instants are written as text or as TOML's own dates with offset.
"""


def _settings_table() -> str:
    lines = ["| key | type | required | default | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{key.name}` | {key.type} | {_yes(key.required)} | {key.default} | {_cell(key.description)} |"
        for key in KEYS
    ]
    return "\n".join(lines) + "\n"


def _overview() -> str:
    lines = ["| table | required | affects the plan | holds |", "|---|---|---|---|"]
    lines += [
        f"| [`{table.name}`](#{table.name}) | {_yes(table.required)} | {_yes(table.affects_plan)} "
        f"| {_cell(table.description)} |"
        for table in TABLES.values()
    ]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> str:
    names = {column.attribute: column.name for column in table.columns}
    key = ", ".join(f"`{names[attribute]}`" for attribute in table.key)
    lines = [f"### {table.name}", "", _cell(table.description), "", f"Named by: {key}.", ""]
    lines += ["| column | type | unit | required | default | meaning |", "|---|---|---|---|---|---|"]
    lines += [_column(column) for column in table.columns]
    if table.name == "regions":
        lines.append("| each of `counts` | whole number |  | yes |  | A count that plan.toml names. |")
    return "\n".join(lines) + "\n"


def _column(column: Column) -> str:
    default = "" if column.required else cell_text(column, column.default)
    shown = f"`{default}`" if default else ""
    return (
        f"| `{column.name}` | {_type(column)} | {column.unit} | {_yes(column.required)} | {shown} "
        f"| {_cell(column.description)} |"
    )


def _type(column: Column) -> str:
    refs = " or ".join(REFS.get(one, f"`{one}`") for one in column.refs)
    choices = _choices(column.choices) if column.choices else ""
    text = TYPES[column.kind].format(refs=refs, choices=choices)
    if column.kind in (Kind.COUNT, Kind.DECIMAL) and column.minimum == column.scale:
        text += ", at least 1"
    elif column.minimum:
        text += ", more than 0"
    return text


def _choices(choices: type[Enum]) -> str:
    return ", ".join(f"`{one.value}`" for one in choices)


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def errors() -> str:
    """The page on fault codes, in both languages."""
    parts = [NOTE, _ERRORS_HEAD]
    english, indonesian = catalogue("en"), catalogue("id")
    codes = sorted({key.split(".")[1] for key in english if key.startswith("faults.")})
    for prefix, title in CODE_GROUPS.items():
        group = [code for code in codes if code.startswith(prefix)]
        codes = [code for code in codes if code not in group]
        if not group:
            continue
        lines = [f"## {title}", "", "| code | cause | action |", "|---|---|---|"]
        for code in group:
            for texts in (english, indonesian):
                cause, action = (_fault_text(texts, code, side) for side in ("cause", "action"))
                lines.append(f"| {f'**{code}**' if texts is english else ''} | {cause} | {action} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _fault_text(texts: Mapping[str, str], code: str, side: str) -> str:
    """A text with the remarks that stand there where there is something to say."""
    text = texts[f"faults.{code}.{side}"]
    for name in ("unit", "nearest"):
        text = text.replace(f"{{{name}_note}}", texts[f"cli.faults.{name}"])
    return _cell(text)


_ERRORS_HEAD = """# Errors

Every fault of the input is reported with its code, table, row (line of the file; the header is line 1),
column, value, cause and action, in English or Bahasa Indonesia. All faults of an instance are reported
together; with any error the exit code is 2. Warnings (W) do not stop the work. A code is never used again for
something else.
"""


def rules() -> str:
    """The page on the rules of the world."""
    texts = catalogue("en")
    lines = [NOTE, _RULES_HEAD]
    lines += [
        "| rule | meaning | planned by | composed by | checked by | tests |",
        "|---|---|---|---|---|---|",
    ]
    for rule in RULES.values():
        meaning = _cell(texts.get(f"rules.{rule.id}.meaning", ""))
        tests = f"`{rule.satisfied}`, `{rule.violated}`"
        composed = f"`{rule.composed}`" if rule.composed else ""
        lines.append(
            f"| `{rule.id}` | {meaning} | `{rule.planned}` | {composed} | `{rule.checked}` | {tests} |"
        )
    return "\n".join(lines) + "\n"


_RULES_HEAD = """# Rules

Each rule of the world has one name, in engines, checker, reports and here. Where a plan is made to obey it
and where it is checked is separate code. What CP-SAT has to know of it, to pick trips and their hours, is a
module of `planner.compose.rules`, with two tests of its own in `tests/test_compose_rules.py`.
"""


def cli() -> str:
    """The page on the command line, from the help texts."""
    parts = [NOTE, _CLI_HEAD]
    for verb in VERBS:
        command: click.Command = import_module(f"planner.cli.{verb}").command()
        parts.append(_command(f"plan {verb}", command))
        if isinstance(command, click.Group):
            parts += [_command(f"plan {verb} {name}", one) for name, one in command.commands.items()]
    return "\n".join(parts)


def _command(name: str, command: click.Command) -> str:
    with click.Context(command, info_name=name) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        shown = [_option(one, context) for one in command.params if isinstance(one, click.Option)]
    lines = [f"## {name}", "", _cell(command.help or ""), "", "```", f"{name} {usage}", "```", ""]
    if shown:
        lines += ["| option | default | meaning |", "|---|---|---|", *shown, ""]
    return "\n".join(lines)


def _option(option: click.Option, context: click.Context) -> str:
    """A row; not with click's own words for types and defaults, which change from version to version."""
    value, default = "", ""
    if not option.is_flag:
        choices = option.type.choices if isinstance(option.type, click.Choice) else ()
        value = " " + ("|".join(choices) or option.type.name.split()[0].upper())
        found = option.get_default(context)
        default = str(found) if isinstance(found, (int, float, str)) else ""  # else click's mark for none
    shown = "required" if option.required else default
    return f"| `{_cell(', '.join(option.opts) + value)}` | {shown} | {_cell(option.help or '')} |"


_CLI_HEAD = """# Command line

`plan` is called as `python3 scripts/run.py plan …` (on Windows `py scripts\\run.py plan …`), or as `plan …`
after `pip install .`. Results go to stdout or a file, messages and progress to stderr. `--help` after any
verb shows what stands here; `--lang id` (anywhere, or `PLAN_LANG=id`) speaks Bahasa Indonesia.

| exit code | means |
|---|---|
| 0 | as asked: everybody is on time, the files are valid, the plan passes |
| 1 | something unexpected, or interrupted before there was anything to write |
| 2 | bad input or usage; each fault has its code ([errors](errors.md)) |
| 3 | a plan is written, but not all are on time or as guaranteed as asked (`LATE`, `IMPOSSIBLE`, …) |
| 4 | the independent check rejects the plan ([rules](rules.md)) |

`PLAN_DEBUG=1` shows the trace of an unexpected error.
"""


PAGES: Mapping[str, Callable[[], str]] = {
    "instance_format.md": instance_format,
    "errors.md": errors,
    "rules.md": rules,
    "cli.md": cli,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    stale = 0
    for name, make in PAGES.items():
        path, text = ROOT / "docs" / name, make()
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"docs/{name} is out of date: run python scripts/make_docs.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
