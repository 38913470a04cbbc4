"""Progress of a batch on stderr: a bar on a terminal, a line for each run elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from planner.base.text import words
from planner.cli.printing import SafeConsole

if TYPE_CHECKING:
    from planner.batches.executor import BatchProgress

__all__ = ["BatchView"]


class BatchView:
    """Shows how far a batch is."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = SafeConsole(stderr=True)
        self._bar: Progress | None = None
        self._seen = 0  # runs that it has told of

    def __enter__(self) -> BatchView:
        if not self._quiet and self._console.is_terminal:
            self._bar = Progress(
                BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), console=self._console
            )
            self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, one: BatchProgress) -> None:
        """Take news."""
        if self._quiet:
            return
        ended = one.done + one.failed
        seen, self._seen = self._seen, ended
        left = "" if one.left_s is None else words("batch.left", left=_span(one.left_s))
        failed = words("batch.failed", number=one.failed) if one.failed else ""
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, completed=ended, total=one.total, description=failed + left)
        elif one.last is not None and one.end is not None:
            key = "batch.line" if one.end.ok else "batch.line_failed"
            said = words(
                key,
                number=ended,
                total=one.total,
                name=one.last.name,
                seconds=f"{one.end.wall_s:.1f}",
                reason=one.end.reasons[-1].text if one.end.reasons else "",
            )
            self._console.print(said + failed + left, soft_wrap=True)
        elif one.kept > seen:
            self._console.print(words("batch.kept", number=one.kept, total=one.total), soft_wrap=True)


def _span(seconds: float) -> str:
    """Time left, not more exact than it is known."""
    if seconds < 90:
        return words("batch.seconds", number=max(1, round(seconds)))
    return words("batch.minutes", number=round(seconds / 60))
