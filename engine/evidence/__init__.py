"""What a trained network shows: predictions, scores, probes, comparisons."""
