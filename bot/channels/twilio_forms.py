"""What Twilio posts to us: is it Twilio's, and what does it say. Anything may come, and nothing raises."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from bot.channels.base import TEXT, Inbound, Status
from bot.channels.twilio_codes import MEANINGS, word_of
from rules.delivery import STATUSES

Form = Mapping[str, str] | Iterable[tuple[str, str]]

_KINDS = {"image": "picture", "audio": "voice"}
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_SENDER = re.compile(r"([a-z]{2,20}:)?\+[0-9]{3,15}|([a-z]{2,20}:)?[^+\s][^+]{0,60}")
"""A number in whole, or a short number or a name; each with the channel in front when that is another than SMS."""
_CARDS = ("text/vcard", "text/x-vcard", "text/directory")


class Many(dict[str, list[str]]):
    """A form whose fields may come more than once, as twilio's validator asks for it."""

    def __init__(self, form: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in form:
            self.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        """Every value of a field."""
        return self[name]


class Forms:
    """Judges and reads what is posted for one account and one public address."""

    def __init__(self, channel: str, account_sid: str, auth_token: str, public_url: str) -> None:
        self._channel, self._account = channel, account_sid.encode()
        self._validator = RequestValidator(auth_token)
        self._bases = _with_and_without_port(public_url)

    def judge(
        self, path_and_query: str, form: Iterable[tuple[str, str]], signature: str | None
    ) -> Literal["", "unsigned", "forged", "account"]:
        """See TwilioSms.judge. Every way to write our own address is tried, in the same time for any signature."""
        if not signature:
            return "unsigned"
        fields, right = Many(form), False
        given = signature.encode("utf-8", "replace")
        for base in self._bases:
            try:
                computed = self._validator.compute_signature(base + path_and_query, fields)
            except UnicodeEncodeError:  # half a character pair: nothing that Twilio can have signed
                return "forged"
            right |= hmac.compare_digest(computed.encode(), given)
        if not right:
            return "forged"
        whose = fields.get("AccountSid", [""])
        ours = len(whose) == 1 and hmac.compare_digest(whose[0].encode("utf-8", "replace"), self._account)
        return "" if ours else "account"

    def inbound(self, form: Form) -> Inbound | None:
        """See TwilioSms.parse."""
        fields = dict(form)
        sid, sender = _sid(fields, "MessageSid", "SmsMessageSid"), self.address(fields.get("From", ""))
        if sid is None or not _SENDER.fullmatch(sender):
            return None
        text = fields.get("Body") or fields.get("ButtonText", "")
        kind = kind_of(fields.get("NumMedia", "0"), fields.get("MediaContentType0", ""))
        if kind == TEXT and fields.get("Latitude") and fields.get("Longitude"):
            kind = "place"
        said = fields.get("OptOutType", "").lower()
        word = said if said in ("stop", "start", "help") else word_of(text)
        return Inbound(self._channel, sender, sid, text, kind, extra={"provider": word} if word else {})

    def status(self, ref: str, form: Form) -> Status:
        """See TwilioSms.parse_status. A word that we do not know proves that the message was accepted, and no more."""
        fields = dict(form)
        word = (fields.get("MessageStatus") or fields.get("SmsStatus", "")).lower()
        state = STATUSES.get(word, "accepted")
        code = fields.get("ErrorCode", "")[:20]
        ended = state in ("failed", "undelivered")
        meaning = MEANINGS.get(code) if ended else None
        sid = _sid(fields, "MessageSid", "SmsSid")
        return Status(ref, state, sid, code, meaning.why if meaning else "", meaning.mark if meaning else "")

    @staticmethod
    def address(sender: str) -> str:
        """The address that an answer goes to. A phone with RCS is the same phone; WhatsApp is another channel."""
        return sender.strip().removeprefix("rcs:")


def _sid(fields: Mapping[str, str], *names: str) -> str | None:
    """A message's id, whole: more than that may be two fields run together, which the signature does not tell apart.

    With a longer id the same signed request would come in again as another message.
    """
    said = next((fields[name] for name in names if fields.get(name)), "")
    return said if _SID.fullmatch(said) else None


def kind_of(count: str, sort: str) -> str:
    """The kind of a message with so many files, the first of this content type; nothing is downloaded."""
    if not count.strip("0"):
        return TEXT
    sort = sort.lower().partition(";")[0].strip()
    return "contact" if sort in _CARDS else _KINDS.get(sort.partition("/")[0], "file")


def _with_and_without_port(public_url: str) -> list[str]:
    """Our address as it is written, and with the usual port said or left out: Twilio signs now one, now the other.

    twilio's own validator cuts an address at its first colon, which an IPv6 address does not survive.
    """
    parts = urlsplit(public_url)
    user, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else parts.netloc.removeprefix(user + at).partition(":")[0]
    other = name if parts.port else f"{name}:{443 if parts.scheme == 'https' else 80}"
    return [public_url, parts._replace(netloc=user + at + other).geturl()]
