import { type ImportJob, type Part, partOf } from "./queries";

/** Gives the browser a file of what an import left, to be saved. */
export async function save(
  workflow: string,
  job: ImportJob & { tabular: boolean | null },
  part: Part,
): Promise<void> {
  const blob = await (await partOf(workflow, job.id, part)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${job.name}.${part}.${job.tabular ? "csv" : "ndjson"}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
