"""`make mutate`: every number moved by one step and every comparison turned, and whether a case or a test feels it."""
