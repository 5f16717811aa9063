/** CSV as the server writes it: commas, double quotes, a line break in quotes is part of a cell. */

export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place];
    if (quoted) {
      if (sign !== '"') {
        cell += sign;
      } else if (text[place + 1] === '"') {
        cell += '"';
        place += 1;
      } else {
        quoted = false;
      }
    } else if (sign === '"') {
      quoted = true;
    } else if (sign === ",") {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") {
      rows.push([...row, cell.endsWith("\r") ? cell.slice(0, -1) : cell]);
      row = [];
      cell = "";
    } else {
      cell += sign;
    }
  }
  if (cell || row.length > 0) {
    rows.push([...row, cell]);
  }
  return rows;
}

export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(spelt).join(",")}\r\n`).join("");
}

function spelt(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
