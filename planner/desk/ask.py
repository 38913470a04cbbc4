"""One request of somebody who came in, and the pages that answer it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from planner.base.errors import InputError
from planner.base.safe_text import label_text
from planner.base.text import speaking, words
from planner.desk.gate import AUDIT, Refused, Session
from planner.desk.look import page_text
from planner.desk.picture import Keeper, Picture
from planner.desk.proposals import Proposals
from planner.events.schema import Event, EventKind
from planner.outputs.figures import moment

__all__ = ["Answer", "Ask", "answered", "inside", "refusal"]

_LOG = logging.getLogger(__name__)
_KEY_LONG = 80
_NAMING = EventKind.CONTACT


@dataclass
class Ask:
    """One request of somebody who came in.

    Parameters
    ----------
    query, form
        What stands in the address, and what was sent with a press.
    path
        Of the address, for pages that ask for themselves again.
    """

    keeper: Keeper
    proposals: Proposals
    session: Session
    query: Mapping[str, str]
    path: str = "/"
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def picture(self) -> Picture:
        """What the desk knows."""
        return self.keeper.latest()

    @property
    def reports(self) -> Sequence[Event]:
        """Reports that may be shown, the oldest first: without telephones where nobody's is shown."""
        every = self.picture.reports
        return every if self.session.shows_people else [one for one in every if one.kind is not _NAMING]

    @property
    def part(self) -> bool:
        """Whether only the part is asked for that changes by itself."""
        return self.query.get("part") == "1"

    @property
    def unchanged(self) -> bool:
        """Whether who asks for that part has it already."""
        return self.part and self.query.get("rev") == self.keeper.mark

    def page(self, template: str, status: int = 200, **known: object) -> Response:
        """A page as an answer.

        Parameters
        ----------
        template
            Its template.
        status
            Of HTTP.
        known
            What the template speaks of, beside what all pages do.
        """
        picture = self.picture
        text = page_text(
            template,
            picture=picture,
            mark=self.keeper.mark,
            session=self.session,
            part=self.part,
            is_drill=self.keeper.clock.drill is not None,
            moment=partial(moment, clock=picture.found.clock),
            **{"here": "", "here_address": "/", "every_s": 30, **known},
        )
        return HTMLResponse(text, status_code=status)

    def once(self, tell: Callable[[], str]) -> Response:
        """Do a press once, however often it comes; leads to where its answer stands."""
        key = self.form.get("key", "")[:_KEY_LONG]
        with self.keeper.telling:
            where = self.session.keys.get(key) if key else None
            if where is None:
                where = tell()
                AUDIT.info("%s: %s -> %s", label_text(self.session.name), self.path, label_text(where))
                if key:
                    self.session.keep(key, where)
        self.keeper.renewed()
        return RedirectResponse(where, status_code=303)


Answer = Callable[[Ask], Response]


def answered(make: Answer, ask: Ask) -> Response:
    """An answer in the language of who asks; what is wrong is told, never a trace."""
    with speaking(ask.session.language):
        try:
            return Response(status_code=204) if ask.unchanged else make(ask)
        except Refused as refused:
            return refusal(refused)
        except InputError as error:
            return ask.page("faults.html", 422, faults=error.faults, back=_back(ask))
        except Exception:
            _LOG.exception("A page could not be made.")
            return HTMLResponse(page_text("refused.html", sentence=words("desk.refused.broken")), 500)


def _back(ask: Ask) -> str:
    """Where somebody goes on after a press that was not done; empty: nobody knows."""
    if ask.form.get("n"):
        return f"/proposal?{urlencode({'n': ask.form['n']})}"
    if ask.form.get("trip"):
        return f"/stop?{urlencode({'trip': ask.form['trip'], 'at': ask.form.get('at', '0')})}"
    return inside(ask.form["back"]) if ask.form.get("back") else ""


def refusal(refused: Refused) -> Response:
    """The page that says why a request is not obeyed."""
    headers = {"connection": "close"} if refused.status in (408, 413) else None
    text = page_text("refused.html", sentence=refused.sentence())
    return HTMLResponse(text, status_code=refused.status, headers=headers)


def inside(asked: str) -> str:
    """An address of this desk to go to; what leads elsewhere leads to the overview."""
    known = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if known else "/"
