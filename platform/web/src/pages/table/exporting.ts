/** Exactly what the table shows as a file: its filter, its order, its columns. */
import { at, requestOf, send } from "@/api/client";
import { type Query, writeQuery } from "@/filters";
import type { Column } from "./columns";

export const FORMATS = ["csv", "xlsx", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];

/** The address of the file; titles stand each in a parameter of its own, for the commas in some. */
export function exportAddress(
  workflow: string,
  query: Query,
  columns: readonly Column[],
  format: Format,
): string {
  const params = writeQuery({ ...query, sort: [] });
  for (const title of query.sort) {
    params.append("_sort", title);
  }
  for (const column of columns) {
    params.append("_fields", column.title);
  }
  params.set("_format", format);
  return `${at(workflow, "tasks", "export")}?${params}`;
}

export async function download(address: string, name: string): Promise<void> {
  const answer = await send(requestOf("GET", address, { headers: { Accept: "*/*" } }));
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
