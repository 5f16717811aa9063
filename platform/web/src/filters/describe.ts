/** A comparison in words. */
import type { Workflow } from "@/api/types";
import { dayText, momentText } from "@/fields/calendar";
import { t } from "@/text";
import { kindOf } from "./address";
import { operatorName } from "./operators";
import type { Comparison } from "./tree";

export function described({ field, op, value }: Comparison, workflow: Workflow): string {
  const kind = kindOf(workflow, field) ?? "text";
  if (op === "exists") {
    return `${field} ${t(value === false ? "filters.op_unset" : "filters.op_exists")}`;
  }
  const one = (item: unknown): string => {
    if (item === null || item === "") {
      return t("filters.unset");
    }
    if (typeof item === "boolean") {
      return t(item ? "shared.yes" : "shared.no");
    }
    return kind === "date" ? dayText(item) : kind === "datetime" ? momentText(item) : String(item);
  };
  const told = Array.isArray(value) ? value.map(one).join(", ") : one(value);
  return `${field} ${operatorName(op, kind)} ${told}`;
}
