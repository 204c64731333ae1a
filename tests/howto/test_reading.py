"""How a page is read: what is done, what must be seen, and that a wrong page is found out."""

from __future__ import annotations

import pytest

from tests.howto.edit import edited
from tests.howto.page import Edit, Run, Write, steps, unread
from tests.howto.reader import follow

PAGE = """
Text.

```yaml access/people.yaml
users: {}
```
```diff access/people.yaml
-users: {}
+users:
```
```python
# show.py
print(1)
```
```console
$ python show.py
1
$ false
$? 1
```
```bash
not run
```
"""


def test_reads_files_edits_and_commands_in_order():
    assert steps(PAGE) == [
        Write(4, "access/people.yaml", "users: {}\n"),
        Edit(7, "access/people.yaml", "-users: {}\n+users:\n"),
        Write(11, "show.py", "# show.py\nprint(1)\n"),
        Run(16, "python show.py", expected=["1"]),
        Run(18, "false", code=1),
    ]


@pytest.mark.parametrize(
    ("expected", "printed", "sees"),
    [
        (["one", "two"], "one\ntwo\n", True),
        (["one"], "one\ntwo\n", False),
        (["one", "…"], "one\ntwo\nthree\n", True),
        (["a … c"], "a b c\n", True),
        (["a … c"], "a b\nd\n", False),
        ([], "anything\n", True),
    ],
)
def test_recognizes_expected_output(expected, printed, sees):
    assert Run(1, "", expected=expected).sees(printed) is sees


def test_reports_python_outside_a_file():
    assert unread("```python\nprint(1)\n```\n") == [1]


def test_an_edit_keeps_the_other_lines():
    assert edited("a:\n  b\n  c\nd:\n", " a:\n-  b\n+  e\n") == "a:\n  e\n  c\nd:\n"


def test_an_edit_skips_lines_that_the_page_omits():
    assert edited("roles:\n  a:\n  b:\n", " roles:\n+  c:\n   b:\n") == "roles:\n  c:\n  a:\n  b:\n"


@pytest.mark.parametrize("block", ["-not there\n", " b\n-a\n"], ids=["absent", "out of order"])
def test_refuses_an_edit_that_does_not_match(block):
    with pytest.raises(LookupError, match="not in the file, or not there"):
        edited("a\nb\n", block)


def test_one_session_keeps_state_and_reports_each_exit_code(root, tmp_path):
    todo = [
        Run(1, "NAME=alice"),
        Write(2, "in/here.txt", "text\n"),
        Run(3, "cd in; echo $NAME; cat here.txt"),
        Edit(4, "here.txt", "-other\n+word\n"),
        Run(5, "false"),
    ]
    seen = follow(todo, root=root, folder=tmp_path, environment={})
    assert [result.code for result in seen] == [0, 0, 0, 1, 1]
    assert seen[2].printed == "alice\ntext\n"


def test_a_session_that_ends_early_fails(root, tmp_path):
    seen = follow([Run(1, "exit 0"), Run(2, "true")], root=root, folder=tmp_path, environment={})
    assert [result.code for result in seen] == [-1, -1]
