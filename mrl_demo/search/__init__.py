"""Searching embeddings at any dim: cascades, the exact pass, HNSW on a prefix, re-ranking. Knows no model and
no page."""
