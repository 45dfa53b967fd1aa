"""What has changed on a page is named by section."""

from __future__ import annotations

from stackdoc.render.sections import Changes, changes, sections

OLD = """# Kernels

A first sentence.

## Measured

| a | b |
| --- | --- |
| 1 | 2 |

```
## not a heading

1 ms
```

## Claims

It holds.

## Claims

It holds twice.
"""


def compared(old: str, new: str, *addresses: str) -> Changes:
    return changes(sections(old, addresses), sections(new, addresses))


def test_a_page_has_a_text_for_each_section_and_code_has_no_headings() -> None:
    assert list(sections(OLD)) == ["Kernels", "Measured", "Claims", "Claims (2)"]
    assert "## not a heading\n\n1 ms" in sections(OLD)["Measured"]
    assert sections("Text.\n\n# One") == {"": "Text."}


def test_changed_added_and_removed_sections_are_named() -> None:
    assert compared(OLD, OLD) == Changes(kept=4)
    assert compared(OLD, OLD).is_empty
    new = OLD.replace("1 ms", "2 ms").replace("## Claims\n\nIt holds twice.\n", "## Facts\n\nOne.\n")
    assert compared(OLD, new) == Changes(("Measured",), ("Facts",), ("Claims (2)",), 2)
    assert changes(sections(OLD), None) == Changes(gone=True)
    assert not changes(sections(OLD), None).is_empty


def test_layout_is_not_content() -> None:
    assert compared(OLD, OLD.replace("\n\n## ", "\n\n\n## ") + "\n\n").is_empty


def test_citations_of_the_page_are_not_compared() -> None:
    cited = "{}\n## Cite\n\nBelow.\n\n```\nKernels (revision {}), https://example.org/x/{}layers/kernels/\n```\n"
    old, new = cited.format(OLD, "a1", "v/2026-12/"), cited.format(OLD, "b2", "")
    assert compared(old, new, "https://example.org/x/").is_empty
    assert compared(old, new).changed == ("Cite",)
