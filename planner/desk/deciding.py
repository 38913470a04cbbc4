"""Pages of proposals: try, stop, look, approve, discard."""

from __future__ import annotations

from functools import partial

from starlette.responses import RedirectResponse, Response

from planner.base.errors import Fault, InputError
from planner.base.files import give_back
from planner.desk.ask import Ask
from planner.desk.gate import Refused
from planner.desk.proposals import Progress, Proposal, no_longer_held
from planner.replanning.approving import candidate_of, put_in_force

__all__ = ["approved", "decide_page", "discarded", "proposal_page", "proposals_page", "stopped", "tried"]

_NOTE_LONG = 500
_BETWEEN = " + "  # names of two who approve


def _address(one: Proposal) -> str:
    return f"/proposal?n={one.number}"


def _asked(ask: Ask, number: str) -> Proposal:
    one = ask.proposals.of(number)
    if one is None:
        raise Refused(404, "unknown")
    return one


def proposals_page(ask: Ask) -> Response:
    """All proposals, the latest first."""
    every = ask.proposals.all
    busy = any(one.progress in (Progress.WAITING, Progress.RUNNING) for one in every)
    return ask.page(
        "proposals.html",
        here="proposals",
        here_address="/proposals",
        proposals=every,
        every_s=2 if busy else 30,
        key=ask.session.new_key(),
    )


def proposal_page(ask: Ask) -> Response:
    """What one proposal changes."""
    return _page(ask, "proposal.html")


def decide_page(ask: Ask) -> Response:
    """The same, standing still, with what can be pressed."""
    return _page(ask, "decide.html")


def _page(ask: Ask, template: str) -> Response:
    one = _asked(ask, ask.query.get("n", ""))
    busy = one.progress in (Progress.WAITING, Progress.RUNNING)
    return ask.page(
        template,
        here="proposals",
        here_address=_address(one),
        one=one,
        found=one.outcome,
        changed=() if one.outcome is None else [row for row in one.outcome.changes.regions if row.counts],
        limit_s=ask.proposals.limit_s,
        needed=ask.picture.instance.settings.approvals,
        every_s=2 if busy else 30,
        key=ask.session.new_key(),
    )


def tried(ask: Ask) -> Response:
    """Try a new plan."""
    return ask.once(lambda: _address(ask.proposals.ask(ask.session.name)))


def stopped(ask: Ask) -> Response:
    """Stop trying."""
    one = _asked(ask, ask.form.get("n", ""))
    if one.progress in (Progress.WAITING, Progress.RUNNING):
        ask.proposals.stop(one)
    return RedirectResponse(_address(one), status_code=303)


def discarded(ask: Ask) -> Response:
    """Put a proposal aside; its file goes."""
    one = _asked(ask, ask.form.get("n", ""))
    with ask.keeper.telling:
        if one.progress is Progress.DONE and one.path is not None:
            one.path.unlink(missing_ok=True)
            give_back(one.path)
            one.progress = Progress.DISCARDED
    ask.keeper.touch()
    return RedirectResponse("/proposals", status_code=303)


def approved(ask: Ask) -> Response:
    """Approve a proposal: put it in force, or be the first of two who do."""
    one = _asked(ask, ask.form.get("n", ""))
    return ask.once(partial(_approve, ask, one))


def _approve(ask: Ask, one: Proposal) -> str:
    picture, found, by = ask.keeper.renewed(), one.outcome, ask.session.name
    if one.progress is not Progress.DONE or found is None or one.path is None:
        raise InputError([Fault("K039", "proposal", value=str(one.number))])
    clock, now_s = picture.found.clock, ask.keeper.clock.within(picture.instance)
    if now_s > found.expires_s:
        params = {"until": clock.text(found.expires_s)}
        raise InputError([Fault("K050", "proposal", value=str(one.number), params=params)])
    candidate = candidate_of(one.path)
    if not candidate.verdict.passed:
        rules = ", ".join(sorted({broken.rule for broken in candidate.verdict.violations}))
        raise InputError([Fault("K051", "proposal", value=one.path.name, params={"rules": rules})])
    others = [fault for fault in candidate.lost if fault.code != "E972"]
    if others:
        raise InputError(others)
    newer = () if candidate.loss is None else candidate.loss.not_believed
    if newer:
        broken = no_longer_held(candidate.found.plan, picture, now_s)
        if broken:
            params = {"reports": ", ".join(newer[:12]), "what": ", ".join(broken[:12])}
            raise InputError([Fault("K052", "proposal", value=one.path.name, params=params)])
    if ask.session.who in one.approvers:
        raise InputError([Fault("K053", "proposal", value=by)])
    if len(one.consents) + 1 < picture.instance.settings.approvals:
        one.consents.append(by)
        one.approvers.add(ask.session.who)
        ask.keeper.touch()
        return _address(one)
    note = ask.form.get("note", "")[:_NOTE_LONG]
    if newer:
        note = f"{note} [+ {', '.join(newer)}]".strip()
    put_in_force(candidate, _BETWEEN.join([*one.consents, by]), note)
    one.consents.append(by)
    one.progress = Progress.APPROVED
    ask.keeper.touch()
    return _address(one)
