"""Reading a trail's files in place with DuckDB: the memory is bounded, and every file that can't be read is named."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from keywright.tighten.query import COLUMNS, NUMBERS, RECORDS, query
from keywright.tighten.trail import Trail, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import duckdb

THREADS = 2
MEMORY = "1GB"
_LARGEST = 64 << 20
"""The most bytes of one file's content; CloudTrail begins another file long before."""
_BATCH_BYTES = 64 << 20
_BATCH_FILES = 1000
_ROWS = 10_000
_OTHER_FOLDERS = frozenset({"CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-Aggregated"})
"""Folders of a trail's bucket that have no events of requests."""
_GLOB = re.compile(r"([*?\[])")
_WORDS = (
    ("Unexpected end of GZIP stream", "the gzip data is truncated"),
    ("ot a GZIP stream", "it is no gzip data"),
    ("Not a gzipped file", "it is no gzip data"),
    ("Malformed JSON", "it is no whole JSON document"),
    ("transform error", "its JSON has another form than CloudTrail's"),
    ("maximum_object_size", f"its content is larger than {_LARGEST >> 20} MB"),
    ("GZIP", "the gzip data is damaged"),
)


@dataclass(frozen=True, slots=True)
class TrailFiles:
    """The files to read below the given paths."""

    logs: tuple[Path, ...]
    answers: tuple[Path, ...]
    """Answers of Athena to the same query."""
    others: tuple[Path, ...]
    """Files that are neither, by their names."""


def files_below(paths: Iterable[Path]) -> TrailFiles:
    """List the files of a trail below folders; a file that is given itself is read whatever its folder.

    Raises:
        OSError: A path can't be listed.
    """
    logs, answers, others = [], [], []
    for file in dict.fromkeys(each for path in paths for each in _files(path)):
        if file.name.endswith((".json.gz", ".json")):
            logs.append(file)
        elif file.suffix == ".csv":
            answers.append(file)
        else:
            others.append(file)
    return TrailFiles(tuple(logs), tuple(answers), tuple(others))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        path.stat()
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.is_dir():
            if each.name not in _OTHER_FOLDERS:
                yield from _files(each)
        else:
            yield each


def read_trail(
    files: TrailFiles, *, memory: str = MEMORY, past: Callable[[int], None] = lambda _: None
) -> Trail:
    """Read the events of a trail; `past` is told how many files each step has read."""
    trail = Trail(files=len(files.logs) + len(files.answers))
    if files.logs:
        with TemporaryDirectory(prefix="keywright-trail-") as folder:
            _read_logs(files.logs, trail, Path(folder), memory, past)
    for file in files.answers:
        _read_answer(file, trail)
        past(1)
    trail.unread.sort(key=lambda each: each.file)
    return trail


def _read_logs(
    logs: Sequence[Path], trail: Trail, folder: Path, memory: str, past: Callable[[int], None]
) -> None:
    import duckdb  # noqa: PLC0415 - an extra, loaded where a trail is read

    settings: dict[str, Any] = {
        "threads": THREADS,
        "memory_limit": memory,
        "temp_directory": str(folder / "spilled"),
        # Events are read from the files named, and nothing is downloaded.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    with closing(duckdb.connect(folder / "answer.duckdb", config=settings)) as database:
        database.execute(
            f"CREATE TABLE part ({', '.join(f'{each} VARCHAR' for each in COLUMNS)}, "
            "used BIGINT, refused BIGINT, reads BIGINT, first_used VARCHAR, last_used VARCHAR)"
        )
        for batch in _batches(logs, trail):
            _read_batch(database, batch, trail)
            past(len(batch))
        columns = ", ".join(COLUMNS)
        answer = database.execute(
            f"SELECT {columns}, sum(used), sum(refused), sum(reads), min(first_used), max(last_used) "  # noqa: S608 - names of columns
            f"FROM part GROUP BY {columns}"
        )
        while rows := answer.fetchmany(_ROWS):
            for row in rows:
                trail.add(row)


def _batches(logs: Sequence[Path], trail: Trail) -> Iterator[list[Path]]:
    """Give files with some content, a bounded amount at a time."""
    batch: list[Path] = []
    size = 0
    for file in logs:
        try:
            size += file.stat().st_size
            if _is_empty(file):
                trail.unread.append(Unread(str(file), "it is empty"))
                continue
        except (OSError, EOFError, zlib.error) as error:
            trail.unread.append(Unread(str(file), _reason(str(error))))
            continue
        batch.append(file)
        if size > _BATCH_BYTES or len(batch) == _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_empty(file: Path) -> bool:
    # DuckDB reads a file without any JSON document as one without events.
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as content:
        return not content.read(1)


def _read_batch(database: duckdb.DuckDBPyConnection, files: Sequence[Path], trail: Trail) -> None:
    """Read files together; if one of them can't be read, read each half, until it is alone."""
    import duckdb  # noqa: PLC0415 - as above

    try:
        database.execute(f"INSERT INTO part {query(_SOURCE, 'file')}", [[_quoted(each) for each in files]])
    except (duckdb.Error, UnicodeEncodeError) as error:
        if len(files) == 1:
            trail.unread.append(Unread(str(files[0]), _reason(str(error))))
            return
        middle = len(files) // 2
        _read_batch(database, files[:middle], trail)
        _read_batch(database, files[middle:], trail)


_SOURCE = (
    "(SELECT file, unnest(events, max_depth := 2) FROM (SELECT filename AS file, coalesce(Records, [NULL]) AS events "  # noqa: S608 - constants
    f"FROM read_json($1, columns = {{'Records': '{RECORDS}'}}, filename = true, format = 'unstructured', "
    f"maximum_object_size = {_LARGEST})))"
)


def _quoted(file: Path) -> str:
    """Name a file so that DuckDB finds no pattern in it."""
    return _GLOB.sub(r"[\1]", str(file))


def _reason(message: str) -> str:
    first = message.partition("\n")[0]
    return next((words for sign, words in _WORDS if sign in message), first[:200])


def _read_answer(file: Path, trail: Trail) -> None:
    """Read Athena's answer to the query, a row at a time."""
    expected = [*COLUMNS, *NUMBERS]
    number = 0
    try:
        with file.open(encoding="utf-8", newline="") as content:
            for number, row in enumerate(csv.reader(content, strict=True)):
                if not number:
                    if row != expected:
                        trail.unread.append(Unread(str(file), f"its columns are not {', '.join(expected)}"))
                        return
                    continue
                _add_answer(row, trail)
    except (OSError, ValueError, csv.Error) as error:
        trail.unread.append(Unread(str(file), f"line {number + 1} can't be read: {_reason(str(error))}"))


def _add_answer(row: list[str], trail: Trail) -> None:
    """Add a row: a CSV file of Athena has an empty text where a value is absent."""
    if len(row) != len(COLUMNS) + len(NUMBERS):
        raise ValueError("another number of columns")
    account, region, day, principal, source, event, resource, file, *numbers = row
    if file:
        trail.add((None, None, None, None, None, None, None, file, *numbers))
    elif day:
        trail.add((account, region, day, None, None, None, None, None, *numbers))
    elif source:
        trail.add((None, None, None, principal, source, event, resource, None, *numbers))
