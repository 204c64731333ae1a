"""Untrusted certificates: any content of a file or a template is read, or refused as no certificate."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.model.trusts.certificates import (
    NoCertificateError,
    authorities,
    certificates_in,
    last_day_of_list,
    revoked_in,
)
from tests.certificates import authority, revoked

BUNDLE, LIST = authority(), revoked(3, 4)


def damaged(pem, edits):
    """Change bytes of the content of a PEM file that stays valid PEM."""
    lines = pem.strip().splitlines()
    content = bytearray(base64.b64decode("".join(lines[1:-1])))
    for place, value in edits:
        content[place % len(content)] = value
    return "\n".join([lines[0], base64.b64encode(bytes(content)).decode(), lines[-1], ""]).encode()


edits = st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), max_size=4)


@settings(max_examples=200)
@given(edits=edits)
def test_a_damaged_certificate_is_read_or_refused(edits):
    content = damaged(BUNDLE, edits)
    for read in (authorities, certificates_in):
        with suppress(NoCertificateError):
            assert len(read(content)) == 1


@settings(max_examples=200)
@given(edits=edits)
def test_a_damaged_revocation_list_is_read_or_refused(edits):
    content = damaged(LIST, edits)
    with suppress(NoCertificateError):
        revoked_in(content)
    with suppress(NoCertificateError):
        last_day_of_list(content, BUNDLE.encode())


@pytest.mark.parametrize("read", [authorities, certificates_in, revoked_in])
@given(content=st.binary(max_size=200))
def test_refuses_text_without_a_certificate(read, content):
    with pytest.raises(NoCertificateError):
        read(content)


def test_certificates_are_distinguished_by_their_digests():
    (one, _), (other, _) = certificates_in((BUNDLE + authority("Next CA")).encode())
    assert (one, other) == ("CN=Factory CA", "CN=Next CA")
    assert revoked_in(LIST.encode()) == {"CN=Factory CA 3", "CN=Factory CA 4"}
