"""Whether a message may go to this person at all: STOPP, erasure, a blocked contact, distress, protected identity."""

from dataclasses import dataclass

from rules.kinds import Kind
from rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class State:
    """How things stand with one contact. No defaults: whoever asks must have looked at each.

    opted_out  wrote STOPP and has not come back
    erased     their data are erased, or being so
    blocked    the provider says never: bot blocked, number not a mobile
    resting    a distress case has put the bot's own messages to rest, and no human has released them
    protected  has protected identity (skyddade personuppgifter)
    """

    opted_out: bool
    erased: bool
    blocked: bool
    resting: bool
    protected: bool


def may_go(
    kind: Kind, state: State, is_receipt: bool = False, is_command_answer: bool = False, staff_decided: bool = False
) -> Verdict:
    """Say whether a message of `kind` may go to a contact in `state`, and why not, in Swedish. No part expires.

    is_receipt         it is the receipt of STOPP itself
    is_command_answer  it answers a command (STOPP, START, mina uppgifter, ...), which also a resting talk gets
    staff_decided      staff have looked at this meeting's message and let it go during the rest

    Asked when a message is queued, in the claim and right before the request. The table's "once" (one answer to each
    distress message after STOPP) is kept by the outbox, whose key names the message that is answered.
    """
    command = is_command_answer or is_receipt
    if state.erased:
        return Verdict(False, "Personens uppgifter är raderade.")
    if state.blocked:
        return Verdict(False, "Kontaktvägen går inte att nå.")
    if state.opted_out and not _passes_stop(kind, is_receipt):
        return Verdict(False, "Personen har skrivit STOPP.")
    if state.protected and not _passes_protection(kind):
        return Verdict(False, "Personen har skyddade uppgifter. Ring så som ni har kommit överens om.")
    if state.resting and not _passes_rest(kind, command, staff_decided):
        return Verdict(False, _REST_WHY[kind.in_rest])
    return Verdict(True, "Inget hindrar.")


_REST_WHY = {
    "commands": "Samtalet vilar efter ett larm. Bara kommandon får svar.",
    "staff": "Samtalet vilar efter ett larm. En medarbetare avgör om det här går ut.",
    "no": "Samtalet vilar efter ett larm. En medarbetare behöver släppa det först.",
}


def _passes_stop(kind: Kind, is_receipt: bool) -> bool:
    return kind.after_stop == "once" or (kind.after_stop == "receipt" and is_receipt)


def _passes_protection(kind: Kind) -> bool:
    """Our choice: what the bot starts and what goes to many is stopped; answers and a human's own words may go."""
    return kind.starts != "bot" and not kind.budget


def _passes_rest(kind: Kind, command: bool, staff_decided: bool) -> bool:
    return {"yes": True, "commands": command, "staff": staff_decided, "no": False}[kind.in_rest]
