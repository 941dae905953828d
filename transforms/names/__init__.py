"""Which mentions are one entity, which institutions are known, who holds which office."""
