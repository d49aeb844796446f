"""`ingang poster`: a printable page with codes that lead to the bot, one for each place where it hangs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from ingang.settings import Settings
    from staff.posters import Ways

BOT: Final = re.compile(r"@?[A-Za-z][A-Za-z0-9_]{3,31}")


def register(root: typer.Typer) -> None:
    """Add `ingang poster`."""
    root.command()(poster)


def poster(
    unit: Annotated[str, typer.Option("--unit", help="The unit, by its short name.")],
    source: Annotated[
        str,
        typer.Option("--source", "--place", help='Where it will hang: "coop". Each sign-up tells which one led to it.'),
    ] = "affisch",
    *,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; else UNIT_SOURCE.pdf here.")] = None,
    bot: Annotated[
        str | None, typer.Option("--bot", help="The bot's name at Telegram; else Telegram is asked.")
    ] = None,
    sms: Annotated[
        str | None,
        typer.Option("--sms", help="The number to write to, as +46...; else sms.from_number."),
    ] = None,
    font: Annotated[Path | None, typer.Option("--font", help="A TrueType file to set it in; else Helvetica.")] = None,
) -> None:
    """Make a printable A4 page: who you are, a code for each way in that is set up, and a number to ring."""
    from ingang.errors import UserError
    from ingang.settings import load_settings
    from ingang.wiring import open_app
    from staff.people import DeskFault
    from staff.poster_pdf import draw
    from staff.posters import find_unit, make_poster

    settings = load_settings()
    ways = _ways(settings, bot, sms)
    app = open_app(settings)
    try:
        of = find_unit(app.store, unit)
        made = make_poster(of, source, ways)
        page = draw(made, app.clock.now(), font)
    except DeskFault as fault:
        raise UserError(fault.what, fault.where, fault.way_out) from fault
    finally:
        app.store.close()
    path = out or Path(f"{made.source}.pdf")
    try:
        path.write_bytes(page)
    except OSError as error:
        raise UserError(f"kan inte skrivas: {error.strerror}", str(path), "välj en annan fil med --out") from error
    typer.echo(f"{path}: {', '.join(code.name for code in made.codes)}. Anmälningar därifrån märks {made.source}.")
    if not of.live:
        typer.echo("Enheten är inte öppen än: den som skriver får veta att ingen läser. Öppna den på sidan Bemanning.")
    typer.echo("Prova varje kod med en telefon innan du trycker upp den.")


def _ways(settings: Settings, bot: str | None, sms: str | None) -> Ways:
    """The ways in that are set up. Raises UserError for one that is given and not set up, or set up and not known."""
    from ingang.errors import UserError
    from staff.posters import Ways

    for given, on, option, missing in (
        (bot, settings.telegram.on, "--bot", "telegram.token"),
        (sms, settings.sms.on, "--sms", "sms.account_sid"),
    ):
        if given and not on:
            raise UserError(
                "den vägen är inte uppsatt", option, f"fyll i {missing} och det som hör till, eller ta bort"
            )
    if bot and not BOT.fullmatch(bot):
        raise UserError(f"{bot!r} är inget namn på en bot", "--bot", "skriv det som @BotFather gav: ingang_bot")
    if settings.sms.on and not (sms or settings.sms.from_number):
        way_out = "säg vilket av dess nummer som ska stå på affischen, med --sms +46..."
        raise UserError("SMS går ut från en meddelandetjänst", "sms.messaging_service_sid", way_out)
    name = bot.removeprefix("@") if bot else _asked(settings) if settings.telegram.on else ""
    number = (sms or settings.sms.from_number) if settings.sms.on else ""
    return Ways(name, number, "" if settings.web.is_here else settings.web.public_url)


def _asked(settings: Settings) -> str:
    """The bot's name, as Telegram has it: a mistyped one would send people to a stranger."""
    import asyncio

    from bot.channels.base import SendError
    from ingang.errors import UserError
    from ingang.providers import make_telegram

    async def ask() -> str:
        channel = make_telegram(settings)
        await channel.open()
        try:
            return await asyncio.wait_for(channel.examine(), 15)
        finally:
            await channel.close()

    try:
        return asyncio.run(ask())
    except (SendError, TimeoutError) as error:
        way_out = "kör ingang check, eller skriv botens namn med --bot"
        raise UserError("Telegram svarar inte på vad boten heter", "telegram.token", way_out) from error
