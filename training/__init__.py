"""The recipe of the embedded model: `python -m training STAGE --data DIR --out DIR`."""
