"""How a command ends early."""

from keywright.reporting.exit_codes import UNUSABLE


class CommandError(Exception):
    """Ends a command: the message goes to standard error, `exit_code` to the shell."""

    def __init__(self, message: object, exit_code: int = UNUSABLE) -> None:
        super().__init__(str(message))
        self.exit_code = exit_code


class KeywrightBugError(CommandError):
    """A rule raised an exception: a bug, not a mistake of the user."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{error}; this is a bug in Keywright")


def unwritable(file: object, error: OSError) -> CommandError:
    """Give the error for a file that can't be written."""
    return CommandError(f"{file}: cannot be written; found {reason_of(error)}")


def unreadable(file: object, error: OSError | ValueError) -> CommandError:
    """Give the error for a file that can't be read."""
    return CommandError(f"{file}: cannot be read; found {reason_of(error)}")


def reason_of(error: OSError | ValueError) -> str:
    """Give the operating system's reason in lower case."""
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    # `strerror` alone, because the whole text repeats the file's name.
    return str((isinstance(error, OSError) and error.strerror) or error).lower()
