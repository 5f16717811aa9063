/** Workflows to begin with; what they are in one line stands in the files themselves. */
import type { WorkflowFile } from "@/api/types";
import bugs from "./templates/bug-tracking.json";
import content from "./templates/content-calendar.json";
import hiring from "./templates/hiring.json";
import purchases from "./templates/purchase-approvals.json";
import sales from "./templates/sales-pipeline.json";
import support from "./templates/support-requests.json";

export interface Template {
  id: string;
  title: string;
  description: string;
  stages: { name: string; colour: string; end?: boolean }[];
  file: WorkflowFile;
}

export const TEMPLATES: readonly Template[] = [
  sales,
  support,
  hiring,
  purchases,
  content,
  bugs,
].map((file) => ({
  id: file.$id,
  title: file.title,
  description: file.description,
  stages: file.workflow.stages,
  file: file as WorkflowFile,
}));
