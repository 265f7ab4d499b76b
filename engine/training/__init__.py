"""One network, one corpus: the training loop and what it needs."""
