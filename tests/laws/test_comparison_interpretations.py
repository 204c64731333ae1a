"""Comparison is right under every interpretation of what AWS does not document.

`no-new-access` means that no request is permitted after and not before, whatever AWS does where it documents
nothing; a witness is permitted after and not before under each interpretation. Disagreements that were found
are rows of `test_compare`.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.policy.parsing.documents import parse_document
from keywright.policy.statement import Kind
from keywright.reasoning.comparison.compare import NewAccess, NoNewAccess, compare
from tests.laws.interpretations import READINGS, Asked, SeveralValuesError, permits, with_what_is_told
from tests.laws.rich_policies import pair, requests

unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("kind", ["identity", "resource", "trust"])
def test_no_interpretation_contradicts(kind):
    @unhurried
    @given(st.integers(0, 2**32))
    def law(seed):
        chance = Random(seed)
        before, after = pair(chance, kind)
        found = compare(read(before, kind), read(after, kind))
        if isinstance(found, NewAccess):
            assert not any(is_new(before, after, asked_by(found.witness), each) is False for each in READINGS)
        if isinstance(found, NoNewAccess):
            for asked in requests(chance, kind, [before, after], 60):
                assert not any(
                    is_new(before, after, asked, each) is True for each in chance.sample(READINGS, 3)
                )

    law()


def read(value, kind):
    return parse_document(value, file="p", kind=Kind(kind))[0]


def is_new(before, after, asked, reading):
    """Tell whether a request is new; None where AWS says nothing at all."""
    try:
        return permits(after, asked, reading) and not permits(before, asked, reading)
    except SeveralValuesError:
        return None


def asked_by(witness):
    given_keys = {key.lower(): list(values) for key, values in witness.context.items()}
    context = with_what_is_told(witness.principal, given_keys) | given_keys
    return Asked(witness.principal, witness.action, witness.resource, context)
