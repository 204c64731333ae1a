"""Text from anybody's files, made safe to show on a terminal."""


def printable(text: str) -> str:
    """Escape what a terminal would act on or can't show; line ends stay."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )
