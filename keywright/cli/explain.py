"""`keywright explain`: everything a principal may do, in sentences."""

from keywright.cli.question import ASSEMBLY, Assembly, Bearer, Form, Format


def command(
    principal: Bearer,
    assembly: Assembly = ASSEMBLY,
    *,
    form: Form = Format.TEXT,
) -> int:
    """Say in sentences all that a principal may do: by service and access level, with conditions in words.

    Groups count, and each sentence says where it stands. What a boundary caps is said beside; it grants nothing. Who may
    come to act as a role is named, and which roles a principal may come to act as.

    Exit code: 0 said, 3 a part can't be told, 2 the question or the assembly is unusable.
    """
    from keywright.cli.explanation import answer  # noqa: PLC0415 - help waits for nothing

    return answer(principal, assembly, form)
