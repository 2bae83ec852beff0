"""The two-tower model: what it is made of, how it is stored, and how text and images become embeddings."""
