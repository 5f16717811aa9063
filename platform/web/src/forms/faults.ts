/** What is wrong with a value, in words for who typed it. */
import type { Field } from "@/api/types";
import { today } from "@/fields/calendar";
import { type Key, t } from "@/text";
import type { Finding } from "./schema";

const SAID: Partial<Record<string, Key>> = {
  minimum: "forms.fault_minimum",
  exclusiveMinimum: "forms.fault_exclusive_minimum",
  maximum: "forms.fault_maximum",
  exclusiveMaximum: "forms.fault_exclusive_maximum",
  multipleOf: "forms.fault_multiple_of",
  minLength: "forms.fault_min_length",
  maxLength: "forms.fault_max_length",
  minItems: "forms.fault_min_items",
  maxItems: "forms.fault_max_items",
  uniqueItems: "forms.fault_unique_items",
  pattern: "forms.fault_pattern",
  enum: "forms.fault_enum",
  const: "forms.fault_const",
  false: "forms.fault_false",
};

export function saidOf({ keyword, limit, message }: Finding): string {
  if (message) {
    return message;
  }
  const shown = Array.isArray(limit) ? limit.join(", ") : String(limit);
  return t(SAID[keyword] ?? "forms.fault_other", { limit: shown, count: Number(limit) });
}

/** What is told of a value that somebody has just set, beside what its schema says. */
export function passedFault(field: Field, value: unknown): string | undefined {
  const day = String(value ?? "").slice(0, 10);
  const passed = field.schema.future === true && day !== "" && day < today();
  return passed ? t("forms.fault_future") : undefined;
}
