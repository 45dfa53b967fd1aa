"""A contribution from beginning to end: measured again in a clone, signed, submitted, reviewed, merged, and built."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.made.built import Project
from tests.made.git_repository import committed, git
from tests.made.keys import allowing, made_key, needs_ssh_keygen
from tests.made.scripts import written

COUNTED = """
    from stackdoc import example
    ex = example()
    ex.report("comparisons", 4950, unit="1")
    ex.show("4950 comparisons")
"""
CONFIGURATION = """\
site_name: Sorting, counted
site_author: The sorters
repo_url: https://example.org/sorters/counted
plugins: [stackdoc]
"""


def run(project: Project, *arguments: str) -> str:
    ended = project.run("stackdoc", *arguments, STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def stored(project: Project) -> dict[str, Path]:
    return {path.stem: path for path in (project.root / "docs/stackdoc/records").rglob("*.json")}


@needs_ssh_keygen
def test_a_page_names_who_reproduced_its_record(tmp_path: Path) -> None:
    ours, theirs = Project(tmp_path / "ours"), Project(tmp_path / "theirs")
    ours.write("mkdocs.yml", CONFIGURATION)
    ours.write("docs/index.md", "# Sorting\n\n```stackdoc\nexample: sorting/counted\n```\n")
    ours.write(".gitignore", ".stackdoc/\nsite/\n")
    written(ours.root, "sorting/counted", COUNTED, launches="6")
    committed(ours.root, "Count")
    run(ours, "measure")
    alice, bob = (made_key(tmp_path / "keys", name) for name in ("alice", "bob"))
    run(ours, "records", "--vouch", "--sign", str(alice))
    allowed = allowing(alice, "alice@example.org") + allowing(bob, "bob@example.org", 'namespaces="stackdoc-bundle"')
    (ours.root / "docs/stackdoc/data/allowed_signers").write_bytes(allowed)
    committed(ours.root, "Measure")
    (own,) = stored(ours)

    git(tmp_path, "clone", "--quiet", str(ours.root), str(theirs.root))
    side_by_side = run(theirs, "measure", "--like", own)
    assert "1× (1 to 1): no difference we can measure" in side_by_side
    submitted = run(theirs, "submit", "--no-measure", "--by", "B. Other", "--yes", "--sign", str(bob))
    match = re.search(r"branch: (\S+),", submitted)
    assert match, submitted
    (again,) = stored(theirs).keys() - {own}

    git(ours.root, "fetch", "--quiet", str(theirs.root), f"{match[1]}:{match[1]}")
    review = run(ours, "review", match[1])
    assert f"record {own}: reproduced by B. Other" in review
    assert "bundle signed by a known key: bob@example.org, ED25519 SHA256:" in review
    assert "docs/index.md" in review
    assert "none of the project's own figures changes" in review
    git(ours.root, "merge", "--quiet", match[1])
    run(ours, "check")
    run(ours, "build", "--strict")

    page = (ours.site / f"stackdoc/r/{own}/index.html").read_text("utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Measured by The sorters. Reproduced by B. Other." in text
    clone = "git clone https://example.org/sorters/counted &amp;&amp; cd counted"
    assert f"{clone} &amp;&amp; stackdoc measure --like {own}" in text
    assert f'href="../{again}/"' in page
    assert "signed by a known key: alice@example.org" in page
    assert "signed by a known key: bob@example.org" in (ours.site / f"stackdoc/r/{again}/index.html").read_text("utf-8")
    listed = {entry["id"]: entry for entry in json.loads((ours.site / "stackdoc/r/index.json").read_text())}
    (entry,) = listed[own]["repetitions"]
    assert (entry["by"], entry["relation"], entry["agrees"]) == ("B. Other", "reproduction", True)
    assert listed[own]["standing"] == listed[again]["standing"] == "current"
    assert "reproduced by B. Other" in run(ours, "verify", own)
