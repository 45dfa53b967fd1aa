"""Terms, and where pages link to them."""
