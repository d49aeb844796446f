"""Every talk that the program can hold, by the name that the store knows it by."""

from __future__ import annotations

from collections.abc import Mapping

from flows.activity import activity
from flows.after_violence import after_violence
from flows.already_signed_up import already_signed_up
from flows.appointment import appointment
from flows.for_someone_else import for_someone_else
from flows.hard_how import hard_how
from flows.self_referral import self_referral
from flows.session_feedback import session_feedback
from flows.steps import Flow
from flows.walk_and_talk import walk_and_talk
from flows.what_changed import what_changed

FLOWS: Mapping[str, Flow] = {
    "self_referral": self_referral,
    "for_someone_else": for_someone_else,
    "already_signed_up": already_signed_up,
    "hard_how": hard_how,
    "after_violence": after_violence,
    "walk_and_talk": walk_and_talk,
    "appointment": appointment,
    "session_feedback": session_feedback,
    "what_changed": what_changed,
    "activity": activity,
}
"""A flow without a golden transcript under tests/flows/transcripts fails the suite."""
