/** The parts of the designer, each a tab. */
import type { Path } from "./source";

export const PARTS = ["fields", "stages", "permissions", "form", "general"] as const;
export type Part = (typeof PARTS)[number];

/** Which part shows what stands at a path. */
const OF_WORKFLOW: Record<string, Part> = {
  stages: "stages",
  transitions: "stages",
  roles: "permissions",
  sections: "form",
};

export function partOf(path: Path): Part {
  if (path[0] === "properties" || path[0] === "required") {
    return "fields";
  }
  return path[0] === "workflow" ? (OF_WORKFLOW[String(path[1])] ?? "general") : "general";
}
