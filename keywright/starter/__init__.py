"""A repository of one's own: `repository/` has its files as they are written, and this package writes them."""
