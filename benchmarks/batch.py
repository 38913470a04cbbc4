"""Batches, measured: nothing lost or doubled whatever is killed, throughput, every loss of a plan, cut ways.

python benchmarks/batch.py instances/kaltim --kill [--area 64.11] [--number 200] [--time-limit 5]
python benchmarks/batch.py instances/kaltim --throughput [--area 64.11] [--number 40] [--time-limit 5]
python benchmarks/batch.py instances/kaltim --lose vehicles [--plan PLAN] [--checks 10] [--apart 60]
python benchmarks/batch.py instances/mahulu --cuts

Everything is asked of the command line, as a user would; `--workers` processes at once (2).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from common import append_row, environment, facts, instance_digest, measure, plan_command, say

from planner.instance.read import read_instance
from planner.instance.schema import Instance

Row = dict[str, str]
KILLED_WORKERS = 5
POLL_S = 0.2
SEEDS = 10  # of each speed in the grid


def main() -> int:
    """Measure what was asked for; one row for each run."""
    options = arguments()
    key = {"instance": options.folder.name, "instance_digest": instance_digest(options.folder)}
    modes = {"kill": kill, "throughput": throughput, "lose": lose, "cuts": cuts}
    asked = [name for name in modes if getattr(options, name)]
    for name in asked:
        with tempfile.TemporaryDirectory() as folder:
            for row in modes[name](options, Path(folder)):
                append_row(f"batch_{name}", facts() | key | row)
                say(*(f"{one}={value}" for one, value in row.items()))
    return int(not asked)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kill", action="store_true", help="kill -9 workers and the parent, and go on")
    parser.add_argument("--throughput", action="store_true", help="the workers against one after another")
    parser.add_argument("--lose", choices=("vehicles", "docks", "hubs", "edges"), help="every loss of a plan")
    parser.add_argument("--cuts", action="store_true", help="edges and places lost, against networkx")
    parser.add_argument("--area", default="", help="plan only this part")
    parser.add_argument("--number", type=int, help="how many scenarios")
    parser.add_argument("--time-limit", type=float, help="of each run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plan", type=Path, help="with --lose: this plan; without it one is made (45 s)")
    parser.add_argument("--checks", type=int, default=10, help="with --lose: rows checked once more apart")
    parser.add_argument(
        "--apart",
        type=float,
        help="with --lose: every loss beside solving the edited tables for so many seconds",
    )
    return parser.parse_args()


def table(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, options: argparse.Namespace, number: int) -> Path:
    """A file of so many scenarios: road speeds crossed with seeds."""
    speeds = -(-number // SEEDS)
    values = ", ".join(str(round(1 - at / (2 * speeds), 4)) for at in range(speeds))
    seeds = ", ".join(map(str, range(1, SEEDS + 1)))
    path.write_text(
        f'format = "scenarios/1"\nbase = {json.dumps(options.folder.resolve().as_posix())}\n'
        f"area = {json.dumps(options.area)}\n[grid]\n"
        f'speed = {{ do = "speed road {{}}", values = [{values}] }}\n'
        f'seed = {{ do = "seed {{}}", values = [{seeds}] }}\n[sample]\nnumber = {number}\n',
        encoding="utf-8",
    )
    return path


def batch_command(source: Path, output: Path, time_limit: float, workers: int, *more: object) -> list[str]:
    """The command that runs a batch."""
    limits = ("--time-limit", time_limit, "--workers", workers, "--quiet")
    return plan_command("batch", source, "--output", output, *limits, *more)


# ------------------------------------------------------------------ kills


def kill(options: argparse.Namespace, folder: Path) -> Iterator[Mapping[str, object]]:
    """Workers killed while the batch runs, the parent in the middle, then the same command once more."""
    number, limit = options.number or 200, options.time_limit or 5
    source, output = written(folder / "kill.toml", options, number), folder / "runs"
    command = batch_command(source, output, limit, options.workers)
    began = time.monotonic()
    parent = subprocess.Popen(
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    killed, last = 0, 0
    while (there := len(finished(output))) < number // 2:
        time.sleep(POLL_S)
        if parent.poll() is not None:
            raise SystemExit(f"the batch ended by itself with {parent.returncode}")
        due = (killed + 1) * number // (2 * KILLED_WORKERS + 2)
        mine = children(parent.pid)
        # One run that is killed three times has failed; so at most one kill for each result that comes.
        if killed < KILLED_WORKERS and there >= due and there > last and mine:
            os.kill(mine[-1], signal.SIGKILL)
            killed, last = killed + 1, there
    orphans = children(parent.pid)
    parent.kill()
    parent.wait()
    time.sleep(5)
    alive = sum(Path(f"/proc/{one}").exists() for one in orphans)
    before = finished(output)
    run = measure(command)
    after = finished(output)
    rows = table(output / "results.csv") if run.code == 0 else []
    names = [row["scenario"] for row in rows]
    yield {
        "area": options.area,
        "scenarios": number,
        "time_limit_s": limit,
        "workers": options.workers,
        "workers_killed": killed,
        "orphans_alive": alive,
        "before_the_kill": len(before),
        "done_again": sum(after.get(one) != moment for one, moment in before.items()),
        "exit_code": run.code,
        "results": sum(row["state"] == "done" for row in rows) - 1,  # and one without changes
        "twice": len(names) - len(set(names)),
        "failed": sum(row["state"] != "done" for row in rows),
        "tried_again": sum(int(row["attempts"] or 0) > 1 for row in rows),
        "half_files": sum(1 for _ in output.rglob("*.part")),
        "wall_s": f"{time.monotonic() - began:.1f}",
    }


def finished(output: Path) -> dict[str, int]:
    """When each result was written."""
    return {one.name: one.stat().st_mtime_ns for one in (output / "results").glob("*.json")}


def children(parent: int) -> list[int]:
    """Processes of a process (Linux)."""
    try:
        return [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()] + [
            int(one)
            for task in Path(f"/proc/{parent}/task").glob("[0-9]*")
            if task.name != str(parent)
            for one in (task / "children").read_text().split()
        ]
    except OSError:
        return []


# ------------------------------------------------------------------ throughput


def throughput(options: argparse.Namespace, folder: Path) -> Iterator[Mapping[str, object]]:
    """The same scenarios one after another, and with the workers."""
    number, limit = options.number or 40, options.time_limit or 5
    source = written(folder / "throughput.toml", options, number)
    for workers in (1, options.workers):
        run = measure(batch_command(source, folder / f"runs-{workers}", limit, workers))
        rows = table(folder / f"runs-{workers}" / "results.csv")
        yield {
            "area": options.area,
            "scenarios": number,
            "time_limit_s": limit,
            "workers": workers,
            "exit_code": run.code,
            "results": sum(row["state"] == "done" for row in rows) - 1,
            "wall_s": f"{run.wall_s:.1f}",
            "peak_rss_mb": run.peak_rss_mb,
            "per_hour": f"{3600 * number / run.wall_s:.0f}",
        }


# ------------------------------------------------------------------ losses


def lose(options: argparse.Namespace, folder: Path) -> Iterator[Mapping[str, object]]:
    """Every loss of one kind; the worst rows checked once more by `plan check` with their changes."""
    plan = options.plan or solved(options, folder, 45)
    area = ("--area", options.area) if options.area else ()
    limit = options.time_limit or 4
    output = folder / "losses"
    asked = ("--lose-each", options.lose, "--instance", options.folder, *area)
    run = measure(batch_command(plan, output, limit, options.workers, *asked))
    rows = table(output / "losses.csv") if (output / "losses.csv").exists() else []
    done = [row for row in rows if row["state"] == "done"]
    order = [tuple(-one for one in ranks(row)) for row in done]
    manifest = json.loads((output / "batch.json").read_text("utf-8"))
    changes = {one["key"]: one["changes"] for one in manifest["scenarios"]}
    again = list({row["key"]: row for row in done}.values())[: options.checks]
    passed = sum(
        measure(
            plan_command(
                *("check", output / row["plan"], "--instance", options.folder, "--json"),
                *("--output", folder / "certificate.json", "--force"),
                *(part for one in changes[row["key"]] for part in ("--change", one)),
            )
        ).code
        == 0
        for row in again
    )
    yield {
        "area": options.area,
        "kind": options.lose,
        "time_limit_s": limit,
        "workers": options.workers,
        "plan": json.loads(plan.read_text("utf-8"))["digest"].removeprefix("sha256:")[:12],
        "exit_code": run.code,
        "wall_s": f"{run.wall_s:.1f}",
        "peak_rss_mb": run.peak_rss_mb,
        "losses": len(rows),
        "runs": len({row["key"] for row in rows}),
        **{how: sum(row["how"] == how for row in rows) for how in ("planned", "spare", "unused")},
        "failed": len(rows) - len(done),
        "checked": sum(row["checked"] == "yes" for row in rows),
        "checked_apart": f"{passed} of {len(again)}",
        "ranked": "yes" if order == sorted(order) else "no",
        "hurting": sum(int(row["weight"]) > 0 for row in done),
        "worst": "; ".join(f"{row['loss']} {row['weight']}" for row in rows[:3]),
        **(beside(options, plan, done, manifest) if options.apart else {}),
    }


def ranks(row: Row) -> tuple[int, int, int]:
    """By what losses are ranked; a difference of cost that seeds make alone is none."""
    change = int(row["cost_change"])
    return int(row["weight"]), int(row["weight_not_guaranteed"]), change if abs(change) > spread(row) else 0


def spread(row: Row) -> int:
    """What seeds differ in cost."""
    return int(row["cost_spread"] or 0)


def beside(
    options: argparse.Namespace, plan: Path, rows: list[Row], manifest: Mapping[str, Any]
) -> Mapping[str, object]:
    """Losses beside a search from nothing of the tables without what is lost, each for some seconds."""
    instance = read_instance(options.folder)
    before = json.loads(plan.read_text("utf-8"))
    punctual = {one["region"] for one in before["regions"] if one["status"] == "on_time"}
    asked = before["options"].get("guarantee")
    about = {one["key"]: one for one in manifest["scenarios"]}
    apart: dict[str, int] = {}
    for key in dict.fromkeys(row["key"] for row in rows):
        mine = about[key]
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "plan.json"
            measure(
                plan_command(
                    *("solve", options.folder, "--area", mine["area"], "--time-limit", options.apart),
                    *("--workers", 1, "--output", output, "--quiet"),
                    *(("--guarantee", asked) if asked else ()),
                    *(part for one in mine["changes"] for part in ("--change", one)),
                )
            )
            found = json.loads(output.read_text("utf-8"))["regions"]
        late = {one["region"] for one in found if one["status"] != "on_time"} & punctual
        apart[key] = sum(instance.weight_of(instance.region_of[one]) for one in late)
    pairs = [(int(row["weight"]), apart[row["key"]]) for row in rows]
    over = [
        row["loss"]
        for row in rows
        if int(row["weight"]) - apart[row["key"]] > int(row["weight_most"]) - int(row["weight"])
    ]
    return {
        "apart_s": options.apart,
        "spearman": f"{spearman(pairs):.3f}",
        "late_apart": sum(weight > 0 for _, weight in pairs),
        "overstated": len(over),
        "overstated_most": "; ".join(over[:5]),
    }


def spearman(pairs: list[tuple[int, int]]) -> float:
    """Correlation of ranks, those of equals their mean; 1 where all are equal on both sides."""
    sides = [np.array(side) for side in zip(*pairs, strict=True)]
    first, second = (
        np.array([(side < one).sum() + (side == one).sum() / 2 for one in side]) for side in sides
    )
    if first.std() == 0 or second.std() == 0:
        return float(first.std() == second.std())
    return float(np.corrcoef(first, second)[0, 1])


def solved(options: argparse.Namespace, folder: Path, time_limit: float) -> Path:
    """A plan to lose something of."""
    path = folder / "plan.json"
    area = ("--area", options.area) if options.area else ()
    limit = ("--time-limit", time_limit, "--workers", options.workers)
    measure(plan_command("solve", options.folder, *area, *limit, "--output", path, "--quiet"))
    return path


# ------------------------------------------------------------------ cuts


def cuts(options: argparse.Namespace, folder: Path) -> Iterator[Mapping[str, object]]:
    """Every edge lost, and all edges at every place, against what networkx says is then cut off."""
    instance = read_instance(options.folder)
    network = Hops(instance)
    limit = options.time_limit or 1
    plan = solved(options, folder, 20)
    output = folder / "edges"
    asked = ("--lose-each", "edges", "--instance", options.folder)
    run = measure(batch_command(plan, output, limit, options.workers, *asked))
    found = {row["loss"]: set(row["cut_off"].split()) for row in table(output / "losses.csv")}
    bridges = network.bridges()
    expected = {edge.id: bridges.get(edge.id, set()) for edge in instance.edges}
    yield compared("edges", found, expected, limit, options.workers, run.wall_s)
    places = sorted({place for edge in instance.edges for place in (edge.from_node, edge.to_node)})
    source = folder / "places.toml"
    lines = "\n".join(f"{json.dumps(one)} = [{json.dumps(f'close edges where at={one}')}]" for one in places)
    source.write_text(f'format = "scenarios/1"\n[scenarios]\n{lines}\n', encoding="utf-8")
    output = folder / "places"
    asked = ("--instance", options.folder, "--base", plan)
    run = measure(batch_command(source, output, limit, options.workers, *asked))
    manifest = json.loads((output / "batch.json").read_text("utf-8"))
    found = {
        one["name"]: set(
            json.loads((output / "results" / f"{one['key']}.json").read_text("utf-8"))["cut_off"]
        )
        for one in manifest["scenarios"]
        if one["changes"]
    }
    yield compared(
        "places", found, {one: network.behind(one) for one in places}, limit, options.workers, run.wall_s
    )


def compared(
    kind: str,
    found: Mapping[str, set[str]],
    expected: Mapping[str, set[str]],
    limit: float,
    workers: int,
    wall_s: float,
) -> Mapping[str, object]:
    """How far two tables of who is cut off by what agree."""
    differ = sorted(one for one in found.keys() | expected.keys() if found.get(one) != expected.get(one))
    return {
        "kind": kind,
        "time_limit_s": limit,
        "workers": workers,
        "wall_s": f"{wall_s:.1f}",
        "lost": len(expected),
        "cutting": sum(bool(one) for one in expected.values()),
        "cut_off": sum(len(one) for one in expected.values()),
        "agree": len(expected) - len(differ),
        "differ": " ".join(differ),
    }


class Hops:
    """What each region's goods go through, hop by hop, on the ways of the vehicles that are there.

    Nothing of the planner is used but the tables. Edges are taken as open both ways, as these networks' are.
    """

    def __init__(self, instance: Instance) -> None:
        self._hops: dict[str, list[tuple[str, str, list[nx.Graph]]]] = {}
        self._narrow: dict[int, set[str]] = {}  # cut nodes
        hubs = {one.id: one for one in instance.hubs}
        graphs: dict[tuple[str, str], nx.Graph] = {}
        assert all(one.time_back_s for one in instance.edges), "an edge is one way"
        for region in instance.regions:
            way = [region.id]
            hub = region.hub if instance.settings.chain.value == "required" else ""
            while hub:
                way.append(hub)
                hub = hubs[hub].via
            way.append(region.warehouse)
            hops = []
            for there, here in zip(way, way[1:], strict=False):
                kinds = [
                    one
                    for one in instance.vehicles
                    if one.number
                    and one.warehouse == region.warehouse
                    and (one.home or one.warehouse) == here
                ]
                names = [one.id for one in kinds]
                for kind in kinds:
                    graphs.setdefault((kind.id, here), _ways(instance, kind.id, map(str, kind.modes)))
                hops.append((here, there, [graphs[name, here] for name in names]))
            self._hops[region.id] = hops

    def bridges(self) -> dict[str, set[str]]:
        """Edges without which no vehicle can do some hop, each with the regions that it cuts off."""
        found: dict[str, set[str]] = {}
        known: dict[int, set[frozenset[str]]] = {}
        for region, hops in self._hops.items():
            for here, there, graphs in hops:
                needed: set[str] | None = None
                for graph in graphs:
                    if not (here in graph and there in graph and nx.has_path(graph, here, there)):
                        continue
                    narrow = known.setdefault(id(graph), {frozenset(one) for one in nx.bridges(graph)})
                    path = nx.shortest_path(graph, here, there)
                    mine = {
                        edge
                        for ends in zip(path, path[1:], strict=False)
                        if frozenset(ends) in narrow and len(edges := graph.edges[ends]["ids"]) == 1
                        for edge in edges
                    }
                    needed = mine if needed is None else needed & mine
                for edge in needed or ():
                    found.setdefault(edge, set()).add(region)
        return {edge: regions for edge, regions in found.items() if edge}

    def behind(self, place: str) -> set[str]:
        """Regions that nothing reaches once all edges at a place are closed."""
        return {
            region
            for region, hops in self._hops.items()
            if any(
                not any(self._still(graph, place, here, there) for graph in graphs)
                for here, there, graphs in hops
            )
        }

    def _still(self, graph: nx.Graph, place: str, here: str, there: str) -> bool:
        """Whether a hop can be done without the edges at a place; only at ends and cut nodes it may not."""
        if here not in graph or there not in graph:
            return False
        narrow = self._narrow.setdefault(id(graph), set(nx.articulation_points(graph)))
        if place in (here, there) or place in narrow:
            closed = [ends for ends in graph.edges(place) if "" not in graph.edges[ends]["ids"]]
            graph = nx.restricted_view(graph, [], closed)
        return nx.has_path(graph, here, there)


def _ways(instance: Instance, kind: str, modes: Iterable[str]) -> nx.Graph:
    """The network of one vehicle type, which must come back: edges, and known trips that are known both ways.

    Where the way back is one of edges, so is the way there. Known trips have no name, they cannot be lost.
    """
    graph = nx.Graph()
    allowed = set(modes)
    ways = [(one.from_node, one.to_node, one.id) for one in instance.edges if one.mode.value in allowed]
    known = {(one.from_node, one.to_node) for one in instance.known_trips if one.vehicle in ("", kind)}
    ways += [(here, there, "") for here, there in known if (there, here) in known]
    for here, there, name in ways:
        held = graph.edges[here, there]["ids"] if graph.has_edge(here, there) else []
        graph.add_edge(here, there, ids=[*held, name])
    return graph


if __name__ == "__main__":
    sys.exit(main())
