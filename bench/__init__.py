"""Side-by-side measurements: Taskloom over HTTP against bare pymongo, in one run, as ratios."""
