"""Nothing is quadratic: what a batch, and a page, cost as the collection grows."""

from bench import over_http
from bench.figures import BATCH, Bench, Figure
from bench.sample import batches


def growth(bench: Bench, *, first: int, count: int) -> Figure:
    """Import on top of what is there; the ratio compares the last tenth with the first."""
    share = count // 10
    start, _ = over_http.load(bench.server, batches(first, share, BATCH))
    over_http.load(bench.server, batches(first + share, count - 2 * share, BATCH))
    end, _ = over_http.load(bench.server, batches(first + count - share, share, BATCH))
    return Figure(
        name="import, last tenth against first (raw column: the first)",
        unit="rows/s",
        ours=end,
        raw=start,
        ratio=end / start,
    )
