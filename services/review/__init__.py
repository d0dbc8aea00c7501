"""Reviews: what each bureau says about a case, what the experts score, and what the province decides (A6)."""
