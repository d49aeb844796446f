"""Where a request to Twilio breaks decides whether the message may have gone out."""

from __future__ import annotations

import errno
import ssl
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
import pytest

from bot.channels.base import SendError
from bot.channels.twilio_http import TwilioHttp
from tests.town import LOOP

BASE = "https://api.twilio.com"
KEY: Any = SimpleNamespace(
    host="api.twilio.com", port=443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
)
THERE = f"{BASE}/2010-04-01/Accounts/AC/Messages.json"
INFO: Any = SimpleNamespace(real_url=THERE, method="POST", headers={})


def _os(number: int) -> OSError:
    return OSError(number, "the system says no")


CERTAIN = [
    aiohttp.ClientConnectorError(KEY, _os(errno.ECONNREFUSED)),
    aiohttp.ClientConnectorError(KEY, _os(errno.ENETUNREACH)),
    aiohttp.ClientConnectorError(KEY, _os(errno.EHOSTUNREACH)),
    aiohttp.ClientConnectorError(KEY, _os(errno.ETIMEDOUT)),
    aiohttp.ClientConnectorError(KEY, _os(errno.EMFILE)),
    aiohttp.ClientConnectorError(KEY, _os(errno.EADDRNOTAVAIL)),
    aiohttp.ClientConnectorDNSError(KEY, _os(-2)),
    aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "no shared cipher")),
    aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError("the name does not match")),
    aiohttp.ClientProxyConnectionError(KEY, _os(errno.ECONNREFUSED)),
    aiohttp.ClientHttpProxyError(INFO, (), status=407),
    aiohttp.ClientHttpProxyError(INFO, (), status=502),
    aiohttp.ConnectionTimeoutError("none free in the pool"),
    aiohttp.InvalidURL("no address"),
    aiohttp.NonHttpUrlClientError("ftp://api.twilio.com"),
]
UNSURE = [
    aiohttp.SocketTimeoutError("no byte in time"),
    aiohttp.ServerTimeoutError("late"),
    TimeoutError(),
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(errno.ECONNRESET, "reset"),
    aiohttp.ClientOSError(errno.EPIPE, "broken pipe"),
    aiohttp.ClientOSError(errno.ETIMEDOUT, "gone"),
    aiohttp.ClientConnectionResetError("closing"),
    aiohttp.ClientConnectionError("closed"),
    aiohttp.ClientPayloadError("the answer is not whole"),
    aiohttp.ClientResponseError(INFO, (), status=400, message="no HTTP"),
    aiohttp.ServerFingerprintMismatch(b"a", b"b", "api.twilio.com", 443),
    aiohttp.ClientError("whatever comes"),
    ConnectionResetError(errno.ECONNRESET, "reset"),
    BrokenPipeError(errno.EPIPE, "broken pipe"),
    ssl.SSLError(1, "a bad record in the middle"),
    _os(errno.EIO),
]


class _Breaking:
    """A session whose every request ends in this error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def request(self, *_: object, **__: object) -> Self:
        return self

    async def __aenter__(self) -> None:
        raise self.error

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(
    ("error", "kind"),
    [*((each, "later") for each in CERTAIN), *((each, "unknown") for each in UNSURE)],
    ids=[f"{kind}-{type(each).__name__}-{getattr(each, 'errno', '')}" for kind, errors in
         (("later", CERTAIN), ("unknown", UNSURE)) for each in errors],
)  # fmt: skip
def test_each_fault_is_classified(monkeypatch: pytest.MonkeyPatch, error: BaseException, kind: str) -> None:
    http = TwilioHttp((BASE,))
    monkeypatch.setattr(http, "open", lambda: _Breaking(error))
    with pytest.raises(SendError) as raised:
        LOOP.run(http.exchange("POST", THERE, b"To=%2B46701740605"))
    assert (raised.value.kind, raised.value.code) == (kind, type(error).__name__)
    assert "twilio.com" not in str(raised.value)


def test_more_than_thirty_faults_are_in_the_table() -> None:
    assert len({type(each) for each in (*CERTAIN, *UNSURE)}) >= 20
    assert len(CERTAIN) + len(UNSURE) >= 30
