"""Distress and violence, whichever way they were written: the road with help lines, or the neutral one."""

from __future__ import annotations

from bot.actions import first_care, rating_road, talks
from bot.actions.scene import Scene


def alarm(scene: Scene, text: str, is_distress: bool) -> None:
    """Take the distress road, or the neutral one. When both were written, the one with help lines."""
    rating_road.end_open_question(scene)
    if is_distress:
        first_care.distress(scene, text)
        return
    talk, again = scene.who.talk, first_care.wrote_of_violence(scene)
    staffed = first_care.violence(scene, text)
    if again:
        scene.say("first_care/violence_again", {"staffed": staffed}, kind="distress", why="violence")
    else:
        talks.begin(scene, "after_violence", staffed=staffed, after=talk.id if talk else None)
