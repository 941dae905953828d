"""Which stages, in what order, with what options. Nothing imports this package."""
