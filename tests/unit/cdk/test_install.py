"""A failed installation says why, and what to set; it does not take minutes, and shows no password."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keywright.cdk.install import NPM, PIP, explain

REFUSED = "http://127.0.0.1:1"
NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("installer", "printed", "said"),
    [
        pytest.param(
            PIP,
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "pip: the disk is full; found `No space left on device`; accepted: about 1.5 GB of free space",
            id="disk",
        ),
        pytest.param(
            PIP,
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/opt/venv/lib'",
            "pip: a file can't be written; found `Permission denied: '/opt/venv/lib'`; accepted: a folder that "
            "belongs to you; do not use sudo",
            id="permission",
        ),
        pytest.param(
            NPM,
            "npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY\nnpm error request to https://registry.example failed",
            "npm: the certificate of the package registry is not trusted; found `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`; "
            "accepted: `NODE_EXTRA_CA_CERTS=/path/to/ca.pem`, with the certificate authority of your network",
            id="certificate",
        ),
        pytest.param(
            PIP,
            "Could not fetch URL https://pypi.example/simple/boto3/: 403 Client Error: Forbidden for url\n"
            "ERROR: No matching distribution found for boto3==1.44.5",
            "pip: the package registry refuses access; found `403 Client Error: Forbidden`; accepted: its user name and "
            "password in `~/.netrc`, or another registry in `PIP_INDEX_URL`",
            id="the cause before its consequence",
        ),
        pytest.param(
            PIP,
            "ERROR: No matching distribution found for boto3==1.44.5",
            "pip: the package registry does not have a pinned package; found `boto3==1.44.5`; accepted: a registry with "
            "all packages, in `PIP_INDEX_URL`",
            id="a package that the registry does not have",
        ),
        pytest.param(
            NPM,
            "npm error code EINTEGRITY\nnpm error sha512-AAAA integrity checksum failed",
            "npm: the package registry serves another package than the pinned one; found `EINTEGRITY`; accepted: a "
            "registry that serves packages unchanged, in `npm_config_registry`; do not install the other one",
            id="another package",
        ),
        pytest.param(
            NPM,
            "npm error network timeout at: https://registry.example/aws-cdk",
            "npm: the package registry can't be reached; found `network timeout`; accepted: a proxy in `HTTPS_PROXY`, or "
            "another registry in `npm_config_registry`",
            id="no answer",
        ),
        pytest.param(
            NPM,
            "npm error code E407\nnpm error 407 Proxy Authentication Required",
            "npm: the proxy requires a password; found `E407`; accepted: `HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT`",
            id="a proxy with a password",
        ),
        pytest.param(
            PIP,
            "Collecting one\nretrying after connection broken: Connection refused\nCollecting two\n"
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "pip: the package registry serves another package than the pinned one; found `DO NOT MATCH THE HASHES`; "
            "accepted: a registry that serves packages unchanged, in `PIP_INDEX_URL`; do not install the other one",
            id="the last package, not a retry before",
        ),
        pytest.param(
            PIP,
            "one\ntwo https://user:secret@pypi.example/\x1b[31m",
            "pip ended with exit code 7; it printed:\n  one\n  two https://pypi.example/[31m",
            id="an unknown cause, without passwords and control characters",
        ),
    ],
)
def test_explains(installer, printed, said):
    assert explain(installer, printed, 7) == said


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory):
    """Serve a registry whose certificate nobody knows."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    unprotected = serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unprotected) + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.handle_error = lambda *_: None
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()


def run(which, folder, **settings):
    """Install as the Makefile does, with nothing of this machine's own settings."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    cache = {
        "PIP_NO_CACHE_DIR": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "npm_config_cache": str(folder / "cache"),
    }
    words = ["--dry-run", "--require-hashes", "--no-deps", "-r", "requirements.txt"] if which == "pip" else []
    return subprocess.run(
        [sys.executable, "-m", "keywright.cdk.install", which, *words],
        cwd=folder,
        env=kept | cache | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def pinned(root, tmp_path):
    """A folder with one pinned package for pip and those of npm."""
    (tmp_path / "requirements.txt").write_text(f"some-package==1.0 --hash=sha256:{'0' * 64}\n")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, tmp_path)
    return tmp_path


def test_pip_without_a_registry(pinned):
    done = run("pip", pinned, PIP_INDEX_URL=f"{REFUSED}/simple")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        (
            "pip: the package registry can't be reached; found `Connection refused`; accepted: a proxy in `HTTPS_PROXY`, or "
            "another registry in `PIP_INDEX_URL`\n"
        ),
    )


def test_npm_without_a_registry(pinned):
    done = run("npm", pinned, npm_config_registry=REFUSED)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        (
            "npm: the package registry can't be reached; found `ECONNREFUSED`; accepted: a proxy in `HTTPS_PROXY`, or another "
            "registry in `npm_config_registry`\n"
        ),
    )


def test_pip_with_an_untrusted_certificate(pinned, untrusted):
    done = run("pip", pinned, PIP_INDEX_URL=f"{untrusted.replace('//', '//user:secret@')}/simple")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "pip: the certificate of the package registry is not trusted; found `self-signed certificate`; accepted: `PIP_CERT="
    )
    assert "secret" not in done.stderr


def test_npm_with_an_untrusted_certificate(pinned, untrusted):
    done = run("npm", pinned, npm_config_registry=untrusted)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "npm: the certificate of the package registry is not trusted; found `DEPTH_ZERO_SELF_SIGNED_CERT`; "
        "accepted: `NODE_EXTRA_CA_CERTS="
    )


def test_npm_behind_a_proxy_that_is_not_there(pinned):
    done = run("npm", pinned, HTTPS_PROXY="http://user:secret@127.0.0.1:1")
    assert (done.returncode, done.stderr) == (
        2,
        (
            "npm: the proxy can't be reached; found `ECONNREFUSED by 127.0.0.1:1`; accepted: `HTTPS_PROXY=http://HOST:PORT` with "
            "your proxy, or no such variable\n"
        ),
    )


@pytest.mark.parametrize(
    ("script", "found"),
    [
        pytest.param(
            "#!/bin/sh\ntest $1 = --version && echo Python 3.9.2\n", "Python 3.9.2", id="an old one"
        ),
        pytest.param(None, "no program", id="none"),
    ],
)
def test_make_setup_says_which_python_it_needs(root, tmp_path, script, found):
    shutil.copy(root / "Makefile", tmp_path)
    for name in ("requirements.txt", "package.json", "package-lock.json", "pyproject.toml"):
        (tmp_path / name).touch()
    python = tmp_path / "python"
    if script:
        python.write_text(script)
        python.chmod(0o755)
    done = subprocess.run(
        ["make", "setup", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    first, *_ = done.stderr.splitlines()
    assert first.startswith(f"Keywright needs Python 3.11 or newer; found {found}")
    assert "accepted: make setup PYTHON=" in first
    assert (done.returncode, done.stdout, (tmp_path / ".venv").exists()) == (2, "", False)
