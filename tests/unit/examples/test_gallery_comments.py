"""Tags and thumbnails, by the header or by the comments of other galleries."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.examples.read import read_example
from stackdoc.model.example import Example

HEADER = "# /// script\n# [tool.stackdoc]\n{options}# ///\n"
SCRIPT = '''\
"""A sine wave."""

# %%
# One period.
# sphinx_gallery_tags = ["drawing",  "two  words"]
# mkdocs_gallery_thumbnail_number = -1
print("drawn")
'''


def example(root: Path, text: str) -> Example:
    path = root / "examples/sine_wave.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return read_example(root, "examples/sine_wave.py")


def test_comments_of_other_galleries_count_and_are_not_text(tmp_path: Path) -> None:
    found = example(tmp_path, SCRIPT)
    assert (found.tags, found.thumbnail) == (("drawing", "two words"), -1)
    assert [(cell.text, cell.source) for cell in found.cells] == [("One period.", 'print("drawn")')]


@pytest.mark.parametrize("comment", ["tags = open('x')", "tags", "tags = 3", "thumbnail_number = 'two'", "line = [("])
def test_a_comment_that_sets_nothing_is_ignored(tmp_path: Path, comment: str) -> None:
    found = example(tmp_path, f"# sphinx_gallery_{comment}\nprint()\n")
    assert (found.tags, found.thumbnail) == ((), 1)


def test_the_header_comes_before_comments_and_makes_no_record_stale(tmp_path: Path) -> None:
    before = example(tmp_path, HEADER.format(options="") + SCRIPT)
    after = example(tmp_path, HEADER.format(options='# tags = ["ours"]\n# thumbnail = 2\n') + SCRIPT)
    assert (after.tags, after.thumbnail) == (("ours",), 2)
    assert after.digest == before.digest


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ('tags = [" "]', "3: tags: ' ' is not a valid tag; a text of at most 40 characters on one line"),
        ('tags = ["a\\nb"]', "3: tags: 'a\\nb' is not a valid tag"),
        (f'tags = ["{"x" * 41}"]', "is not a valid tag"),
        ('tags = "ours"', "3: tags: "),
        ("thumbnail = 0", "3: thumbnail: found 0; 1 is the first figure, -1 the last"),
        ('thumbnail = "first"', "3: thumbnail: "),
        ("tag = []", "3: tag: unknown key 'tag'; did you mean 'tags'?"),
    ],
)
def test_a_wrong_option_is_named_with_its_line(tmp_path: Path, option: str, problem: str) -> None:
    with pytest.raises(StackdocError) as caught:
        example(tmp_path, HEADER.format(options=f"# {option}\n") + SCRIPT)
    assert problem in str(caught.value)
