"""The environment variables by which an application beside ours is told what it needs."""

URI = "BENCH_MONGODB_URI"
SECRET = "BENCH_SECRET"  # noqa: S105 - the name of a variable
