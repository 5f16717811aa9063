"""One typed tree for filters, sorting and paging; dialects parse into it, storage compiles it."""
