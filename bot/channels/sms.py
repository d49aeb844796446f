"""SMS over Twilio: twilio's client over connections of our own.

What Twilio does not do by itself is done here: a limit on every wait, no second try, a reference of ours in the address
that statuses are sent to, and a look in Twilio's message list for what may have gone out.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import quote_plus, urlsplit

from twilio.base.exceptions import TwilioException

from bot.channels.base import Inbound, Outbound, Rates, Receipt, SendError, Status, Style
from bot.channels.twilio_codes import MEANINGS, UNKNOWN, word_of
from bot.channels.twilio_forms import Forms, kind_of
from bot.channels.twilio_http import Limits, TwilioHttp, basic, code_of, refusal

if TYPE_CHECKING:
    from twilio.rest import Client

MESSAGE_PATH = "/webhooks/twilio/message"
STATUS_PATH = "/webhooks/twilio/status/"
LONGEST_BODY = 1_600
"""Characters of one message, however many segments they make. Source: Twilio's Message resource; error 21617."""
LONGEST_VALIDITY = timedelta(hours=10)
"""How long Twilio may hold a message before it gives up: 1 to 36,000 s. Source: its Message resource; error 90007."""
LIST_LAG = timedelta(seconds=120)
"""How long a message may be missing from Twilio's list. Our choice: the real lag is not documented."""
CLOCKS_DIFFER = timedelta(seconds=120)
"""How much earlier than our try Twilio's clock may say that a message was made. The same words are not sent to the same
number again within that time without the first's id being known: a row in doubt holds up the next one for longer."""
PAGE, MOST_READ = 200, 50_000
_GONE = "20404"
_NOT_SENT = frozenset({"failed", "undelivered", "canceled"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """How it stands with the account. `webhook` says whether incoming messages are sent to us; None: not known.

    `balance` is None where Twilio does not tell it, as for a subaccount. `kind` is Trial or Full.
    """

    status: str
    kind: str = ""
    balance: float | None = None
    currency: str = ""
    webhook: bool | None = None


class TwilioSms:
    """The channel `sms`. It belongs to the event loop on which it is first used, and must be closed there."""

    name = "sms"
    style: Style = "sms"
    reachable = True
    finds = True
    find_wait = LIST_LAG

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        public_url: str,
        from_number: str = "",
        messaging_service_sid: str = "",
        api_base_url: str = "",
        per_second: float = 10,
        longest_validity: timedelta = LONGEST_VALIDITY,
        limits: Limits | None = None,
    ) -> None:
        self.rates: Rates | None = Rates(per_second)
        self._public = public_url.rstrip("/")
        self._account, self._token = account_sid, auth_token
        self._number, self._service = from_number, messaging_service_sid
        self._validity = int(min(longest_validity, LONGEST_VALIDITY).total_seconds())
        self._api, self._messaging = _bases(api_base_url)
        self._http = TwilioHttp((self._api, self._messaging), limits)
        self._forms = Forms(self.name, account_sid, auth_token, self._public)
        self._messages = f"{self._api}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._headers = {
            "Authorization": basic(account_sid, auth_token),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "User-Agent": "ingang",
        }
        sender = f"From={quote_plus(from_number)}" if from_number else f"MessagingServiceSid={messaging_service_sid}"
        self._constant = f"{sender}&StatusCallback={quote_plus(self._public + STATUS_PATH)}"
        self._own_numbers: list[str] = [from_number] if from_number else []

    async def open(self) -> None:
        """Make ready, on the event loop that will send."""
        self._http.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    # --- out -------------------------------------------------------------------------------------------------------

    async def send(self, message: Outbound) -> Receipt:
        """See Channel. One request; the words are sent as they are."""
        answer = await self._http.exchange("POST", self._messages, self._form(message), self._headers)
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        told = answer.told()
        sid = told.get("sid")
        if not isinstance(sid, str) or not sid.isalnum() or len(sid) > 64:
            raise SendError("unknown", "Twilios svar gick inte att läsa.", code="unreadable")
        if told.get("status") in _NOT_SENT:  # taken, and given up at once: it certainly does not go out
            code = code_of(told, "error_code")
            meaning = MEANINGS.get(code, UNKNOWN)
            said, whole = code or str(told["status"]), meaning.whole_channel
            raise SendError(meaning.kind, meaning.why, code=said, mark=meaning.mark, whole_channel=whole)
        return Receipt(sid)

    def _form(self, message: Outbound) -> bytes:
        if len(message.text) > LONGEST_BODY:
            raise SendError("never", MEANINGS["21617"].why, code="21617")
        to, body = ("".join(map(_QUOTED.__getitem__, each)) for each in (message.address, message.text))
        form = f"To={to}&Body={body}&ValidityPeriod={self._seconds_left(message)}&{self._constant}{message.ref}"
        return form.encode("ascii", "replace")

    def _seconds_left(self, message: Outbound) -> int:
        """How long Twilio may hold it: never past the message's own moment."""
        if message.not_after is None or message.now is None:
            return self._validity
        left = math.floor((message.not_after - message.now).total_seconds())
        if left < 1:
            raise SendError("later", "Tiden för meddelandet har gått ut.", code="expired")
        return min(left, self._validity)

    async def find(self, message: Outbound) -> Receipt | None:
        """See Channel: the oldest in the list since `tried_at` to this address, with these words and not another's.

        Raises SendError when the list could not be read to the end of that time.
        """
        since = message.tried_at - CLOCKS_DIFFER if message.tried_at is not None else None
        wanted, found, wordless = _bare(message.text), "", ""
        sender = {"from_": self._number} if self._number else {}
        async with aclosing(self._list(to=message.address, **sender)) as listed:
            async for each in listed:
                made = _moment(each.date_created)
                if since is not None and made is not None and made < since:
                    if made < since - timedelta(days=1):
                        break  # the newest come first, but those that wait to be sent have no date to stand by
                    continue
                ours = each.direction == "outbound-api" and (each.messaging_service_sid or "") == self._service
                if not ours or each.sid in message.not_these:
                    continue
                if not each.body:  # an account that keeps no words: then the address and the time must do
                    wordless = str(each.sid)
                elif _bare(each.body) == wanted:
                    found = str(each.sid)
        return Receipt(found or wordless) if found or wordless else None

    async def redact(self, provider_id: str) -> None:
        """Have Twilio empty a message's words. One that it no longer has is done.

        Raises SendError: `later` while Twilio still has it on its way.
        """
        try:
            await self._read(self._client.messages(provider_id).update_async(body=""))
        except SendError as error:
            if error.code != _GONE:
                raise SendError("later", error.why, code=error.code, retry_after=error.retry_after) from None

    # --- in --------------------------------------------------------------------------------------------------------

    def judge(
        self, path_and_query: str, form: Iterable[tuple[str, str]], signature: str | None
    ) -> Literal["", "unsigned", "forged", "account"]:
        """Say what is wrong with a request that says that it comes from Twilio; nothing when it does."""
        return self._forms.judge(path_and_query, form, signature)

    def verify(self, path_and_query: str, form: Iterable[tuple[str, str]], signature: str | None) -> bool:
        """Tell whether Twilio made this request of this address, for our account.

        The address is `public_url` and this path, whatever the request's headers say of host and scheme.
        """
        return not self.judge(path_and_query, form, signature)

    def parse(self, form: Mapping[str, str] | Iterable[tuple[str, str]]) -> Inbound | None:
        """Read an incoming message; None when it says not which it is or from whom. Never raises."""
        return self._forms.inbound(form)

    def parse_status(self, ref: str, form: Mapping[str, str] | Iterable[tuple[str, str]]) -> Status:
        """Read what Twilio says of the message with our reference. Never raises."""
        return self._forms.status(ref, form)

    async def receive(self, since: datetime) -> list[Inbound]:
        """Give what has come in since then, the oldest first, by Twilio's own list. Raises SendError when unreadable.

        The list does not tell the sort of a picture or a voice message: such a one is a file.
        """
        day = datetime.combine(since.astimezone(UTC).date(), time(), UTC)
        found = []
        for number in await self._numbers():
            async for each in self._list(to=number, date_sent_after=day):
                at = _moment(each.date_sent) or _moment(each.date_created)
                if each.direction == "inbound" and each.sid and each.from_ and (at is None or at >= since):
                    found.append(self._listed(each, at))
        return sorted(found, key=lambda each: (each.received_at or since, each.provider_id))

    def _listed(self, each: Any, at: datetime | None) -> Inbound:
        text, media = str(each.body or ""), str(each.num_media or "0")
        word = word_of(text)
        return Inbound(
            self.name, self._forms.address(str(each.from_)), str(each.sid), text, kind_of(media, ""), at,
            extra={"provider": word} if word else {},
        )  # fmt: skip

    async def _numbers(self) -> list[str]:
        """Our own numbers: the one that is set, or those of the messaging service, asked for once."""
        if not self._own_numbers:
            service = self._client.messaging.v1.services(self._service)
            listed = await self._read(service.phone_numbers.list_async())
            self._own_numbers = [str(each.phone_number) for each in listed]
        return self._own_numbers

    # --- the account -----------------------------------------------------------------------------------------------

    async def examine(self) -> Account:
        """Ask how it stands with the account. Raises SendError when that cannot be asked: a wrong token, no network."""
        mine = self._client.api.v2010.accounts(self._account)
        account = await self._read(mine.fetch_async())
        balance, currency = None, ""
        with suppress(SendError, ValueError, TypeError):  # a subaccount has none of its own
            told = await self._read(mine.balance.fetch_async())
            balance, currency = float(told.balance), str(told.currency or "")
        return Account(str(account.status), str(account.type or ""), balance, currency, await self._hears())

    async def _hears(self) -> bool | None:
        """Whether Twilio sends our number's incoming messages here."""
        with suppress(SendError):
            if self._number:
                found = await self._read(self._client.incoming_phone_numbers.list_async(phone_number=self._number))
                return bool(found[0].sms_url == self._public + MESSAGE_PATH) if found else None
            service = await self._read(self._client.messaging.v1.services(self._service).fetch_async())
            if not service.use_inbound_webhook_on_number:
                return bool(service.inbound_request_url == self._public + MESSAGE_PATH)
        return None

    # --- twilio's client -------------------------------------------------------------------------------------------

    @cached_property
    def _client(self) -> Client:
        from twilio.rest import Client

        nothing = {"": ""}  # it would take a region or another account out of the environment
        client = Client(self._account, self._token, http_client=self._http, environment=nothing)
        client.api.base_url, client.messaging.base_url = self._api, self._messaging
        return client

    async def _list(self, **asked: Any) -> AsyncGenerator[Any, None]:
        """Give Twilio's messages, page after page. Raises SendError when one is unreadable or they never end."""
        count = 0
        messages = self._client.messages
        page = await self._read(messages.page_async(page_size=PAGE, **asked))
        while page is not None:
            for each in page:
                yield each
                count += 1
            if count > MOST_READ:
                raise SendError("unknown", "Twilios lista är för lång att läsa.", code="endless")
            page = await self._read(page.next_page_async())

    @staticmethod
    async def _read(wanted: Awaitable[T]) -> T:
        try:
            return await wanted
        except SendError:
            raise
        except (TwilioException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # Whatever twilio makes of an answer with another shape than the documented one.
            raise SendError("unknown", "Twilios svar gick inte att läsa.", code="unreadable") from None


class _Quoted(dict[str, str]):
    """Each sign as a form carries it, found once: `quote_plus` takes twice as long for a text."""

    def __missing__(self, sign: str) -> str:
        quoted = self[sign] = quote_plus(sign, errors="replace")
        return quoted


_QUOTED = _Quoted()


def _bases(api_base_url: str) -> tuple[str, str]:
    """The addresses of the API and of its part about messaging services; of a region's when one is given."""
    api = (api_base_url or "https://api.twilio.com").rstrip("/")
    parts = urlsplit(api)
    messaging = parts._replace(netloc="messaging." + parts.netloc.removeprefix("api."))
    return api, messaging.geturl() if parts.netloc.startswith("api.") else api


def _moment(said: object) -> datetime | None:
    """A time out of Twilio's list, in UTC."""
    if not isinstance(said, datetime):
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)


def _bare(text: str) -> str:
    """What is left of a text whatever Twilio has done to its quotes, dashes and spaces: letters and digits.

    A text with none of those (an emoji) stays as it is, without the spaces round it.
    """
    text = text.removeprefix("Sent from your Twilio trial account - ")
    kept = "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())
    return kept or text.strip()
