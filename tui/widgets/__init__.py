"""One widget a file; widgets only draw state."""
