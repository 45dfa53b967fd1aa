"""A page as Markdown: what stands there for a reader, as text."""

from __future__ import annotations

import pytest

from stackdoc.render.html.markdown_twin import markdown

NUMBER = (
    '<p>It takes <a class="sd-measured" href="../r/aaaaaaaaaaaa/#sum" title="…">'
    '<data class="sd-value" value="0.002" data-record="aaaaaaaaaaaa" data-machine="zen4-2c">2.0 ms</data></a>.</p>'
)


def test_a_number_in_running_text_names_its_machine_and_its_record() -> None:
    assert markdown(NUMBER) == "It takes 2.0 ms (zen4-2c, record aaaaaaaaaaaa).\n"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<h2 id="a">Law<a class="headerlink" href="#a">¶</a></h2>', "## Law"),
        ("<p>2<em>n</em><sup>3</sup> of <code>a &lt; b</code></p>", "2*n*^3 of `a < b`"),
        ("<ul><li>one</li><li><p>two</p><ul><li>three</li></ul></li></ul>", "- one\n- two\n\n  - three"),
        ("<table><tr><th>a</th></tr><tr><td>1|2</td><td>3</td></tr></table>", "| a |  |\n| --- | --- |\n| 1\\|2 | 3 |"),
        ('<span data-choice="x">here</span><span data-choice="y" hidden>there</span>', "here"),
        (
            '<svg class="sd-svg--wide" aria-label="Rate."><text>5</text></svg><svg class="sd-svg--narrow"></svg>',
            "*Figure: Rate.*",
        ),
        ('<math alttext="a^2"><mi>a</mi></math>', "`a^2`"),
        ("<pre><span></span><code>a\n  b &amp; c\n</code></pre>", "```\na\n  b & c\n```"),
        ("<p><code>{cite}`a`</code>, <code>`a` b``c</code></p>", "`` {cite}`a` ``, ``` `a` b``c ```"),
        ("<pre><code>```stackdoc\ncite: a\n```\n</code></pre>", "````\n```stackdoc\ncite: a\n```\n````"),
        ("<p>&lt;script&gt;</p>", "&lt;script>"),
    ],
)
def test_each_element_is_written_as_markdown_writes_it(html: str, expected: str) -> None:
    assert markdown(html) == f"{expected}\n"
