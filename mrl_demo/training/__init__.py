"""Training a Matryoshka encoder: the losses, the data, the loop that survives a kill."""
