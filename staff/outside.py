"""Logging in with a municipal account: OpenID Connect, the code flow with PKCE, state and nonce.

Who somebody is, is the issuer and the subject together, never an e-mail address. The municipality must have asked for a
second factor: its token says so in `amr` or `acr`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY: Final = 60  # seconds that two clocks may differ
PATIENCE: Final = 10  # seconds for an answer of theirs
KEPT: Final = timedelta(hours=1)  # how long their addresses and keys are taken to be the same


class OutsideFault(Exception):
    """It did not come to a log-in. `why`: a word for the log; it tells nothing of the person."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Sent:
    """Where to send the browser, and what must come back with it (JSON, sealed meanwhile)."""

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the municipality says that it is."""

    issuer: str
    subject: str


@dataclass
class Outside:
    """The municipality's log-in. `acr`: values that mean a second factor; with none, `amr` must hold "mfa"."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    redirect: str
    acr: tuple[str, ...] = ()
    _known: dict[str, Any] = field(default_factory=dict, repr=False)
    _known_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(self, at: datetime, carries: Mapping[str, str]) -> Sent:
        """Begin a log-in at `at` (lease time); `carries` comes back with it. OutsideFault when they do not answer."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with self._session() as session:
            where = self._about(session, at)["authorization_endpoint"]
            address, state = session.create_authorization_url(
                where, code_verifier=verifier, nonce=nonce, code_challenge_method="S256", prompt="login"
            )
        return Sent(address, json.dumps({"state": state, "nonce": nonce, "verifier": verifier, **carries}))

    def finish(self, at: datetime, kept: Mapping[str, str], given: Mapping[str, str]) -> Person:
        """Take what the browser came back with: `given` is the address's query. OutsideFault when it does not hold."""
        if not secrets.compare_digest(given.get("state", ""), kept["state"]):
            raise OutsideFault("state")
        if given.get("iss") not in (None, self.issuer):
            raise OutsideFault("issuer")  # RFC 9207: an answer meant for another
        if "error" in given or not given.get("code"):
            raise OutsideFault("declined")
        with self._session() as session:
            about = self._about(session, at)
            token = self._fetch(session, about["token_endpoint"], given["code"], kept["verifier"])
        return self._read(token, about, at, kept["nonce"])

    def _session(self) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client_id, self.client_secret, scope="openid", redirect_uri=self.redirect,
            code_challenge_method="S256", default_timeout=PATIENCE,
        )  # fmt: skip

    def _fetch(self, session: OAuth2Session, where: str, code: str, verifier: str) -> str:
        try:
            told = session.fetch_token(where, code=code, code_verifier=verifier, timeout=PATIENCE)
        except Exception as error:
            raise OutsideFault("token") from error
        found = told.get("id_token")
        if not isinstance(found, str):
            raise OutsideFault("no id_token")
        return found

    def _about(self, session: OAuth2Session, at: datetime) -> dict[str, Any]:
        """Give their addresses and keys, asked for once an hour."""
        with self._lock:
            if self._known_at is None or at - self._known_at > KEPT:
                about = _asked(session, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if about.get("issuer") != self.issuer:
                    raise OutsideFault("issuer")
                self._known = {**about, "keys": _asked(session, str(about.get("jwks_uri")))}
                self._known_at = at
            return self._known

    def _read(self, token: str, about: Mapping[str, Any], at: datetime, nonce: str) -> Person:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        wanted = jwt.JWTClaimsRegistry(
            now=int(at.timestamp()), leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self.client_id},
            exp={"essential": True}, sub={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        try:
            claims = jwt.decode(token, KeySet.import_key_set(about["keys"]), algorithms=ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            self._known_at = None  # they may have changed their keys: ask next time
            raise OutsideFault("signature") from error
        if not self._had_second_factor(claims):
            raise OutsideFault("second factor")
        return Person(self.issuer, str(claims["sub"]))

    def _had_second_factor(self, claims: Mapping[str, Any]) -> bool:
        if self.acr:
            return claims.get("acr") in self.acr
        told = claims.get("amr")
        return isinstance(told, list) and "mfa" in told


def _asked(session: OAuth2Session, where: str) -> dict[str, Any]:
    try:
        answer = session.get(where, withhold_token=True, timeout=PATIENCE)
        answer.raise_for_status()
        told = answer.json()
    except Exception as error:
        raise OutsideFault("no answer") from error
    if not isinstance(told, dict):
        raise OutsideFault("no answer")
    return told
