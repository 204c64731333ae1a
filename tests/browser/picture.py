"""Take the README's picture: a review of this account's own declarations after a few edits (`make picture`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser import pages
from tests.browser.chromium import started

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "review.png"
EDITS = {
    "people.yaml": [
        ("- s3: [list, read]\n", "- s3: [list, read, write]\n"),
        ("groups: [analysts]", "groups: [analysts, operators]"),
        ("groups: [operators, onboarders]", "groups: [onboarders]"),
    ],
    "federation.yaml": [
        ("{s3: [list, write], bucket: inbox, prefix: releases/}", "{s3: [list, read, write], bucket: inbox}")
    ],
    "applications.yaml": [("      - {s3: [read], bucket: archive, prefix: 2025/}\n", "")],
}


def edited(folder):
    """Copy the declarations and edit them."""
    copytree(ROOT / "access", folder)
    for name, edits in EDITS.items():
        text = (folder / name).read_text()
        for old, new in edits:
            assert old in text, f"{name} has no more `{old.strip()}`"
            text = text.replace(old, new)
        (folder / name).write_text(text)
    return folder


def synthesized(access, output):
    environment = os.environ | {"CDK_OUTDIR": str(output), "CDK_CONTEXT_JSON": f'{{"access": "{access}"}}'}
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=False, capture_output=True)
    return output


def main():
    with TemporaryDirectory() as work:
        base = synthesized(ROOT / "access", Path(work, "base"))
        head = synthesized(edited(Path(work, "access")), Path(work, "head"))
        file = Path(work, "review.html")
        file.write_text(pages.run("review", base, head, "--format", "html").stdout)
        with sync_playwright() as playwright:
            page = started(playwright).new_page(viewport={"width": 1180, "height": 900})
            page.goto(file.as_uri())
            page.locator("#by-text").fill("monthly")
            page.locator("#by-text").blur()
            page.locator("#foot").evaluate("(foot) => foot.remove()")
            page.locator(".legend").evaluate("(legend) => { legend.open = false }")
            page.locator("#map .line", has_text="user/alice").locator("[data-change]").last.hover()
            page.screenshot(path=PICTURE, full_page=True)


if __name__ == "__main__":
    main()
