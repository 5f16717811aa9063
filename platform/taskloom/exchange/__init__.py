"""Files of rows, in and out: read in flat memory, understood, and spelt for a workflow."""
