"""Measuring search: metrics, latency, memory, and the result file they end in. Knows no model."""
