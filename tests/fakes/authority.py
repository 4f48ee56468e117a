"""A certificate authority of one's own, as companies have them, made with openssl."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Authority:
    """PEM files: the authority's certificate to trust, and a server's certificate with its key."""

    trust: Path
    certificate: Path
    key: Path


def make_authority(folder: Path, *hosts: str) -> Authority:
    """An authority and a certificate for ``hosts`` (names and addresses). Skips the test where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    kinds = ",".join(f"{'IP' if host[0].isdigit() else 'DNS'}:{host}" for host in hosts)
    made = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    ca = ["-subj", "/CN=Acme Private CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    _openssl("req", "-x509", *new_key, *ca, "-keyout", str(folder / "ca.key"), "-out", str(made.trust))
    issued = ["-subj", "/CN=sentry", "-addext", f"subjectAltName={kinds}", "-addext", "basicConstraints=critical,CA:FALSE"]
    by = ["-CA", str(made.trust), "-CAkey", str(folder / "ca.key")]
    _openssl("req", "-x509", *new_key, *issued, *by, "-keyout", str(made.key), "-out", str(made.certificate))
    return made


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"this openssl cannot issue a certificate: {done.stderr.decode(errors='replace').strip()[-200:]}")
