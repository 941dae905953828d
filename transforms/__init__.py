"""How one stage works: pure modules that hold the logic, thin PTransforms that carry it."""
