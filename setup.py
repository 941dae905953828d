"""Lets Beam stage this project (--setup_file ./setup.py); the metadata is in pyproject.toml."""
from setuptools import setup

setup()
