/** Where one is in the grid, and where a key leads. */

export const HEAD = -1;

/** A row and a column of the grid; the header is row -1. */
export interface Place {
  row: number;
  col: number;
}

export interface Extent {
  rows: number;
  cols: number;
  /** Rows that fit at once. */
  page: number;
}

export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** The place a key leads to; null where the key does not move. */
export function moved(event: KeyLike, from: Place, extent: Extent): Place | null {
  const far = event.ctrlKey || event.metaKey;
  const step = stepOf(event.key, from, extent, far);
  if (!step) {
    return null;
  }
  return {
    row: Math.min(Math.max(step.row, HEAD), extent.rows - 1),
    col: Math.min(Math.max(step.col, 0), Math.max(extent.cols - 1, 0)),
  };
}

interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

function stepOf(key: string, { row, col }: Place, extent: Extent, far: boolean): Place | null {
  const last = extent.rows - 1;
  switch (key) {
    case "ArrowUp":
      return { row: far && row > 0 ? 0 : row - 1, col };
    case "ArrowDown":
      return { row: far ? last : row + 1, col };
    case "ArrowLeft":
      return { row, col: far ? 0 : col - 1 };
    case "ArrowRight":
      return { row, col: far ? extent.cols - 1 : col + 1 };
    case "Home":
      return { row: far ? 0 : row, col: 0 };
    case "End":
      return { row: far ? last : row, col: extent.cols - 1 };
    case "PageUp":
      return { row: Math.max(row - extent.page, Math.min(row, 0)), col };
    case "PageDown":
      return { row: row + extent.page, col };
    default:
      return null;
  }
}

export function blockOf(one: Place, other: Place): Block {
  return {
    top: Math.max(Math.min(one.row, other.row), 0),
    bottom: Math.max(one.row, other.row),
    left: Math.min(one.col, other.col),
    right: Math.max(one.col, other.col),
  };
}
