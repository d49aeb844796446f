"""Every setting there is, in one file: its name, what it does, what it is when nobody says.

They are read once, from config.toml (or the file that INGANG_CONFIG names); INGANG_<SECTION>__<KEY> in the environment
overrides a value outside the units. All faults are told at once. Only the wiring sees settings; everyone else is handed
values. docs/settings.md is made from here: `python -m ingang.settings_page`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any, Final, Literal

from ingang.settings_read import (
    Fault,
    SettingsError,
    Source,
    one_of,
    or_none,
    overrides,
    read_table,
    secret_text,
    setting,
    table,
    tables,
    text,
    time_of_day,
    web_address,
    whole,
)
from ingang.settings_units import ENDS_LATER, Hours, Place, StaffMember, Unit

__all__ = ["Hours", "Place", "Settings", "SettingsError", "StaffMember", "Unit", "load_settings"]

CONFIG: Final = "INGANG_CONFIG"
KEYS: Final = "INGANG_KEYS"

_DATABASES = r"sqlite:///.+|postgresql(\+psycopg)?://.+"


@dataclass(frozen=True, slots=True)
class Database:
    """Where everything is stored."""

    url: str = setting(
        secret_text(_DATABASES, 'write "sqlite:///ingang.db" or "postgresql+psycopg://USER:PASSWORD@HOST/NAME"'),
        "The database: a file, `sqlite:///ingang.db`, or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
        "sqlite:///ingang.db",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class Keys:
    """The installation's own keys, that everything personal is sealed with."""

    file: Path = setting(
        lambda value: Path(text()(value)),
        "The file of keys that `ingang keys new` makes; keep a copy elsewhere. INGANG_KEYS may hold the keys instead.",
        Path("ingang.keys"),
    )
    held: str | None = field(default=None, repr=False)
    """The keys themselves, when INGANG_KEYS holds them and not the file; never read from config.toml."""


@dataclass(frozen=True, slots=True)
class Web:
    """Where pages are served."""

    host: str = setting(text(), "The address to listen on; `0.0.0.0` for all of the machine's.", "127.0.0.1")
    port: int = setting(whole(1, 65535), "The port to listen on.", 8800)
    public_url: str = setting(
        web_address,
        "The address that people and providers reach it by, as it stands in links and in what providers are told.",
        "http://127.0.0.1:8800",
    )
    metrics_token: str = setting(
        secret_text(r"|[A-Za-z0-9._~+/-]{16,200}=*", "write at least 16 letters and digits, made at random"),
        "What `/metrics` asks for, as `Authorization: Bearer ...`. None: it answers this machine only.",
        "",
        secret=True,
    )

    @property
    def is_private(self) -> bool:
        """Whether `public_url` is https, so that nobody on the way can read what is sent to it."""
        return self.public_url.startswith("https://")

    @property
    def is_here(self) -> bool:
        """Whether `public_url` is this machine itself."""
        return re.fullmatch(r"https?://(127(\.\d+){3}|localhost|\[::1\])(:\d+)?", self.public_url) is not None


@dataclass(frozen=True, slots=True)
class Telegram:
    """Telegram. Off while `token` is empty; it is a company outside the municipality, so switch it on by decision."""

    token: str = setting(
        secret_text(r"|\d{3,20}:[A-Za-z0-9_-]{10,100}", "write the token that @BotFather gave: 123456789:AAF..."),
        "The bot's token, from @BotFather.",
        "",
        secret=True,
    )
    base_url: str = setting(
        or_none(web_address), "The Bot API's address, for a server of your own. None: Telegram's.", ""
    )
    mode: Literal["polling", "webhook"] = setting(
        one_of("polling", "webhook"),
        "`polling` asks Telegram for messages and needs nothing open to the world; `webhook` lets Telegram come to "
        "`web.public_url`.",
        "polling",
    )
    webhook_secret: str = setting(
        secret_text(r"|[A-Za-z0-9_-]{16,256}", "write 16 to 256 of A-Z a-z 0-9 _ -, made at random"),
        "What Telegram shows so that we know that it is Telegram, in the mode `webhook`.",
        "",
        secret=True,
    )

    @property
    def on(self) -> bool:
        """Whether there is a Telegram at all."""
        return bool(self.token)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        if self.on and self.mode == "webhook" and not self.webhook_secret:
            yield "webhook_secret", "is missing", "the mode webhook needs one: make 32 letters at random"
        if not self.on and (self.webhook_secret or self.base_url or self.mode == "webhook"):
            yield "token", "is missing", "write the bot's token, or remove the rest of [telegram]"


@dataclass(frozen=True, slots=True)
class Sms:
    """SMS over Twilio. Off while all of it is empty."""

    account_sid: str = setting(
        secret_text(r"|AC[0-9a-fA-F]{32}", "write the account's SID, AC and 32 signs, from Twilio's console"),
        "The account's SID: `AC...`.",
        "",
        secret=True,
    )
    auth_token: str = setting(
        secret_text(r"|\S{8,200}", "write the account's auth token, from Twilio's console"),
        "The account's auth token. What Twilio sends us is signed with it.",
        "",
        secret=True,
    )
    from_number: str = setting(
        secret_text(r"|\+[1-9]\d{6,14}", 'write the number in whole, as "+46701740605"'),
        "The number that we send from, as `+46...`: this or `messaging_service_sid`.",
        "",
        secret=True,
    )
    messaging_service_sid: str = setting(
        secret_text(r"|MG[0-9a-fA-F]{32}", "write the service's SID, MG and 32 signs, from Twilio's console"),
        "The messaging service that we send from: `MG...`.",
        "",
        secret=True,
    )
    api_base_url: str = setting(
        or_none(web_address), "The API's address, for a server of your own. None: Twilio's own.", ""
    )
    per_second: int = setting(
        whole(1, 100), "How many SMS a second may be sent: what your numbers are allowed by the operators.", 10
    )
    low_balance: int = setting(
        whole(0, 1_000_000), "Below how much left on the account there is an alarm, in the account's currency.", 20
    )

    @property
    def on(self) -> bool:
        """Whether there is SMS at all."""
        return bool(self.account_sid and self.auth_token)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        given = {name: bool(getattr(self, name)) for name in (*_ACCOUNT, *_SENDERS, "api_base_url")}
        if not any(given.values()):
            return
        for name in _ACCOUNT:
            if not given[name]:
                yield name, "is missing", "add it, or remove the rest of [sms]"
        if not any(given[name] for name in _SENDERS):
            yield "from_number", "is missing, and so is sms.messaging_service_sid", "write one of the two"
        elif all(given[name] for name in _SENDERS):
            yield "from_number", "stands beside sms.messaging_service_sid", "write one of the two and remove the other"


_ACCOUNT = ("account_sid", "auth_token")
_SENDERS = ("from_number", "messaging_service_sid")


@dataclass(frozen=True, slots=True)
class Sending:
    """When the bot may write first, and how often. Replies to what a person wrote go at once."""

    starts: time = setting(time_of_day, "The earliest time of day for what the bot sends by itself.", time(9))
    ends: time = setting(time_of_day, "The time of day from which it waits until the next morning.", time(19))
    budget_per_week: int = setting(
        whole(0, 14), "The most messages a week to one person of what the bot starts itself, meetings apart.", 2
    )
    sms_per_day: int = setting(
        whole(1, 100_000),
        "The most SMS a day in all. Then what the bot starts, and codes to numbers, wait until the next day, and staff "
        "are told; answers go on.",
        500,
    )
    segment_ore: int = setting(
        whole(0, 10_000),
        "What one part of an SMS costs, in öre: told to staff before they send to many. 0: they see the parts alone.",
        0,
    )

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        if self.ends <= self.starts:
            yield "ends", *ENDS_LATER


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept. Nothing is erased without a decision; it is marked."""

    half_done_days: int = setting(
        whole(1, 365), "After how many days a sign-up that was never finished is marked for erasure.", 30
    )


@dataclass(frozen=True, slots=True)
class Oidc:
    """Logging in to the staff pages with municipal accounts (OpenID Connect). Off while all of it is empty."""

    issuer: str = setting(
        or_none(web_address), "Who issues the accounts, as its own configuration says. None: no such log-in.", ""
    )
    client_id: str = setting(text(r".{0,200}", "write the id that the municipality gave"), "Our id there.", "")
    client_secret: str = setting(
        secret_text(r"|\S{8,400}", "write the secret that the municipality gave"),
        "Our secret there.",
        "",
        secret=True,
    )
    name: str = setting(text(), "What stands on the button.", "Logga in med kommunens konto")
    acr: str = setting(
        text(r".{0,400}", "write the values with spaces between"),
        "The values of `acr` that mean that a second factor was asked for, with spaces between. None: `amr` must hold "
        "`mfa`.",
        "",
    )

    @property
    def on(self) -> bool:
        """Whether there is such a log-in."""
        return bool(self.issuer)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        given = {name: bool(getattr(self, name)) for name in ("issuer", "client_id", "client_secret")}
        for name, there in given.items():
            if any(given.values()) and not there:
                yield name, "is missing", "add it, or remove the rest of [oidc]"


@dataclass(frozen=True, slots=True)
class Log:
    """What the log looks like. It never holds what people wrote, names, numbers or tokens."""

    format: Literal["json", "console"] = setting(
        one_of("json", "console"), "`json` for machines that read logs, `console` for people.", "json"
    )
    level: str = setting(
        one_of("debug", "info", "warning", "error"), "The least that is told: debug, info, warning or error.", "info"
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    database: Database = table(Database)
    keys: Keys = table(Keys)
    web: Web = table(Web)
    telegram: Telegram = table(Telegram)
    sms: Sms = table(Sms)
    sending: Sending = table(Sending)
    retention: Retention = table(Retention)
    oidc: Oidc = table(Oidc)
    log: Log = table(Log)
    units: tuple[Unit, ...] = tables(Unit)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the tables."""
        webhook = self.telegram.on and self.telegram.mode == "webhook"
        for on, local, who in (
            (webhook, self.telegram.base_url, "Telegram's webhook"),
            (self.sms.on, self.sms.api_base_url, "SMS"),
        ):
            if on and not (self.web.is_private or (local and self.web.is_here)):
                way_out = "write the https address that the world reaches this by; see docs/operate.md"
                yield "web.public_url", f'is "{self.web.public_url}", and {who} needs https', way_out
                return

    def require_units(self) -> None:
        """Raise SettingsError when there is no unit: then nobody would read what people write."""
        if not self.units:
            way_out = "add one as config.example.toml shows, or try `ingang run --demo`"
            raise SettingsError([Fault("units", "has no unit", "config.toml", way_out)])


def load_settings(environment: Mapping[str, str] = os.environ, *, file: Path | None = None) -> Settings:
    """Read the settings from `file` (else INGANG_CONFIG, else config.toml here, if there is one) and the environment.

    Raises SettingsError with every fault at once.
    """
    named = file if file is not None else environment.get(CONFIG)
    path = Path(named or "config.toml")
    faults: list[Fault] = []
    raw = _read_file(path, faults) if named or path.exists() else {}
    source = Source(str(path), overrides(Settings, raw, environment, faults))
    settings = read_table(Settings, raw, "", source, faults)
    faults.extend(_repeated_slugs(raw.get("units"), source))
    if faults or settings is None:
        raise SettingsError(sorted(faults, key=lambda fault: fault.name))
    return replace(settings, keys=replace(settings.keys, held=environment.get(KEYS) or None))


def _repeated_slugs(units: object, source: Source) -> Iterator[Fault]:
    slugs = [unit.get("slug") if isinstance(unit, dict) else None for unit in units] if isinstance(units, list) else []
    for at, slug in enumerate(slugs):
        if slug is not None and slug in slugs[:at]:
            name = f"units.{at + 1}.slug"
            yield Fault(name, f"is {slug!r}, as another unit's", source.file, "give each unit a slug of its own")


def _read_file(path: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        what, way_out = (
            f"cannot be read: {error.strerror}",
            "copy config.example.toml, or set INGANG_CONFIG to its path",
        )
    except UnicodeDecodeError:
        what, way_out = "is not UTF-8", "save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        what, way_out = f"is not TOML: {error}", "mend that line; config.example.toml shows the form"
    faults.append(Fault("the file", what, str(path), way_out))
    return {}
