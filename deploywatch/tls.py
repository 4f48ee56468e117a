"""Whom to trust: the certificates of the environment's bundle, else those of this system together with the built-in ones."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from deploywatch.errors import ConfigError

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def tls_context(environ: Mapping[str, str], *, verify: bool, built_in: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The context for TLS. The bundle that the environment names, under OpenSSL's or curl's name for it, is the only one trusted.

    Without one it is ``built_in`` and what the system trusts, where a company installs its own authority. ``verify`` false trusts
    everybody. Raises ``ConfigError`` for a bundle that cannot be read.
    """
    if not verify:
        return _trusting()
    for variable in _VARIABLES:
        if location := environ.get(variable):
            return _bundle(variable, Path(location))
    context = built_in()
    context.load_default_certs()
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _bundle(variable: str, location: Path) -> ssl.SSLContext:
    try:
        if location.is_dir():
            return ssl.create_default_context(capath=str(location))
        return ssl.create_default_context(cafile=str(location))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{variable} names {location}, which is not a readable file of PEM certificates ({error.strerror or error})",
            hint=f"correct {variable}, or unset it to use the built-in certificates",
        ) from error
