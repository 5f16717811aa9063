/** Addresses of pages. */
import type { View } from "@/api/types";
import { type Filter, type Query, writeQuery } from "@/filters";

const OF_WORKFLOW = /^\/workflows\/([^/]+)/;

export function currentWorkflow(pathname: string): string | null {
  const [, id] = OF_WORKFLOW.exec(pathname) ?? [];
  return id && id !== "new" ? decodeURIComponent(id) : null;
}

type Page = "" | "board" | "new" | "designer" | "api" | "import" | "reports";

export function workflowAddress(workflow: string, page: Page = ""): string {
  const base = `/workflows/${encodeURIComponent(workflow)}`;
  return page ? `${base}/${page}` : base;
}

export function taskAddress(workflow: string, id: string): string {
  return `${workflowAddress(workflow)}/tasks/${encodeURIComponent(id)}`;
}

/** Where a saved view is shown: its query in the address, and its id, which brings the columns. */
export function viewAddress(workflow: string, view: View): string {
  const query: Query = {
    where: (view.query.where as Filter | undefined) ?? null,
    sort: view.query.sort ?? [],
    q: view.query.q ?? view.query.search ?? "",
  };
  const params = writeQuery(query);
  params.set("_view", view.id);
  return `${workflowAddress(workflow, view.layout === "board" ? "board" : "")}?${params}`;
}
