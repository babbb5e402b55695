"""Writing cases into files: `redress export` without a number."""
