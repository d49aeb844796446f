"""What systemd is told, and the units and proxies that are handed out."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from ingang import systemd

UNITS = ("ingang.service", "ingang-web@.service", "ingang-worker@.service")
ANALYZE = shutil.which("systemd-analyze")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CADDY = shutil.which("caddy")
REQUIRED = bool(os.environ.get("INGANG_REQUIRE_PROXIES"))


def test_nothing_is_told_where_nobody_listens() -> None:
    assert not systemd.notify(systemd.READY, {})
    assert not systemd.notify(systemd.READY, {"NOTIFY_SOCKET": "relative"})
    assert not systemd.notify(systemd.READY, {"NOTIFY_SOCKET": "/nowhere/at/all"})


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_that_we_are_ready(tmp_path: Path, abstract: bool) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"@ingang-{os.getpid()}" if abstract else str(tmp_path / "notify")
        listening.bind("\0" + name[1:] if abstract else name)
        assert systemd.notify(systemd.READY, {"NOTIFY_SOCKET": name})
        assert listening.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "45000000"}, 45.0),
        ({"WATCHDOG_USEC": "45000000", "WATCHDOG_PID": str(os.getpid())}, 45.0),
        ({"WATCHDOG_USEC": "45000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_ours_or_nobodys(environment: dict[str, str], seconds: float | None) -> None:
    assert systemd.watchdog_seconds(environment) == seconds


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze was found")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit(root: Path, tmp_path: Path, unit: str) -> None:
    """As it is handed out, with every line that is commented out taken in, and a program that is there."""
    text = (root / "deploy" / unit).read_text(encoding="utf-8")
    text = re.sub(r"^#(?=LoadCredential|Environment)", "", text, flags=re.MULTILINE)
    text = text.replace("/srv/ingang/.venv/bin/ingang", "/bin/true")
    file = tmp_path / unit.replace("@", "@8800")
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [ANALYZE or "", "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_fits_what_the_program_does(root: Path, unit: str) -> None:
    from ingang.life import STUCK_AFTER
    from ingang.running import HARD_STOP

    said = dict(re.findall(r"^(\w+)=(\S+)$", (root / "deploy" / unit).read_text(encoding="utf-8"), re.MULTILINE))
    assert said["Type"] == "notify"
    assert int(said["TimeoutStopSec"]) > HARD_STOP
    assert STUCK_AFTER.total_seconds() + int(said["WatchdogSec"]) <= 90, "a dead scheduler is noticed within 90 s"
    assert said["RestartPreventExitStatus"] == "2"


@pytest.mark.skipif(NGINX is None and not REQUIRED, reason="no nginx was found")
def test_nginx_accepts_the_example(root: Path, tmp_path: Path) -> None:
    text = (root / "deploy/nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"ssl_certificate\w* .*;", "", text).replace("443 ssl http2", "8443")
    text = text.replace("/var/log/nginx", str(tmp_path)).replace("listen 80;", "listen 8080;")
    (tmp_path / "site.conf").write_text(text.replace("[::]:80", "[::]:8080"), encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in kinds)
    http = f"access_log off; {kept}include {tmp_path}/site.conf;"
    main = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {http} }}"
    (tmp_path / "nginx.conf").write_text(main, encoding="utf-8")
    command = [NGINX or "nginx", "-t", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(CADDY is None and not REQUIRED, reason="no Caddy was found")
def test_caddy_accepts_the_example(root: Path) -> None:
    command = [CADDY or "caddy", "validate", "--adapter", "caddyfile", "--config", str(root / "deploy/Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_hides_what_is_for_the_inside(root: Path, name: str) -> None:
    text = (root / "deploy" / name).read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    for path in ("/metrics", "/readyz", "/healthz"):
        assert re.search(rf"{path}[^/]{{0,20}}404", text, re.DOTALL), path
    for path in ("/webhooks/", "/chatt/events"):
        assert path in text
