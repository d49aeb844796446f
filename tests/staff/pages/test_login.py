"""Logging in: the invitation, the password, the code; guessing, and what it cannot do to others."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from scheduler import forgetting
from staff import accounts, codes, passwords
from staff.people import Actor
from storage import audit, logins, sessions, staff
from tests.staff.pages.conftest import CHEAP, HOST, Browser, Rooms

PASSWORD = "kastanj cykel mossa"
OPERATOR = Actor("os:drift")


def invited(rooms: Rooms, name: str = "Ida", role: str = "handlaggare") -> str:
    """The path of an invitation to somebody new."""
    staff_id = rooms.hire(role, "alvsbyn", name=name, email=f"{name.casefold()}@kommunen.example")
    token = accounts.invite(rooms.town.store, rooms.program.at, rooms.town.now, OPERATOR, staff_id)
    return f"/personal/valkommen/{token}"


def code(rooms: Rooms, secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    return pyotp.TOTP(secret).at(rooms.program.at + timedelta(seconds=30 * steps))


def settled(rooms: Rooms, name: str = "Ida") -> tuple[str, list[str]]:
    """Somebody who has gone through the invitation: the app's secret and the recovery codes."""
    browser = rooms.stranger()
    path = invited(rooms, name)
    page = browser.fill(path, {"password": PASSWORD, "again": PASSWORD}, on=path).text
    secret = re.search(r'<code class="key">([^<]+)</code>', page)
    assert secret, page
    plain = secret.group(1).replace(" ", "")
    browser.page = page
    done = browser.fill("/personal/valkommen/app", {"code": code(rooms, plain)}).text
    fresh = re.findall(r"<li><code>([^<]+)</code>", done)
    assert len(fresh) == 10, done
    rooms.wait(minutes=2)
    return plain, fresh


def tries(browser: Browser, password: str, email: str = "ida@kommunen.example") -> tuple[int, str]:
    answer = browser.fill("/personal/logga-in", {"email": email, "password": password}, on="/personal/logga-in")
    browser.page = answer.text
    return answer.status_code, answer.text


def test_a_password_is_kept_with_the_work_that_the_rfc_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # every other test here has it done with the least
    kept = passwords.hash_of(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "RFC 9106, second recommended choice"
    assert passwords.is_right(PASSWORD, kept)
    assert not passwords.is_right(PASSWORD + "r", kept)
    assert not passwords.is_right(PASSWORD, None)
    assert not passwords.is_old(kept)
    assert passwords.is_old(CHEAP.hash(PASSWORD))


def test_invited_chooses_a_password_couples_an_app_and_is_in(rooms: Rooms) -> None:
    browser, path = rooms.stranger(), invited(rooms)
    assert "Välkommen, Ida!" in browser.see(path)
    page = browser.fill(path, {"password": PASSWORD, "again": PASSWORD}).text
    assert "Koppla en app" in page
    assert "data:image/svg+xml" in page
    secret = re.search(r'<code class="key">([^<]+)</code>', page)
    assert secret
    browser.page = page
    wrong = browser.fill("/personal/valkommen/app", {"code": "000000"})
    assert wrong.status_code == 422
    browser.page = wrong.text
    done = browser.fill("/personal/valkommen/app", {"code": code(rooms, secret.group(1).replace(" ", ""))})
    assert "Dina reservkoder" in done.text
    assert "Ida" in browser.see("/personal/konto")
    assert "gäller inte" in rooms.stranger().see(path, 404)  # used


def test_password_then_code_lets_in_and_a_code_counts_once(rooms: Rooms) -> None:
    secret, _ = settled(rooms)
    browser = rooms.stranger()
    status, page = tries(browser, PASSWORD)
    assert status == 200
    assert "Skriv koden" in page
    assert browser.get("/personal/konto", follow_redirects=False).status_code == 303  # half way is not in
    now = code(rooms, secret)
    assert "Mitt konto" not in page
    browser.fill("/personal/logga-in/kod", {"code": now})
    assert "Mitt konto" in browser.see("/personal/konto")
    other = rooms.stranger()
    tries(other, PASSWORD)
    again = other.fill("/personal/logga-in/kod", {"code": now})
    assert again.status_code == 422
    assert "stämmer inte" in again.text


def test_recovery_code_lets_in_once(rooms: Rooms) -> None:
    _, fresh = settled(rooms)
    for expected in (200, 422):
        browser = rooms.stranger()
        tries(browser, PASSWORD)
        answer = browser.fill("/personal/logga-in/kod", {"code": fresh[0].upper().replace("-", " ")})
        assert answer.status_code == expected


def test_session_has_a_new_name_at_each_step_and_the_old_one_is_worth_nothing(rooms: Rooms) -> None:
    secret, _ = settled(rooms)
    browser = rooms.stranger()
    browser.cookies.set("__Host-ingang", "planted-by-somebody-else-0123456789", domain="ingang.example")
    tries(browser, PASSWORD)
    half = browser.cookies["__Host-ingang"]
    assert half != "planted-by-somebody-else-0123456789"
    browser.fill("/personal/logga-in/kod", {"code": code(rooms, secret)})
    full = browser.cookies["__Host-ingang"]
    assert full != half
    thief = rooms.stranger()
    thief.cookies.set("__Host-ingang", half, domain="ingang.example")
    assert "Logga in" in thief.see("/personal/konto")


def test_cookie_is_for_https_alone_and_out_of_scripts_reach(rooms: Rooms) -> None:
    settled(rooms)
    browser = rooms.stranger()
    browser.get("/personal/logga-in")
    answer = browser.post(
        "/personal/logga-in", data={"email": "ida@kommunen.example", "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-ingang=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie


def test_logging_out_ends_it_on_the_server(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    token = browser.cookies["__Host-ingang"]
    answer = browser.fill("/personal/logga-ut", on="/personal/konto")
    assert answer.history[0].headers["Clear-Site-Data"] == '"cache", "storage"'
    browser.cookies.set("__Host-ingang", token, domain="ingang.example")
    assert "Logga in" in browser.see("/personal/konto")


def test_whoever_leaves_is_out_at_once(rooms: Rooms) -> None:
    anna, mona = rooms.logged_in("Anna"), rooms.as_member(rooms.hire("administrator", name="Mona"))
    anna.see("/personal/konto")
    path = f"/personal/konton/{rooms.member('Anna')}"
    mona.fill(f"{path}/avsluta", on=path)
    assert "Logga in" in anna.see("/personal/konto")


def test_session_ends_after_half_an_hour_alone_and_after_a_working_day(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    for _ in range(22):
        rooms.wait(minutes=25)
        browser.see("/personal/konto")
    rooms.wait(minutes=31)
    assert "Logga in" in browser.see("/personal/konto")
    busy = rooms.logged_in()
    for _ in range(24):
        rooms.wait(minutes=26)
        page = busy.see("/personal/konto")
    assert "Logga in" in page  # 10 hours and 24 minutes


def test_what_was_typed_is_there_to_copy_when_the_session_ended(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    browser.see("/personal/konto")
    rooms.wait(hours=1)
    answer = browser.fill("/personal/konto/losenord", {"note": "Hej <Kim>, vi ses i morgon"})
    assert answer.status_code == 401
    assert "Hej &lt;Kim&gt;, vi ses i morgon" in answer.text


# --- guessing ---------------------------------------------------------------------------------------------------------


def test_wrong_password_and_unknown_account_say_the_same(rooms: Rooms) -> None:
    settled(rooms)
    told = [tries(rooms.stranger(), "fel lösenord här", who)[1] for who in ("ida@kommunen.example", "x@y.example")]
    strip = [re.sub(r'value="[^"]*"', "", page) for page in told]
    assert strip[0] == strip[1]
    assert "hör inte ihop" in told[0]


def test_guessing_is_slowed_down_for_the_guesser_and_nobody_else(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = settled(rooms)
    known = rooms.stranger("192.0.2.1")
    tries(known, PASSWORD)
    known.fill("/personal/logga-in/kod", {"code": code(rooms, secret)})
    known.fill("/personal/logga-ut", on="/personal/konto")
    asked: list[str] = []
    right = passwords.is_right

    def quick(given: str, stored: str | None) -> bool:
        asked.append(given)
        return given == PASSWORD and right(given, stored)

    monkeypatch.setattr(passwords, "is_right", quick)
    guesser = rooms.stranger("203.0.113.9")
    statuses = [tries(guesser, f"gissning nummer {n}")[0] for n in range(12)]
    assert statuses[:6] == [422] * 6
    assert 429 in statuses[6:]
    taken = len(asked)
    assert tries(guesser, PASSWORD)[0] == 429  # closed: not even the right one is looked at
    assert len(asked) == taken
    for n in range(60):  # and from many addresses at once
        tries(rooms.stranger(f"198.51.100.{n}"), f"gissning {n}")
    assert tries(rooms.stranger("198.51.100.250"), PASSWORD)[0] == 429  # a browser never seen before waits
    assert "Skriv koden" in tries(known, PASSWORD)[1]  # hers does not
    rooms.wait(minutes=15, seconds=1)
    assert "Skriv koden" in tries(guesser, PASSWORD)[1]  # and it is never for ever


def test_mistypes_of_a_whole_town_hall_now_and_then_close_nothing(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "is_right", lambda given, stored: False)
    for n in range(90):
        status, _ = tries(rooms.stranger("192.0.2.44"), "fel ord igen", f"person{n}@kommunen.example")
        assert status == 422
        rooms.wait(minutes=11)


def test_five_wrong_codes_ask_for_the_password_again(rooms: Rooms) -> None:
    secret, _ = settled(rooms)
    browser = rooms.stranger()
    tries(browser, PASSWORD)
    for _ in range(5):
        answer = browser.fill("/personal/logga-in/kod", {"code": "123456"})
    assert "Börja om med lösenordet" in answer.text
    late = browser.fill("/personal/logga-in/kod", {"code": code(rooms, secret)}, on="/personal/logga-in")
    assert "Mitt konto" not in late.text
    assert "Lösenord" in late.text


def test_every_try_is_in_the_log_without_what_was_typed(rooms: Rooms) -> None:
    settled(rooms)
    tries(rooms.stranger(), "fel lösenord här")
    with rooms.town.store.read() as tx:
        told = [(each.action, each.outcome) for each in audit.list_latest(tx, 20)]
    assert ("staff.login", "refused: password") in told


# --- passwords and codes ----------------------------------------------------------------------------------------------


@pytest.mark.few_on_postgres
@pytest.mark.parametrize(
    "weak",
    ["kort", "aaaaaaaaaaaaaaaa", "lösenord2026!", "Sommar2026!!", "Ida-kommunen-2026", "qwertyuiop123", "x" * 129],
)
def test_weak_password_is_refused_with_the_reason(rooms: Rooms, weak: str) -> None:
    browser, path = rooms.stranger(), invited(rooms)
    answer = browser.fill(path, {"password": weak, "again": weak}, on=path)
    assert answer.status_code == 422
    assert "Lösenordet är" in answer.text
    assert f'value="{weak}"' not in answer.text


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(rooms: Rooms) -> None:
    secret, _ = settled(rooms)
    here = rooms.stranger()
    tries(here, PASSWORD)
    here.fill("/personal/logga-in/kod", {"code": code(rooms, secret)})
    with rooms.town.store.read() as tx:
        ida = staff.find_by_email(tx, "ida@kommunen.example")
        assert ida
    elsewhere = rooms.as_member(ida.id)
    fields = {"before": "inte det här nej", "after": "granit hattar sjunger"}
    assert here.fill("/personal/konto/losenord", fields, on="/personal/konto").status_code == 422
    done = here.fill("/personal/konto/losenord", fields | {"before": PASSWORD}, on="/personal/konto")
    assert "Lösenordet är bytt" in done.text
    assert "Logga in" in elsewhere.see("/personal/konto")
    assert "Mitt konto" in here.see("/personal/konto")


def test_heavy_deeds_ask_for_the_password_once_more(rooms: Rooms) -> None:
    mona = rooms.as_member(rooms.hire("administrator", name="Mona"))
    mona.see("/personal/konton/ny")
    rooms.wait(minutes=6)
    answer = mona.fill("/personal/konton/ny", {"name": "Ulla"})
    assert "påverkar andra" in answer.text
    assert "Ulla" not in mona.see("/personal/konton")


def test_a_stolen_table_lets_nobody_in(rooms: Rooms) -> None:
    secret, fresh = settled(rooms)
    with rooms.town.store.read() as tx:
        raw = " ".join(
            str(row) for table in ("staff_logins", "staff_sessions", "recovery_codes", "staff_devices")
            for row in tx.conn.exec_driver_sql(f"SELECT * FROM {table}").all()
        )  # fmt: skip
    for told in (secret, *fresh, PASSWORD, "ida@kommunen.example"):
        assert told not in raw


def test_second_factor_step_is_read_from_the_present_and_its_neighbours(rooms: Rooms) -> None:
    secret, at = codes.new_secret(), rooms.program.at
    clock = pyotp.TOTP(secret)
    assert codes.step_of(secret, clock.at(at), at) == int(at.timestamp()) // 30
    assert codes.step_of(secret, f" {clock.at(at)[:3]} {clock.at(at)[3:]} ", at) is not None
    for junk in ("", "12345", "1234567", "abcdef", "１２３４５６", "٣٤٥٦٧٨"):
        assert codes.step_of(secret, junk, at) is None


def test_old_sessions_and_tries_are_taken_away(rooms: Rooms) -> None:
    rooms.logged_in()
    rooms.wait(hours=11)
    with rooms.town.store.begin() as tx:
        assert sessions.any_old(tx, rooms.program.at)
        assert sessions.drop_old(tx, rooms.program.at) == 1


def test_invitation_is_too_old_after_three_days(rooms: Rooms) -> None:
    path = invited(rooms)
    rooms.wait(days=3, seconds=1)
    assert "gäller inte" in rooms.stranger().see(path, 404)
    assert HOST.startswith("https")
    with rooms.town.store.read() as tx:
        assert logins.find_invited(tx, path.rsplit("/", 1)[1], rooms.program.at) is None


def test_sweep_forgets_what_is_over_and_nothing_else(rooms: Rooms) -> None:
    settled(rooms)
    tries(rooms.stranger(), "fel lösenord här")
    browser = rooms.logged_in()
    assert forgetting.forget_logins(rooms.town.store, rooms.program.at) == 0
    assert "Mitt konto" in browser.see("/personal/konto")
    rooms.wait(days=2)
    assert forgetting.forget_logins(rooms.town.store, rooms.program.at) >= 4  # three guesses counted, and the sessions
    assert forgetting.forget_logins(rooms.town.store, rooms.program.at) == 0


def test_demo_has_a_way_past_the_password_that_nobody_has(rooms: Rooms) -> None:
    rooms.program.demo = True
    browser = rooms.logged_in("Anna", "samordnare")
    rooms.wait(minutes=6)
    page = browser.see("/personal/uttag")
    assert "I demot har ingen något lösenord" in page
    fields = {"staff": str(rooms.member("Anna")), "vidare": "/personal/uttag"}
    assert "Ta ut" in browser.fill("/personal/logga-in/demo", fields).text


def test_when_a_colleague_was_in_is_told_by_the_clock_of_the_wall(rooms: Rooms) -> None:
    """In the demo the business clock is days ahead: "Senast inne" said "för en månad sedan" of a minute ago."""
    settled(rooms)
    mona = rooms.as_member(rooms.hire("administrator", name="Mona"))
    rooms.town.until("2027-02-01 10:00")
    assert "Senast inne: i dag kl. 10" in mona.see(f"/personal/konton/{rooms.member('Ida')}")
