"""Made exports: synthetic patients of any number, drawn from stated distributions, the same for the same seed."""
