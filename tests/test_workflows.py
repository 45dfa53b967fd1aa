"""The workflows run what strangers propose: actions by their commit, rights for each job, packages by their hashes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.made.repository import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
TAGGED = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
HASHED = ("--require-hashes", "--no-deps")

pytestmark = pytest.mark.case(79)


def faults(text: str) -> list[str]:
    """Return what is wrong with a workflow."""
    workflow: dict[Any, Any] = yaml.safe_load(text)
    found = [f"not followed by its tag: {line.strip()}" for line in text.splitlines() if "uses:" in line]
    found = [fault for fault in found if not TAGGED.search(fault)]
    if "pull_request_target" in str(workflow[True]):  # YAML 1.1 reads `on` as true
        found.append("pull_request_target")
    if workflow.get("permissions") != {}:
        found.append("rights for all jobs")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: {fault}" for fault in _faults_of_job(job)]
    return found


def _faults_of_job(job: dict[str, Any]) -> list[str]:
    found = []
    rights = job.get("permissions")
    runs = [str(step["run"]) for step in job["steps"] if "run" in step]
    if rights is None:
        found.append("no rights of its own")
    if runs and any(right != "read" for right in (rights or {}).values()):
        found.append("runs code with the right to write")
    for step in job["steps"]:
        action = str(step.get("uses", ""))
        if action and not PINNED.fullmatch(action):
            found.append(f"not a commit: {action}")
        if action.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
            found.append("leaves its credentials in the checkout")
    for run in runs:
        if "${{" in run:
            found.append("an expression inside of a script")
        installs = [line for line in run.splitlines() if "pip install" in line]
        found += [f"without hashes: {line.strip()}" for line in installs if not any(word in line for word in HASHED)]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_gives_away_nothing(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (r"@[0-9a-f]{40} # v4\S+", "@v4", "not a commit: actions/checkout@v4"),
        (r" # v4\S+", "", "not followed by its tag"),
        (r"permissions: {}", "permissions: write-all", "rights for all jobs"),
        (r"    permissions:\n      contents: read\n", "", "no rights of its own"),
        (r"contents: read", "contents: write", "runs code with the right to write"),
        (r"persist-credentials: false", "persist-credentials: true", "leaves its credentials"),
        (r"  pull_request:", "  pull_request_target:", "pull_request_target"),
        (r"run: make check", "run: pip install x", "without hashes: pip install x"),
        (r"run: make check", "run: echo ${{ github.head_ref }}", "an expression inside of a script"),
    ],
)
def test_each_fault_is_found(old: str, new: str, fault: str) -> None:
    text = (ROOT / ".github/workflows/check.yml").read_text("utf-8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    assert any(fault in found for found in faults(changed))
