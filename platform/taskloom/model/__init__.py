"""Plain frozen data: workflows, tasks, people, events, files. No behaviour, no I/O."""
