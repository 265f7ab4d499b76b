"""The screen: app, main screen, keys."""
