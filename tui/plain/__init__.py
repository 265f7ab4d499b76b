"""Without a screen: lines, bars, JSON."""
