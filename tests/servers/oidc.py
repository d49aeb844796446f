"""A municipality's log-in on this machine: it hands out codes, and keeps what it was asked with."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt


@dataclass
class Municipality:
    """The server. `claims` override what its tokens say; `key` signs them, `shown` is what it says its keys are."""

    issuer: str = ""
    at: datetime | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "1"}))
    shown: Any = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    down: bool = False

    def agree(self, address: str, subject: str = "person-1") -> str:
        """Somebody logs in there: give the query that their browser comes back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "sub": subject}
        return f"?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Give the tokens for a code, once, to whoever knows the verifier and our secret."""
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if asked is None or proof.decode() != asked["code_challenge"]:
            return None
        now = int(self.at.timestamp()) if self.at else 0
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": asked["sub"], "nonce": asked["nonce"],
            "iat": now, "exp": now + 300, "amr": ["pwd", "mfa"],
        } | self.claims  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@contextmanager
def municipality() -> Iterator[Municipality]:
    """Serve it on a free port of 127.0.0.1."""
    told = Municipality()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys = (told.shown or told.key).as_dict(private=False)
            about = {
                "issuer": told.issuer,
                "authorization_endpoint": f"{told.issuer}/authorize",
                "token_endpoint": f"{told.issuer}/token",
                "jwks_uri": f"{told.issuer}/keys",
            }
            self.answer(500 if told.down else 200, {"keys": [keys]} if self.path == "/keys" else about)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = told.token({name: values[0] for name, values in parse_qs(raw).items()})
            self.answer(200 if given else 400, given or {"error": "invalid_grant"})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
