"""Distributions as one SVG of bar charts, a panel an attribute: plain text, no plotting library.

Gets counts and draws them; it knows nothing of scenes or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from mrl_demo.still_life.catalogue import COLOURS

PANELS_A_ROW, PANEL, LABEL, BAR = 3, 330, 118, 13
STYLE = "font:11px system-ui,sans-serif;fill:#444"


def bar_charts(counts: Mapping[str, Mapping[str, int]]) -> str:
    """An SVG with the share of each value, in per cent, for every attribute name -> value -> count.

    Colours are drawn as themselves, all else in one blue; values keep the order they come in.
    """
    columns = [""] * PANELS_A_ROW
    heights = [0] * PANELS_A_ROW
    for name, values in counts.items():
        place = heights.index(min(heights))
        columns[place] += (
            f'<g transform="translate({place * PANEL},{heights[place]})">{_panel(name, values)}</g>'
        )
        heights[place] += BAR * len(values) + 40
    width = PANELS_A_ROW * PANEL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {max(heights)}" width="{width}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(columns)}</svg>\n'
    )


def _panel(name: str, values: Mapping[str, int]) -> str:
    total, most = sum(values.values()), max(values.values())
    lines = [f'<text x="{LABEL}" y="18" style="{STYLE};font-weight:600">{escape(name)}</text>']
    for row, (value, count) in enumerate(values.items()):
        y = 26 + BAR * row
        width = (PANEL - LABEL - 60) * count / most
        fill = COLOURS[value].hex if value in COLOURS else "#3b6fb6"
        lines += [
            f'<text x="{LABEL - 6}" y="{y + 9}" text-anchor="end" style="{STYLE}">{escape(value)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR - 3}" fill="{fill}" stroke="#999" '
            'stroke-width=".4"/>',
            f'<text x="{LABEL + width + 4:.1f}" y="{y + 9}" style="{STYLE}">{count / total:.1%}</text>',
        ]
    return "".join(lines)
