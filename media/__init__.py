"""Media workers: the pool and its zygote on the core's side, the workers' mains, and what they say."""
