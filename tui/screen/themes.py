"""The two themes: blue for training, orange for validation everywhere, violet for focus alone."""

from textual.theme import Theme

DARK = Theme(
    name="namestui-dark",
    primary="#3a86c8",
    secondary="#4a6f8a",
    warning="#ffa62b",
    error="#d75f5f",
    success="#4ebf71",
    accent="#af87ff",
    foreground="#e0e0e0",
    background="#121212",
    surface="#1e1e1e",
    panel="#242424",
    dark=True,
)
LIGHT = Theme(
    name="namestui-light",
    primary="#005f87",
    secondary="#4a6f8a",
    warning="#af5f00",
    error="#af0000",
    success="#00873f",
    accent="#5f00af",
    foreground="#1c1c1c",
    background="#f5f5f5",
    surface="#e8e8e8",
    panel="#dcdcdc",
    dark=False,
)
