"""The quick prechecks and cached results agree with the full checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.assembly.templates.value import Text, Unknown, text
from keywright.guardrails.subjects.allowed_principals import fields_of
from keywright.guardrails.subjects.secrets import SECRET_FORMATS, has_secret_format, has_secret_name

PIECES = [
    *("AKIA", "A2B3C4D5E6F7G2H3", "aws_SeCreT_acceSS_key = ", "SECRETACCESSKEY: ", "x" * 40, "secret"),
    *(
        "-----BEGIN ",
        "RSA ",
        "PRIVATE KEY-----",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "a" * 36,
    ),
    *(
        "glpat-",
        "xoxb-",
        "sk_live_",
        "rk_live_",
        "AIza",
        "A" * 35,
        "npm_",
        "HTTPS",
        "://",
        "me:",
        "hunter2@example",
    ),
    *("\u017f", "\u212a", "\u0131", " ", "\n", "S", "k"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_the_precheck_of_a_long_text_misses_no_form(found):
    assert has_secret_format(found) is any(form.search(found) is not None for _, form in SECRET_FORMATS)


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "db_Pa\u017f\u017fword", "API_\u212aEY", "SLACK_TOKEN", "smtp_pass", "LDAP_PWD"]
)
def test_recognizes_names_of_secrets_in_any_case(name):
    assert has_secret_name(name)


@given(st.text(alphabet=":a*", max_size=12))
def test_finds_the_same_fields_whether_or_not_more_text_follows(found):
    more = Unknown("more follows", "More")
    *before, last = fields_of(Text((found,)) if found else Text())
    assert fields_of(text(found, more)) == [*before, text(last, more)]


@given(st.lists(st.sampled_from(["", "a", "bc", Unknown("one"), Unknown("other"), Text(("d",))])))
def test_a_text_is_the_same_however_it_is_split(parts):
    pieces = [piece for each in parts for piece in (each if isinstance(each, str) else (each,))]
    assert text(*parts) == text(*pieces) == text(text(*parts))
    assert "" not in text(*parts).parts
