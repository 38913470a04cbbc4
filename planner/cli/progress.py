"""Progress of a solve on stderr: a table that renews itself, or lines where there is no terminal."""

from __future__ import annotations

import time
from types import TracebackType

from rich.live import Live
from rich.table import Table

from planner.base.text import words
from planner.cli.printing import SafeConsole, table
from planner.instance.schema import Instance
from planner.outputs.figures import duration, money, number
from planner.plans.model import RegionStatus, Status
from planner.solving.incumbent import Written
from planner.solving.pipeline import Progress

__all__ = ["ProgressView"]

_LINE_EVERY_S = 5.0


class ProgressView:
    """Shows what is found for each component; a context manager.

    Parameters
    ----------
    instance
        For its currency.
    quiet
        Show nothing.
    """

    def __init__(self, instance: Instance, *, quiet: bool) -> None:
        self._instance = instance
        self._quiet = quiet
        self._console = SafeConsole(stderr=True)
        self._rows: dict[str, Progress] = {}
        self._live: Live | None = None
        self._last_line: dict[str, float] = {}
        self._answer: Status | None = None  # of what was written last and told
        self._goes_on = False

    def __enter__(self) -> ProgressView:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Take a component's news."""
        if self._quiet:
            return
        before = self._rows.get(progress.component)
        if progress.left_s == 0 and not progress.final and not self._goes_on:
            self._goes_on = True
            self._console.print(words("cli.progress.goes_on"), soft_wrap=True)
        is_whole = progress.regions_planned == progress.regions_total
        is_news = before is not None and is_whole and before.regions_planned < before.regions_total
        self._rows[progress.component] = progress
        if self._live is not None:
            self._live.update(self._table())
            return
        now = time.monotonic()
        if progress.final or is_news or now - self._last_line.get(progress.component, 0.0) >= _LINE_EVERY_S:
            self._last_line[progress.component] = now
            self._console.print(self._line(progress), soft_wrap=True)

    def written(self, found: Written) -> None:
        """Take that a plan was written; told where its answer is better than that of those before."""
        if self._quiet or (self._answer is not None and found.plan.status.rank >= self._answer.rank):
            return
        self._answer = found.plan.status
        on_time = sum(one.status is RegionStatus.ON_TIME for one in found.plan.regions)
        self._console.print(
            words(
                "cli.progress.written",
                seconds=f"{found.after_s:.0f}",
                status=found.plan.status.value,
                on_time=number(on_time),
                total=number(len(found.plan.regions)),
            ),
            soft_wrap=True,
        )

    def _table(self) -> Table:
        names = ("component", "planned", "cost", "margin", "left")
        columns = [(words(f"cli.progress.{name}"), name != "component") for name in names]
        return table(
            "", columns, [self._cells(one) for one in self._rows.values()], width=self._console.width
        )

    def _line(self, one: Progress) -> str:
        """What a row of the table says, with its labels."""
        _, _, cost, margin, left = self._cells(one)
        planned, total = number(one.regions_planned), number(one.regions_total)
        said = words("cli.progress.line", name=one.name, planned=planned, total=total, cost=cost)
        if margin:
            said += words("cli.progress.line_margin", margin=margin)
        return said + words("cli.progress.line_left", left=left) if left else said

    def _cells(self, one: Progress) -> tuple[str, ...]:
        margin = "" if one.smallest_margin_s is None else duration(one.smallest_margin_s)
        if one.final:
            left = words("cli.progress.done")
        else:
            left = (
                ""
                if one.left_s is None
                else words("cli.progress.seconds", seconds=f"{max(0, one.left_s):.0f}")
            )
        planned = words(
            "cli.progress.of", planned=number(one.regions_planned), total=number(one.regions_total)
        )
        return (one.name, planned, money(one.cost, self._instance.settings.currency), margin, left)
