from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.reading import read
from keywright.model.trusts.certificates import NoCertificateError, valid_until
from keywright.reporting.finding import Severity

SAMPLE = (Path(__file__).parents[3] / "access/metadata/okta.xml").read_text()
CERTIFICATE = SAMPLE.partition("<ds:X509Certificate>")[2].partition("</ds:X509Certificate>")[0]
END = date(2036, 11, 21)
TODAY = date(2026, 11, 24)
DECLARED = """\
account: {id: "111111111111", region: eu-central-1}
identity_providers: {okta: {saml: okta.xml}}
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access").mkdir()
    Path("access/a.yaml").write_text(DECLARED)


def findings(metadata, today=TODAY):
    if metadata is not None:
        Path("access/okta.xml").write_bytes(metadata if isinstance(metadata, bytes) else metadata.encode())
    return read(Path("access"), today).findings


def test_accepts_valid_metadata():
    assert findings(SAMPLE) == []


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        pytest.param(
            None,
            (
                "cannot be read; found `okta.xml`: no such file or directory; accepted: a file next "
                "to the declarations"
            ),
            id="no file",
        ),
        pytest.param(
            "<EntityDescriptor/>",
            "has a size that IAM refuses; found 19 bytes; accepted: 1,000 to 10,000,000 characters",
            id="too short",
        ),
        pytest.param(
            SAMPLE.replace("</md:EntityDescriptor>", ""),
            "is not well-formed XML; found line 34, column 1 of `okta.xml`; accepted: XML",
            id="cut off",
        ),
        pytest.param(
            SAMPLE.replace("<md:EntityDescriptor", '<!DOCTYPE x [<!ENTITY a "b">]>\n<md:EntityDescriptor', 1),
            "declares a document type or entities; found `okta.xml`; accepted: XML without them",
            id="entities",
        ),
        pytest.param(
            SAMPLE.replace("md:EntityDescriptor", "md:EntitiesDescriptor"),
            (
                "doesn't describe an entity; found "
                "`{urn:oasis:names:tc:SAML:2.0:metadata}EntitiesDescriptor`; accepted: an "
                "`EntityDescriptor` with its `entityID`"
            ),
            id="of several providers",
        ),
        pytest.param(
            SAMPLE.replace(" entityID=", " id="),
            (
                "doesn't describe an entity; found "
                "`{urn:oasis:names:tc:SAML:2.0:metadata}EntityDescriptor`; accepted: an "
                "`EntityDescriptor` with its `entityID`"
            ),
            id="without entity id",
        ),
        pytest.param(
            SAMPLE.replace("IDPSSODescriptor", "SPSSODescriptor"),
            (
                "doesn't describe an identity provider; found no `IDPSSODescriptor`; accepted: the "
                "provider's own metadata"
            ),
            id="of a service provider",
        ),
        pytest.param(
            SAMPLE.replace('use="signing"', 'use="encryption"'),
            "has no signing certificate; found 0 signing keys; accepted: an `X509Certificate`",
            id="a certificate for encryption alone",
        ),
        pytest.param(
            SAMPLE.replace(CERTIFICATE, "bm8gY2VydGlmaWNhdGU" * 4 + " " * 500),
            (
                "has a certificate that can't be read; found no X.509 in base64; accepted: the "
                "provider's certificate"
            ),
            id="other content in place of a certificate",
        ),
        pytest.param(
            SAMPLE.replace("</md:NameIDFormat>", "</md:NameIDFormat><!-- -----BEGIN PRIVATE KEY----- -->"),
            (
                "contains a private key; found `okta.xml`; accepted: the public metadata, and a new "
                "key: this one is exposed"
            ),
            id="a private key",
        ),
    ],
)
def test_refuses_metadata_without_a_usable_certificate(metadata, words):
    (finding,) = findings(metadata)
    assert finding.severity is Severity.ERROR
    assert str(finding) == f"access/a.yaml:2:35: metadata of identity provider `okta` {words}"


@pytest.mark.parametrize(
    "file", ["../okta.xml", "/etc/hostname", "metadata/../../okta.xml", "link.xml", "circle.xml", "."]
)
def test_reads_no_file_outside_of_the_folder(file):
    Path("okta.xml").write_text(SAMPLE)
    Path("access/metadata").mkdir()
    Path("access/link.xml").symlink_to("../okta.xml")
    Path("access/circle.xml").symlink_to("circle.xml")
    Path("access/a.yaml").write_text(DECLARED.replace("okta.xml", file))
    (finding,) = findings(None)
    assert finding.severity is Severity.ERROR
    assert "okta.example" not in str(finding)


@pytest.mark.parametrize(
    ("today", "severity", "words"),
    [
        (date(2036, 11, 7), Severity.ADVICE, "expires in 14 days"),
        (END, Severity.ADVICE, "expires in 0 days"),
        (date(2036, 11, 22), Severity.WARNING, "expired on 2036-11-21"),
    ],
)
def test_warns_before_the_certificate_expires(today, severity, words):
    assert findings(SAMPLE, date(2036, 11, 6)) == []
    (finding,) = findings(SAMPLE, today)
    assert finding.severity is severity
    assert str(finding) == (
        f"access/a.yaml:2:35: the signing certificate of identity provider `okta` {words}; "
        f"found `okta.xml`, today is {today}; accepted: the metadata that the provider publishes now"
    )


def test_reads_no_metadata_for_an_existing_provider():
    Path("access/a.yaml").write_text(DECLARED.replace("saml: okta.xml", "saml: true, existing: true"))
    assert findings(None) == []


def test_reads_the_expiry_of_a_certificate():
    assert valid_until(CERTIFICATE) == datetime(2036, 11, 21, 12, 20, 2, tzinfo=UTC)


DER = base64.b64decode("".join(CERTIFICATE.split()))


@given(st.binary(max_size=300) | st.integers(0, len(DER)).map(lambda length: DER[:length]))
def test_random_bytes_are_no_certificate(der):
    try:
        assert valid_until(base64.b64encode(der).decode()).date() == END
    except NoCertificateError:
        assert der != DER


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_certificate_with_a_wrong_byte_is_read_or_refused(place, byte):
    der = DER[:place] + bytes([byte]) + DER[place + 1 :]
    try:
        valid_until(base64.b64encode(der).decode())
    except NoCertificateError:
        assert der != DER


@given(st.text())
def test_random_text_is_no_certificate(text):
    with pytest.raises(NoCertificateError):
        valid_until(text)
