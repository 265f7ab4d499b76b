"""What covers the whole terminal: help, the leave dialog."""
