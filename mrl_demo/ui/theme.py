"""The page's Gradio theme: one accent on slate, system fonts (no request leaves the machine), text that can
be read.
"""

from __future__ import annotations

import gradio as gr

# Okabe-Ito blue as a Gradio hue; 500 to 600 carry white text at 4.5:1 or better.
BLUE = gr.themes.Color(
    "#eef6fb",
    "#d5e9f5",
    "#aed5ec",
    "#7dbbdf",
    "#429ccd",
    "#0072b2",
    "#00639b",
    "#005180",
    "#003f64",
    "#002d48",
    "#001c2e",
)


def page_theme() -> gr.themes.Base:
    """Gradio's base theme in the page's colours, with subdued text dark enough for contrast (default:
    1.9:1).
    """
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"]
    return gr.themes.Base(
        primary_hue=BLUE,
        secondary_hue=BLUE,
        neutral_hue=gr.themes.colors.slate,
        font=fonts,
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
        radius_size=gr.themes.sizes.radius_md,
    ).set(
        body_background_fill="#f6f8fa",
        body_background_fill_dark="#0e141b",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        input_placeholder_color="*neutral_500",
    )
