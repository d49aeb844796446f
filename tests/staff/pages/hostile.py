"""Every route, form and field of the staff pages as a stranger finds them, and what a page must never show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
from fastapi.routing import APIRoute

from staff.pages import site
from staff.pages.door import LOG_IN, PROVE, Declared
from tests.staff.pages.conftest import Browser, Rooms, token_in

MARK: Final = "x7q"  # stands in each piece of markup of ours, and nowhere else
HOME: Final = "/personal/konto"  # open to every role
NOBODY: Final = "4611686018427387904"
PRODUCT: Final = "1787569"  # 1337 times itself: some template has reckoned
MARKUP: Final = (
    f"<script>{MARK}()</script>",
    f'"><img src={MARK} onerror={MARK}()>',
    f"' onmouseover={MARK}() {MARK}='",
    f"</textarea></title></option></script><{MARK}>",
    f"javascript:{MARK}()",
    f"{{{{ 1337*1337 }}}} {{% {MARK} %}} ${{1337*1337}} #{{1337*1337}} <%= 1337*1337 %>",
    f"<!--{MARK}--><svg/onload={MARK}()>",
)
JUNK: Final = (
    "'; DROP TABLE participants; --",
    "\" OR 1=1 -- %' ESCAPE '",
    "\x00",
    "Kim\x00\x1b[31m",
    "\ud83d",
    "\udcff\u202e\ufeff",
    "x" * 100_000,
    "å" * 2_000,
    "\r\nSet-Cookie: x7q=1",
    "../../etc/passwd",
    "",
    "-1",
    "0",
    "9" * 30,
    "9223372036854775808",
    "1e309",
    "NaN",
    "٣",
    "2027-13-45",
    "2026-W99",
    "0001-01-01",
    "9999-12-31",
    "2027-03-28T02:30",
    "25:61",
    '{"a": [1]}',
    "{förnamn.__class__}",
    "%s%n%(x)s",
    "https://elak.example/",
)
CORPUS: Final = (*MARKUP, *JUNK)


# --- what a page must not show ----------------------------------------------------------------------------------------

_TOKENS: Final = re.compile(r'name="(csrf|once)" value="[\w-]*"')
"""What is another in each page: without it every second page is one that has been read before."""


def wrong_in(page: str) -> list[str]:
    """What of our markup has come to life in a page."""
    return _wrong_in(_TOKENS.sub("", page))


@lru_cache(2_000)
def _wrong_in(page: str) -> list[str]:
    reading = _Reading()
    reading.feed(page)
    reading.close()
    if PRODUCT in page:
        reading.wrong.append("a template has reckoned")
    if "Traceback (most recent" in page:
        reading.wrong.append("a trace")
    return reading.wrong


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        if MARK in tag:
            self.wrong.append(f"a tag <{tag}>")
        for name, value in attrs:
            if MARK in name or name.startswith("on"):
                self.wrong.append(f"an attribute {name} of <{tag}>")
            where = (value or "").strip().lower()
            if name in ("src", "href", "action", "formaction") and not where.startswith(("/", "#", "?", "data:image")):
                fine = name == "href" and where.startswith(("https://", "http://", "tel:", "sms:", "mailto:"))
                if not fine:
                    self.wrong.append(f"{name}={where[:60]!r} of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.wrong.append(f"a script in the page: {data[:60]}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.wrong.append("a comment")


# --- what there is ----------------------------------------------------------------------------------------------------


@dataclass
class Form:
    """A form as a page shows it: where it is sent, and what is in it before anybody types."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The links and forms of a page. `choices` are the values that its selects and buttons offer."""

    def __init__(self, at: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._at, self._select = at, ""
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href", "").startswith(("/personal", "?")):
            self.links.append(_beside(self._at, told["href"]))
        elif tag == "form":
            self._form = Form(told.get("method", "get").upper(), _beside(self._at, told.get("action") or self._at))
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag in ("input", "button") and told.get("name"):
            self._form.fields.setdefault(told["name"], []).append(told.get("value", "on"))
        elif tag in ("select", "textarea"):
            self._select = told.get("name", "")
            self._form.fields.setdefault(self._select, [])
        elif tag == "option" and self._select:
            self._form.fields[self._select].append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._select = ""


def _beside(at: str, where: str) -> str:
    return urlsplit(at).path + where if where.startswith("?") else where


@dataclass
class Route:
    """A route of the application's own table, and what was found of it."""

    method: str
    path: str
    pattern: re.Pattern[str]
    declared: Declared
    seen: list[str] = field(default_factory=list)  # real addresses of it
    forms: list[Form] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)  # names that its handler has asked for


def routes_of(rooms: Rooms) -> list[Route]:
    """The table."""
    found = []
    for route in site.walk(rooms.web):
        declared = site.declared_of(route)
        if isinstance(route, APIRoute) and declared is not None and not route.path.endswith("/handelser"):
            found += [Route(method, route.path, route.path_regex, declared) for method in sorted(route.methods or ())]
    return found


# --- somebody who means ill -------------------------------------------------------------------------------------------


@dataclass
class Visitor:
    """One of a role who sends whatever they like, and is let in again whenever they put themselves out.

    Without a role it is a stranger, who gets no further than the log-in and what else is public.
    """

    rooms: Rooms
    role: str
    routes: list[Route]
    faults: list[str] = field(default_factory=list)
    sent: int = 0
    known: dict[str, str] = field(default_factory=dict)  # real values, by the names of fields and of parts of addresses
    _browser: Browser | None = None
    _csrf: str = ""

    @cached_property
    def open_routes(self) -> list[Route]:
        """Those that are open to the role, and to no stranger; for a stranger those that are."""
        if not self.role:
            return [each for each in self.routes if each.declared.is_public()]
        return [each for each in self.routes if each.declared.lets_in(self.role) and not each.declared.is_public()]

    def go_round(self, most: int = 2) -> int:
        """Follow every link from the start, so many addresses a route; note forms, and what is wrong in the pages."""
        pages, shown = 0, [each for each in self.open_routes if each.method == "GET"]
        waiting, is_open = [self.address(each) for each in shown], {each.path for each in shown}
        done: set[str] = set()
        while waiting:
            where = waiting.pop(0)
            route = None if where in done else self.route_of("GET", where)
            if route is None or route.path not in is_open or len(done.intersection(route.seen)) >= most:
                continue
            done.add(where)
            answer = self.ask("GET", where)
            if answer.status_code == 404:
                continue
            route.seen.append(where)
            pages += 1
            if "html" in answer.headers.get("content-type", ""):
                links = _Forms(where)
                links.feed(answer.text)
                waiting += links.links
                self._note(links.forms)
        return pages

    def _note(self, forms: list[Form]) -> None:
        for form in forms:
            route = self.route_of(form.method, form.action)
            if route is not None and len(route.forms) < 4:
                route.seen.append(form.action)
                route.forms.append(form)
            for name, values in form.fields.items():
                if name not in ("csrf", "once") and any(values):
                    self.known.setdefault(name, next(filter(None, values)))

    def route_of(self, method: str, where: str) -> Route | None:
        """The route of an address."""
        path = urlsplit(where).path
        return next((each for each in self.routes if each.method == method and each.pattern.match(path)), None)

    def address(self, route: Route) -> str:
        """A real address of a route, as far as one is known."""
        if route.seen:
            return urlsplit(route.seen[-1]).path
        return re.sub(r"\{(\w+)[^}]*\}", lambda part: self.known.get(part.group(1), NOBODY), route.path)

    def base(self, route: Route) -> dict[str, list[str]]:
        """What its form has in it, one value a field; and what is known of other names that its handler asks for."""
        shown = {name: values[:1] for form in route.forms[-1:] for name, values in form.fields.items()}
        return {name: [self.known[name]] for name in sorted(route.asked) if name in self.known} | shown

    def send(self, route: Route, fields: dict[str, list[str]], path: str | None = None, **more: Any) -> None:
        """Send fields to a route, in its address or its body as a browser would."""
        where = path or self.address(route)
        pairs = [(name, value) for name, values in fields.items() for value in values if name != "csrf"]
        if route.method == "GET":
            self.ask("GET", f"{where}?{encoded(pairs)}"[:60_000], **more)
        else:
            self.ask("POST", where, encoded([("csrf", "\0"), *pairs]).replace("csrf=%00", "csrf=@"), **more)

    def ask(self, method: str, where: str, body: str | bytes = b"", kind: str = "", **headers: str) -> httpx.Response:
        """Ask, logged in; look for what is wrong in the answer. "@" stands for the session's own field."""
        answer = self._ask(method, where, body, kind, headers)
        if self.role and "cookie" not in headers and self._is_put_out(answer):
            self._browser = None  # by what they did before
            answer = self._ask(method, where, body, kind, headers)
        self._look(method, where, answer)
        return answer

    def _is_put_out(self, answer: httpx.Response) -> bool:
        """Whether they must be let in anew. A form that is wrong in itself stays so, whoever sends it."""
        where = answer.headers.get("location", "")
        if where.startswith(PROVE):
            return True
        if not where.startswith(LOG_IN) and answer.status_code not in (401, 403):
            return False
        return self._browser is None or self._browser.get(HOME, follow_redirects=False).status_code != 200

    def _ask(self, method: str, where: str, body: str | bytes, kind: str, headers: dict[str, str]) -> httpx.Response:
        if self._browser is None and not self.role:
            self._browser = self.rooms.stranger()
        elif self._browser is None:
            self._browser = self.rooms.as_member(self.rooms.hire(self.role, "alvsbyn", name="Ida"))
            self._csrf = token_in(self._browser.see(HOME))
        self.sent += 1
        raw = body.replace("csrf=@", f"csrf={self._csrf}") if isinstance(body, str) else body
        kind = kind or ("application/x-www-form-urlencoded" if method == "POST" else "")
        told = {**({"content-type": kind} if kind else {}), **headers}
        return self._browser.request(method, where, content=raw, headers=told, follow_redirects=False)

    def _look(self, method: str, where: str, answer: httpx.Response) -> None:
        wrong = []
        if answer.status_code >= 500:
            wrong.append(f"status {answer.status_code}")
        if "html" in answer.headers.get("content-type", ""):
            wrong += wrong_in(answer.text)
        away = answer.headers.get("location", "/personal")
        handed_over = where.partition("?")[0].endswith("/skarm") and re.fullmatch(r"/d/[\w-]{22}", away)
        if not (away.startswith("/personal") or handed_over):
            wrong.append(f"sends them to {away[:80]!r}")
        if any(MARK in name or (MARK in value and name != "location") for name, value in answer.headers.items()):
            wrong.append("a header of our own making")
        self.faults += [f"{self.role}: {method} {where[:160]!r}: {each}" for each in wrong]


def encoded(pairs: Sequence[tuple[str, str]]) -> str:
    """As a form is sent; lone surrogates go as their bytes."""
    return urlencode(
        [(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    )


def paths_with(route: Route, value: str) -> Iterator[str]:
    """The address of a route with a value in the place of every part of it."""
    if "{" in route.path:
        yield re.sub(
            r"\{[^}]+\}", lambda _: quote(value.encode("utf-8", "surrogatepass"), safe="")[:4_000] or "-", route.path
        )
