"""The Chromium that pages are looked at with: the one that playwright pins, or one of the machine.

`python -m tests.browser.chromium` downloads the pinned one into the user's cache, if that is possible. Only with `--system`, and
only as root on Debian, a package of the system is installed. Without a browser the tests of pages are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")
NONE = (
    "there is no Chromium that starts on this machine; accepted: `make test BROWSER=install`, which installs it as root on Debian, "
    "or a program `chromium` on the path"
)
PATIENCE = 300
"""Seconds for a download: 100 MB."""


def started(playwright):
    """Start the first browser that starts; None if there is none.

    The pinned one is downloaded for all systems, but starts only where the libraries that it needs are installed.
    """
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    for path in (None, *filter(None, map(shutil.which, NAMES))):
        try:
            return playwright.chromium.launch(executable_path=path, args=arguments)
        except Error:
            continue
    return None


def version():
    """Name the browser that is used; empty if there is none."""
    with sync_playwright() as playwright:
        browser = started(playwright)
        if browser is None:
            return ""
        try:
            return f"Chromium {browser.version}"
        finally:
            browser.close()


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def download():
    """Download the pinned browser, unless it is here; nothing is wrong where that is not possible."""
    say("Getting Chromium for the tests of pages (once, a download of 100 MB) ...")
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        say(f"the download did not end within {PATIENCE} seconds")
        return
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
        reason = errors[0].removeprefix("Error: ") if errors else f"exit code {done.returncode}"
        say(f"it can't be downloaded; found `{reason}`")


def install_package():
    """Install the system's Chromium with its package manager."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say("only root on Debian can install the package `chromium`")
        return
    say("Installing the system's package `chromium` (once, about a minute) ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", *words], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            say(f"`apt-get {words[0]}` failed: {done.stderr.strip()}")
            return


def main(arguments):
    """Find or install a browser; 0 there is one, 1 there is none."""
    download()
    found = version()
    if not found and "--system" in arguments:
        install_package()
        found = version()
    say(f"The tests of pages use {found}." if found else f"The tests of pages are skipped: {NONE}.")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
