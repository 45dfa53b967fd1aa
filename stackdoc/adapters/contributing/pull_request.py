"""A pull request for a branch, opened by GitHub's `gh`, or a patch where there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from stackdoc.errors import Problem, StackdocError
from stackdoc.git import git, git_bytes
from stackdoc.project import CONTRIBUTIONS, Layout

TIMEOUT_SECONDS = 120
MAY_PUSH = ("ADMIN", "MAINTAIN", "WRITE")
FIELDS = "nameWithOwner,viewerPermission,defaultBranchRef,url,parent"
CREDENTIALS = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")


class NoPullRequest(Exception):
    """No pull request can be opened from here; the message is the reason."""


def open_pull_request(root: Path, branch: str, title: str, body: str) -> str:
    """Push the branch, to a fork unless the user may write to the project, and return the address of a pull request.

    Raises NoPullRequest.
    """
    if shutil.which("gh") is None:
        raise NoPullRequest("gh is not installed")
    _gh(root, "auth", "status")
    name, base, target, may_push = _project(root, "")
    head = branch
    if not may_push:
        _gh(root, "repo", "fork", name, "--clone=false")
        login = _gh(root, "api", "user", "--jq", ".login")
        target = _gh(root, "repo", "view", f"{login}/{name.rpartition('/')[2]}", "--json", "url", "--jq", ".url")
        head = f"{login}:{branch}"
    if git(root, *CREDENTIALS, "push", "--quiet", target, f"refs/heads/{branch}:refs/heads/{branch}") is None:
        raise NoPullRequest(f"the branch can't be pushed to {target}")
    options = ("--repo", name, "--base", base, "--head", head, "--title", title, "--body", body)
    return _gh(root, "pr", "create", *options).rpartition("\n")[2]


def _project(root: Path, name: str) -> tuple[str, str, str, bool]:
    """Return the name of the project on GitHub, its main branch, its address, and whether the user may push to it.

    In a clone of a fork, that is what was forked. An empty `name` means the repository that was cloned.
    """
    answer = _gh(root, "repo", "view", *filter(None, [name]), "--json", FIELDS)
    try:
        fields = json.loads(answer)
        if not name and (parent := fields["parent"]):
            return _project(root, f"{parent['owner']['login']}/{parent['name']}")
        base, permission = str(fields["defaultBranchRef"]["name"]), fields["viewerPermission"]
        return str(fields["nameWithOwner"]), base, str(fields["url"]), permission in MAY_PUSH
    except (ValueError, KeyError, TypeError):
        raise NoPullRequest("gh describes no project here") from None


def _gh(root: Path, *arguments: str) -> str:
    """Return what gh prints; it can ask nothing. Raises NoPullRequest."""
    command, silent = ("gh", *arguments), subprocess.DEVNULL
    try:
        ended = subprocess.run(
            command, cwd=root, stdin=silent, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoPullRequest(f"`gh {arguments[0]}` can't run: {error}") from None
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["without a message"])[0][:200]
        raise NoPullRequest(f"`gh {' '.join(arguments[:2])}` failed: {reason}")
    return ended.stdout.strip()


def write_patch(layout: Layout, branch: str) -> Path:
    """Write the last commit of the branch as a patch, and return its path relative to the root."""
    path = CONTRIBUTIONS / f"{branch.rpartition('/')[2]}.patch"
    patch = git_bytes(layout.root, "format-patch", "-1", "--stdout", "--binary", f"refs/heads/{branch}")
    if patch is None:
        raise StackdocError([Problem(path.as_posix(), 0, "", "git can't make the patch")])
    (layout / path).write_bytes(patch)
    return path
