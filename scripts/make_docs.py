"""Writes the pages of docs/ that are made from the program: instance_format, errors, rules, cli,
json and its schema, events, rooms and its picture.

python scripts/make_docs.py           writes them
python scripts/make_docs.py --check   says which are out of date, and ends with 1 if any is
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path

import click
import networkx as nx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


from planner.background.read import MOST_BYTES, MOST_POSITIONS  # noqa: E402
from planner.background.schema import KINDS as GROUND_KINDS  # noqa: E402
from planner.background.schema import GroundKind  # noqa: E402
from planner.base.rules import RULES  # noqa: E402
from planner.base.text import catalogue  # noqa: E402
from planner.cli import VERBS  # noqa: E402
from planner.events.kinds import KEYWORDS, KINDS, PLACES, ValueKind  # noqa: E402
from planner.events.schema import COLUMNS, EventKind  # noqa: E402
from planner.instance.cells import LARGEST, LONGEST_DAYS, cell_text  # noqa: E402
from planner.instance.schema import TABLES, Column, Kind, Table  # noqa: E402
from planner.instance.settings import FORMAT, KEYS  # noqa: E402
from scripts.json_answers import page, schema  # noqa: E402
from scripts.structure import ROOMS, arrows, modules_of  # noqa: E402

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
    "B5": "Backgrounds of pictures",
    "B8": "Benchmark files",
    "E9": "Reports from the field, outages and extra goods",
    "P1": "Plan files",
    "D8": "Replans",
    "V2": "Decisions, people's own routes",
    "S4": "Changes and scenarios",
    "A1": "Tables given by Python",
    "K0": "The store of a desk",
    "H1": "Boxes that were scanned",
    "X3": "Workbooks, local notation, lists of counts, new folders",
    "": "Further",
}


def instance_format() -> str:
    """The page on tables and plan.toml."""
    parts = [NOTE, _FORMAT_HEAD, _settings_table(), "## Tables\n", _overview()]
    parts += [_table(table) for table in TABLES.values()]
    return "\n".join(parts)


def background() -> str:
    """The page on what maps are drawn on."""
    rows = []
    for kind, rule in GROUND_KINDS.items():
        needs = f"{_yes(rule.is_named)} | {_yes(rule.is_coded)}"
        rows.append(f"| `{kind.value}` | {rule.form.value} | {needs} | {GROUND[kind]} |")
    assert set(GROUND) == set(GROUND_KINDS)
    return "\n".join([NOTE, _BACKGROUND_HEAD, *rows]) + "\n"


GROUND = {
    GroundKind.LAND: "Land; where there is some, all else is sea (inside the `bbox` of its file).",
    GroundKind.LAKE: "A lake.",
    GroundKind.AREA: "Border of an area of `regions` (`code`), or of a neighbour.",
    GroundKind.SUBAREA: "Border of a subarea of `regions`.",
    GroundKind.REGION: "Border of a region: it is filled by its class instead of having a mark.",
    GroundKind.RIVER: "Course of a river; the wider the smaller its `rank`.",
    GroundKind.ROAD: "Course of a road.",
    GroundKind.SEAT: "Seat of an area; `rank` 1 is the most important one.",
    GroundKind.TOWN: "Any other town or village that people know a place by.",
    GroundKind.SEA: "Where the name of a sea stands.",
    GroundKind.NEIGHBOUR: "Where the name of what lies beyond the border stands.",
}

_BACKGROUND_HEAD = f"""# Background of maps

Files `background/*.geojson` beside the tables of an [instance](instance_format.md), or
`name.background/*.geojson` beside its workbook `name.xlsx` (workbooks without
one of their own share `background/` there),
are what [maps](outputs.md#maps) are drawn on. No plan depends on them: they are in no digest, and only maps
read them. `plan validate` reports their faults with all others
([B501 to B517](errors.md#backgrounds-of-pictures)), `plan init --from FOLDER --area IDS` cuts them.

Each file is a FeatureCollection of GeoJSON (RFC 7946): UTF-8, longitude before latitude, degrees of WGS 84.
All files together have at most {MOST_BYTES // 1_000_000} MB and {MOST_POSITIONS:,} positions. Properties of a
feature; `kind`, `source`, `licence` and `rank` may stand at the collection for all of its features, others
are ignored:

| property | type | required | meaning |
|---|---|---|---|
| `kind` | text | yes | What it is, below. |
| `name` | text | by kind | As people call it. |
| `code` | text | by kind | Its id in the tables: of a region, area or subarea. |
| `rank` | whole number |  | 1 (the default) for the most important, and upwards. |
| `source` | text | yes | Where it comes from; shown with the map. |
| `licence` | text | yes | Its licence; shown with the map. |

A collection may have a `notice` too, a text that must travel with what is drawn of it (for instance that of a
licence), and a `bbox`: outside of it the file does not know land from water. What crosses the 180th
meridian is cut there into parts, and its box has a west that is larger than its east, as RFC 7946 wants;
maps join it again.

| kind | form | needs a name | needs a code | what it is |
|---|---|---|---|---|"""


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
  each with its code ([errors](errors.md)). Other kinds of files and sub-folders are ignored,
  but for [`background`](background.md).
- Numbers have a decimal point, no thousands separators and no unit; none but degrees may be negative. No
  number, in the smallest unit it is kept in, exceeds {LARGEST:,}; no duration (unit s, min or h) exceeds
  {LONGEST_DAYS} days. Degrees are kept to nine decimals.
- Date and time: `2024-11-27T00:00+08:00`. Hours: `06:30` or `06.30`, up to `24:00`. Days: `daily`, weekdays
  joined by `+` (`mon+tue+wed+thu+fri+sat+sun`), or a date such as `2024-11-27`.
- Words of Indonesia are accepted in every table, whatever the language: modes `darat`, `sungai`, `laut`,
  `udara`, `jalan kaki`; `pulang`, `berhenti`, `di mana saja` (overnight); `ya`, `tidak`; `Senin` to `Minggu`,
  `Senin-Jumat` (and `mon-fri`), `setiap hari`; `26 Nov 2024` and `26 November 2024 08.00 WITA`, with the
  names of months in Indonesian or English; `WIB`, `WITA`, `WIT` as `time_zone` too.
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


def events() -> str:
    """The page on reports from the field."""
    lines = [
        NOTE,
        _EVENTS_HEAD,
        "| kind | in Indonesian | about | needs | may have | what it means |",
        "|---|---|---|---|---|---|",
    ]
    for kind, rule in KINDS.items():
        places = "" if rule.places == PLACES else f" (`place`: {', '.join(rule.places)})"
        needs, may = (_names(columns) for columns in (rule.needs, rule.may))
        value = VALUES[rule.value] if "value" in rule.columns else ""
        meaning = " ".join(filter(None, (MEANINGS[kind], value)))
        called = next(word for word, one in KEYWORDS.items() if one is kind)
        lines.append(
            f"| `{kind}` | `{called}` | {', '.join(rule.subjects)} | {needs} | {may}{places} | {meaning} |"
        )
    return "\n".join(lines) + "\n"


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in columns)


MEANINGS: Mapping[EventKind, str] = {
    EventKind.LOADED: "Loading ended at `from`.",
    EventKind.DEPARTED: "It left its origin, or `place`, at `from`.",
    EventKind.ARRIVED: "It came to its next stop, or to `place`, at `from`.",
    EventKind.DELIVERED: "Handed over in good order at its next stop, or at `place`, at `from`.",
    EventKind.DAMAGED: "Units, or so many of `item`, came damaged: as many are sent again from stock.",
    EventKind.MISSING: "Units, or so many of `item`, did not come: as many are sent again from stock.",
    EventKind.RECALL: "Units, or so many of `item`, are called back (wet, short): as many are sent again.",
    EventKind.FETCHED: "It took over the goods of a vehicle that had broken down, at `from`.",
    EventKind.SKIPPED: "Passed by at `from`: its goods stay aboard, for after the stops that are left; "
    "else they come back with the vehicle and are planned anew from there.",
    EventKind.REFUSED: "Somebody was there at `from` and handed nothing over; the goods as for `skipped`.",
    EventKind.PARTLY: "So many units were handed over at `from`; the rest as for `skipped`.",
    EventKind.RETURNED: "Goods of a region or hub, or all aboard a vehicle that came back at `from`, "
    "are again where they were loaded, and planned anew.",
    EventKind.TAKEN_OVER: "From `from` on it has the goods for `place` that another vehicle had, "
    "also beyond what it should carry; `delivered` tells later that it handed them over.",
    EventKind.MISDELIVERED: "Units, or so many of `item`, were handed over to somebody else (`place`): "
    "as many are sent again from stock; `found` when they are back.",
    EventKind.FOUND: "So many of what was `missing` or `misdelivered` are there after all, and are not "
    "replaced; what replaces them is still brought where it had been loaded.",
    EventKind.FEWER: "So many units are not needed any more, those with the highest numbers; those loaded "
    "already are still brought.",
    EventKind.DELAY: "Late on the leg to its next stop, or to `place`: by `value`, or until `until`.",
    EventKind.BREAKDOWN: "It stands from `from` on, for good or until `until`; goods aboard are fetched.",
    EventKind.REPAIRED: "It can be used again from `from` on.",
    EventKind.CLOSURE: "Closed from `from` on, for good or until `until`.",
    EventKind.OPENED: "Open again from `from` on.",
    EventKind.SPEED: "Travel is slower or faster: of an edge, all edges of a mode, or a vehicle type.",
    EventKind.DEMAND: "More is needed: units (`2`, or `tps=2 voters=500`), or so many of `item`.",
    EventKind.STOCK: "Of `item` more comes at `from`, or some is gone; without `value`: it comes at `from`.",
    EventKind.VEHICLE_ADDED: "More vehicles (one, or `value`) of a type, or of `type` at a warehouse or hub.",
    EventKind.VEHICLE_LOST: "Out of use: a vehicle, a whole type, or so many of it.",
    EventKind.ESCORT: "Refused (E914) until escorts are planned: a report would change nothing.",
    EventKind.DOCK: "So many docks can be used.",
    EventKind.WAREHOUSE: "The place is closed, or open again.",
    EventKind.CALENDAR: "Other hours on the days from `from` to `until`.",
    EventKind.DEADLINE: "It, or all of an area, must have received before `until`.",
    EventKind.CONTACT: "This person is to be called, instead of those known so far.",
    EventKind.LONGEST_DELAY: "Legs may be late by this at most, which guarantees withstand, in place of what "
    "rows of `delays` about just the same, or the edge itself, say.",
    EventKind.DECISION: "People have decided, as in a row of the table `decisions`: `type` is its rule "
    "(`use`, `never_use`, `day`, `depart_at`, `together`, `leave_out`), `value` its value; or `type` is "
    "`lifted` (`dicabut`), and the subject names decisions by the ids of their rows or reports.",
    EventKind.VOID: "Takes the report back; goods planned by it are still brought where that has begun.",
}
VALUES: Mapping[str, str] = {
    ValueKind.NONE: "",
    ValueKind.DURATION: "`value`: a duration (`2h`, `2 jam`, `90 menit`, `1h30`).",
    ValueKind.PERCENT: "`value`: percent of the usual speed (`60%`).",
    ValueKind.NUMBER: "`value`: how many, at least 1.",
    ValueKind.LEVEL: "`value`: how many, 0 or more.",
    ValueKind.CHANGE: "`value`: how many more (`200`) or fewer (`-200`).",
    ValueKind.COUNTS: "`value`: how many.",
    ValueKind.HOURS: "`value`: `06:00-18:00` (or `6-18`), several joined by `+`, `closed` (`tutup`), or "
    "`open` (`buka`) for the whole day.",
    ValueKind.TEXT: "",
    ValueKind.MARGIN: "`value`: percent of the time, a duration, or both (`25% + 40 min`); `0%`: none.",
    ValueKind.CONTACT: "`value`: a name and a telephone number (`Pak Budi 0812-3456-789`).",
    ValueKind.OPEN: "`value`: `open` (`buka`), or `closed` (`tutup`), which is meant if it is empty.",
}
_EVENTS_HEAD = f"""# Reports from the field

What happens while a plan is carried out is kept in one table beside the plan, `PLAN.events.csv`, one row
for each report. `plan status` and `plan replan` ([replanning](replanning.md)) read it. Rows can be typed
into the table, or added one by one, which says what was understood. All commands of this page are run by a
test, from a folder that holds `instances/toy`; in practice `--time` is left out, and now is meant.

```console
$ plan solve instances/toy --effort 1 --output toy.json
$ plan approve toy.json --by Sari
toy.json is in force now, approved by Sari; its reports are in toy.events.csv.
$ plan event add toy.json delay VAN-01 "20 menit" --note ferry --time 2025-03-03T08:40+03:00
E0001: Van 1 (van-01) is delayed by 20 min (as of 3 Mar 08:40); … note: ferry.
$ plan event add toy.json delivered "Elm hospital" --from 08.55 --time 2025-03-03T09:00+03:00
E0002: Elm hospital (elm): delivered in good order at 3 Mar 08:55; …
$ plan event add toy.json delivered VAN-01 --place birch --time 2025-03-03T09:00+03:00   # exit code 2
E920  events, from
$ plan event add toy.json void E0002 --time 2025-03-03T09:10+03:00
E0003: E0002 taken back.
$ plan event confirm toy.json VAN-01 --by Sari --time 2025-03-03T09:30+03:00
Due and not reported: …
… confirmed at once by Sari …
$ plan event undo toy.json --time 2025-03-03T09:31+03:00
$ plan event list toy.json
3 Mar 08:40 E0001: Van 1 (van-01) is delayed by 20 min …
$ plan event check toy.json
```

## The table
The columns are {_names(COLUMNS)}; the first four must be there.

- `time` is when something was reported, and must not be after now: by up to 5 minutes it may, since clocks of
  two desks differ; then the last report's moment is taken as now, and this is said. A report that is told
  without `--time` is never before those that stand in the table. `from` is when it happened or begins,
  `until` how long it lasts. Without `from` the time of the report is meant; a flood may be announced for
  tomorrow. A moment is written with its day (`2024-11-25T14:30+08:00`, or in local time `2024-11-25 14.30`,
  `25 Nov 14.30`, `besok 08.00`); in `from` and `until` a time of day (`14.30`) is enough, and means the day
  of the report. For what holds for some time (`calendar`, `closure`, `warehouse`, `speed`, …) the day alone
  is enough: in `from` its beginning, in `until` its end; else the fault (E987) says what to type.
- `subject` is what the report is about: one or more ids or names, joined by `+`. A vehicle is called as in
  plans (`TYPE-03`). A report about a vehicle is about the trip on which it should be then, and its next
  stop, unless `place` says which. Two people may report one stop: what comes within 10 minutes and too soon
  to be of the next one is the same told again; later, it is refused unless the place is named (E943). Who
  was loaded before his goods had come to the warehouse was not (E945), or more had come: that is a report of
  its own (`stock`).
- The order of rows is without effect. Of several delays of one subject on one leg, the last report holds.
- `trip`, `stop` and `plan` say what a report about a trip or a stop was understood to mean when it was
  entered: the trip, the number of its stop in the plan then in force (0: the origin; one more than there are:
  the way back), and that plan; of `taken_over` the trip that took over, `+`, and the trip with the goods;
  `plan event add` fills them in and shows them, with the moment in `from`. They hold in every later plan,
  whatever the hour: nothing is matched again. A replan keeps what it understood of rows that were typed by
  hand. Where a trip has become another one of the same vehicle, that is meant; where it is not planned any
  more, the report has no effect, and that is said. A delay told between two trips is about the next one.
- What was told before is asked about: `plan event add` refuses it (E961) unless `--again` says that it is one
  more, or somebody at the terminal answers so. Moments up to 10 minutes apart are the same.
- History is what happened. No report changes what had ended before it began: a slower river holds from then
  on, also for who is under way; hours of today from now on; and of goods that are `stock` -20, what is loaded
  cannot be gone any more. A report that contradicts another one about the same vehicle, stop or goods
  (`skipped` what was `delivered`, `delivered` what was `returned`, a place to which no drive is as short, …)
  is *disputed*: it is kept and shown, but has no effect until one of the two is taken back (`void`). What was
  told first stands, and what the plan in force was made by. So it is for a breakdown and what is told of
  goods that its vehicle should have brought to a hub after it. A vehicle broke down on the trip on which it
  was by all that is told by now, unless the report says where it stands. One that contradicts what was
  confirmed in bulk, or only believed, counts: the row in bulk has no effect beside it, which is said, and the
  replan says how many stops it changes: what was confirmed in bulk after a stop that was later than that is
  not confirmed any more.
- `void` takes back an earlier report, so no row need ever be deleted; `plan event undo` takes back what was
  entered last. Taking back is never refused for the sake of other rows: what cannot be any more beside those
  that are left is *without effect*, and is told by `event list`, `event check`, `status` and `replan`, until
  what it needs is told again.
- `by` is who reports. `plan event confirm VEHICLE --by NAME` confirms at once all that was due by now (or
  `--until` a moment) and is not reported: of a vehicle or trip, at a hub, warehouse or region, or in an area
  or a part of one (a kecamatan with its PPK, a kabupaten with its warehouse). It is shown first. Each thing
  becomes a row at the moment at which it was expected, and `bulk` names the first row of them: of these
  moments nobody was asked, so such rows are counted apart from single reports, and a single report of the
  same thing stands before them.
- What cannot be (delivered before it was loaded, an unknown vehicle, a report from tomorrow) is refused
  with its code, row, cause and action ([errors](errors.md#reports-from-the-field-outages-and-extra-goods)).
- Rows are added whole or not at all, by any number of people at once; a last line that a power cut left
  torn is taken out and shown when the next row is added.

## What each kind needs
A kind may be written in Indonesian too, in any case and with `-`, `_` or a space; the table keeps the
English word, and with `--lang id` all that is shown has the Indonesian one. Needed beside are `id`, `time`,
`kind`, `subject`; any may have `note` and `by` (who reported it). Other columns must be empty.
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


def answers() -> str:
    """The page on what commands say for machines."""
    return f"{NOTE}\n{page()}"


def answers_schema() -> str:
    """The same as a JSON schema, a line for each command."""
    whole = schema()
    parts = whole.pop("definitions")
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in parts.items()
    )
    return json.dumps(whole, indent=1)[:-2] + f',\n "definitions": {{\n{lines}\n }}\n}}\n'


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


# ---------------------------------------------------------------- rooms


def _says(path: Path) -> tuple[str, str]:
    """The first line of a module's docstring, and what follows it."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first, _, rest = text.partition("\n")
    return first, " ".join(rest.split())


def rooms() -> str:
    """Page of all folders and their modules, in their order."""
    modules, lines = modules_of(), [_ROOMS_HEAD]
    for folder in ROOMS:
        name = "planner." + folder.replace("/", ".")
        first, rest = _says(modules[name])
        lines += [f"## `{folder}/`", f"{first} {rest}".strip(), ""]
        if ROOMS[folder] != "__init__":
            lines += ["| module | |", "|---|---|"]
        for word in ROOMS[folder].split():
            if word != "__init__" and f"{folder}/{word}" not in ROOMS:
                lines.append(f"| `{word}` | {_cell(_says(modules[f'{name}.{word}'])[0])} |")
            elif word != "__init__":
                lines.append(f"| `{word}/` | see [below](#{folder.replace('/', '')}{word}) |")
        lines.append("")
    return "\n".join(lines)


_ROOMS_HEAD = """# Rooms

Every folder of `planner/` and its modules, in the way of the data: a module imports only from what stands
before it here (`scripts/structure.py` holds this order, `tests/test_layers.py` enforces it). How they work
together is told in [architecture](architecture.md).
"""

_WIDE, _HIGH, _GAP_X, _GAP_Y, _MARGIN = 150, 46, 22, 40, 16
_SHADES = {
    "proof": "#fde7cf",
    "instance": "#e3edf9",
    "plans": "#e3edf9",
    "events": "#e3edf9",
    "base": "#eeeeee",
}


def picture() -> str:
    """The folders as SVG, each above all that it imports; arrows that follow from others are left out."""
    graph = nx.DiGraph((one, other) for one, other in arrows() if one)
    floors = list(nx.topological_generations(graph.reverse()))
    order = {name: place for place, name in enumerate(ROOMS)}
    rows = [sorted(floor, key=order.__getitem__) for floor in floors][::-1]
    width = max(len(row) for row in rows) * (_WIDE + _GAP_X) - _GAP_X + 2 * _MARGIN
    height = len(rows) * (_HIGH + _GAP_Y) - _GAP_Y + 2 * _MARGIN
    at = {}
    for level, row in enumerate(rows):
        left = (width - len(row) * (_WIDE + _GAP_X) + _GAP_X) // 2
        for place, name in enumerate(row):
            at[name] = (left + place * (_WIDE + _GAP_X), _MARGIN + level * (_HIGH + _GAP_Y))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<title>Folders of planner/: each imports from folders below it only</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for one, other in sorted(nx.transitive_reduction(graph).edges):
        (x1, y1), (x2, y2) = at[one], at[other]
        x1, y1, x2 = x1 + _WIDE // 2, y1 + _HIGH, x2 + _WIDE // 2
        middle = (y1 + y2) // 2
        lines.append(
            f'<path d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}" fill="none" stroke="#999"/>'
        )
    modules = modules_of()
    for name, (x, y) in at.items():
        inside = [
            module
            for module, path in modules.items()
            if module.split(".")[1:2] == [name] and path.stem != "__init__"
        ]
        shade = _SHADES.get(name, "#e6f3e4")
        lines += [
            f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="5" fill="{shade}" stroke="#555"/>',
            f'<text x="{x + _WIDE // 2}" y="{y + 20}" text-anchor="middle" font-size="15">{name}</text>',
            f'<text x="{x + _WIDE // 2}" y="{y + 37}" text-anchor="middle" font-size="11" fill="#555">'
            f"modules: {len(inside)}</text>",
        ]
    return "\n".join([*lines, "</svg>", ""])


PAGES: Mapping[str, Callable[[], str]] = {
    "instance_format.md": instance_format,
    "background.md": background,
    "errors.md": errors,
    "rules.md": rules,
    "cli.md": cli,
    "json.md": answers,
    "json.schema.json": answers_schema,
    "events.md": events,
    "rooms.md": rooms,
    "rooms.svg": picture,
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
