"""Models, training, and the process that trains; `client` and `launch` are its torch-free side."""
