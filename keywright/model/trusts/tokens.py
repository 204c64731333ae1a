"""`trusts: [{github: …}]` and its kind - trusts in the tokens of a registered issuer, made from the registry's entries."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field, create_model

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.trusts.issuers.issuer import DeclaredKey, DeclaredKeys, Issuer
from keywright.model.trusts.issuers.registry import ISSUERS
from keywright.reporting.text import listed


class TokenTrust(Strict):
    """A trust in tokens of a registered issuer."""

    issuer: ClassVar[Issuer]

    @property
    def values(self) -> dict[str, Any]:
        """Give what is declared, by key."""
        return self.model_dump(exclude_none=True)

    def mistakes(self) -> Iterator[Mistake]:
        """Report whether it trusts everything of a project, or selects jobs in several ways."""
        issuer, values = self.issuer, self.values
        chosen = [key for key in issuer.selectors if key in values]
        if issuer.needs_selector and not chosen:
            yield Mistake(
                "{owner} trusts every branch and tag",
                f"`{issuer.key}: {values[issuer.key]}`",
                listed(issuer.selectors, "or"),
                issuer.key,
            )
        if len(chosen) > 1:
            yield Mistake(
                "a trust of {owner} selects jobs in several ways",
                listed(chosen),
                "one of them; a trust of its own for each",
                chosen[1],
            )


def model_of(declared: DeclaredKeys, base: type[Strict] = Strict) -> type[Any]:
    """Make the pydantic type of declared keys."""
    # pydantic builds the validator of such a type only when it is first used, as for the other declared types.
    fields: Any = {key.name: field_of(key) for key in declared.keys}
    made = create_model(
        declared.type_name, __base__=base, __module__=__name__, __doc__=declared.text, **fields
    )
    made.texts_of_keys = {key.name: key.text for key in declared.keys}  # type: ignore[attr-defined] # a class variable
    return made


def field_of(key: DeclaredKey) -> tuple[Any, Any]:
    """Give a key's pydantic field; numbers are identifiers, which are positive."""
    form = key.form
    if isinstance(form, DeclaredKeys):
        form = model_of(form)
    elif form is int:
        form = Annotated[int, Field(ge=1)]
    return (form, ...) if key.required else (form | None, None)


def _trust_in(issuer: Issuer, trust: DeclaredKeys) -> type[TokenTrust]:
    made: type[TokenTrust] = model_of(trust, TokenTrust)
    made.issuer = issuer
    return made


TOKEN_TRUSTS = {each.key: _trust_in(each, each.trust) for each in ISSUERS if each.trust is not None}
"""The types of these trusts, by the key that declares one."""
GitHubTrust = TOKEN_TRUSTS["github"]
