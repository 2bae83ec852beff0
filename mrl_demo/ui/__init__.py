"""The page: Gradio blocks, what they ask of a collection, and the scripts and styles the browser runs.

Sees the encoder only as a protocol (`EncoderHolder`), and never imports torch, open_clip or usearch.
"""
