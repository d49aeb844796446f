"""The engine's hands in talks about a session: see flows/commands_ratings.py for what each gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.actions import rating_keeping as keeping
from bot.actions.scene import Scene
from bot.channels.base import keepable
from flows import commands_ratings as commands
from storage import appointments, outbox, rating_tasks, ratings, roster, units
from storage.outbox import Body, NewMessage
from storage.ratings import Rating


def look_at(scene: Scene, command: commands.LookAtRating) -> dict[str, Any]:
    """See whether answers still count."""
    return keeping.standing(scene.tx, command.rating, scene.now)


def keep_item(scene: Scene, command: commands.KeepItem) -> dict[str, Any]:
    """Keep one answer at once."""
    found = keeping.standing(scene.tx, command.rating, scene.now)
    mode = keeping.mode_of(scene.who.channel)
    if found["open"] and not ratings.keep_item(scene.tx, scene.now, command.rating, command.key, command.value, mode):
        return {"open": False, "why": "answered"}
    return found


def finish(scene: Scene, command: commands.FinishRating) -> dict[str, Any]:
    """Score what was answered."""
    done = keeping.finish(scene.tx, scene.house, command.rating, keeping.mode_of(scene.who.channel), scene.now)
    scene.note("stored", "Svaren är sparade, krypterade. Är något lågt får personalen ett ärende.")
    return {"open": done is not None, "why": "" if done is not None else "answered"}


def keep_words(scene: Scene, command: commands.KeepWords) -> dict[str, Any]:
    """Keep the open answer and put it before staff."""
    ratings.add_comment(scene.tx, command.rating, command.words)
    rating = ratings.find(scene.tx, command.rating)
    if rating is None:
        return {"reader": None, "read_by": None}
    due = keeping.open_task(scene.tx, scene.house, rating, scene.now)
    scene.note("stored", "Det personen skrev ligger i inkorgen med en tid på.")
    return {"reader": _reader(scene, rating).name, "read_by": scene.local_day(due)}


def decline(scene: Scene, command: commands.DeclineRating) -> dict[str, Any]:
    """They do not want to: not asked again for that session."""
    ratings.decline(scene.tx, scene.now, command.rating)
    scene.note("rule", "Personen vill inte svara. Om den träffen frågar boten inte igen.")
    return {}


def choose_reader(scene: Scene, command: commands.ChooseReader) -> dict[str, Any]:
    """Let somebody else of the unit read, where there is somebody."""
    rating = ratings.find(scene.tx, command.rating)
    meeting = None if rating is None else appointments.find(scene.tx, rating.appointment_id or 0)
    nobody = {"found": False, "reader": None, "read_by": None}
    if rating is None or meeting is None:
        return nobody
    team = roster.load(scene.tx, rating.unit_id)
    if not keeping.others(team, meeting.staff_id, scene.now):
        return nobody
    ratings.hide_from(scene.tx, rating.id, meeting.staff_id)
    chosen = ratings.find(scene.tx, rating.id)
    reader = _reader(scene, chosen or rating)
    scene.note("stored", "Personen valde att någon annan läser svaren. Den de träffade ser dem inte.")
    return {"found": True, "reader": reader.name, "read_by": None if reader.by is None else reader.by.isoformat()}


def tell_what_changed(scene: Scene, command: commands.TellWhatChanged) -> dict[str, Any]:
    """Send what staff wrote when they closed the task, as it was written."""
    task = rating_tasks.find(scene.tx, command.item)
    if task is None or task.participant_id != scene.who.participant_id or not task.changed:
        return {"told": False}
    who = scene.who
    message = NewMessage(
        contact_id=who.contact_id, participant_id=who.participant_id, channel=who.channel, kind="staff",
        author="staff", dedupe_key=f"changed:{task.item_id}", why=scene.house.catalog.why("told_change"),
        body=Body(keepable(task.changed)), conversation_id=scene.talk_id,
    )  # fmt: skip
    outbox.queue(scene.tx, who.key, scene.now, [message])
    rating_tasks.note_told(scene.tx, task.item_id, "told")
    scene.note("queued", "Personalens egna ord om vad de har gjort.")
    return {"told": True}


def leave_untold(scene: Scene, command: commands.LeaveUntold) -> dict[str, Any]:
    """They do not want to know."""
    rating_tasks.note_told(scene.tx, command.item, "declined")
    return {}


def _reader(scene: Scene, rating: Rating) -> keeping.Reader:
    meeting = appointments.find(scene.tx, rating.appointment_id or 0)
    unit = units.get_unit(scene.tx, rating.unit_id)
    return keeping.reader_of(
        scene.tx, unit, meeting.staff_id if meeting else 0, scene.now, hidden_from=rating.hidden_from,
        nameless=scene.who.read_by_others,
    )  # fmt: skip


PERFORMS: Mapping[type, Callable[[Scene, Any], Any]] = {
    commands.LookAtRating: look_at,
    commands.KeepItem: keep_item,
    commands.FinishRating: finish,
    commands.KeepWords: keep_words,
    commands.DeclineRating: decline,
    commands.ChooseReader: choose_reader,
    commands.TellWhatChanged: tell_what_changed,
    commands.LeaveUntold: leave_untold,
}
