/** What kinds of field are called, and a value of each as it is sent. */
import type { Kind } from "@/api/types";
import { type Key, t } from "@/text";

const NAMES: Record<Kind, Key> = {
  text: "developer.kind_text",
  longText: "developer.kind_long_text",
  number: "developer.kind_number",
  integer: "developer.kind_integer",
  percent: "developer.kind_percent",
  currency: "developer.kind_currency",
  date: "developer.kind_date",
  datetime: "developer.kind_datetime",
  person: "developer.kind_person",
  personList: "developer.kind_people",
  singleSelect: "developer.kind_select",
  multipleSelect: "developer.kind_selects",
  textList: "developer.kind_texts",
  checkbox: "developer.kind_checkbox",
  uniqueId: "developer.kind_unique",
  email: "developer.kind_email",
  phone: "developer.kind_phone",
  url: "developer.kind_url",
  file: "developer.kind_file",
  json: "developer.kind_json",
  checklist: "developer.kind_checklist",
  approvalSteps: "developer.kind_approval",
  link: "developer.kind_link",
};

export const EXAMPLES: Partial<Record<Kind, unknown>> = {
  text: "Spring order",
  longText: "one\ntwo",
  number: 10.5,
  integer: 42,
  percent: 50,
  currency: 1999.9,
  date: "2025-01-31",
  datetime: "2025-01-31T10:30:00Z",
  person: "owner@example.com",
  personList: ["owner@example.com"],
  textList: ["a", "b"],
  checkbox: true,
  uniqueId: "42",
  email: "team@example.com",
  phone: "+44 20 7946 0000",
  url: "https://example.com/a",
  file: [{ blobId: "…" }],
  json: { name: "Bolt M8" },
  checklist: [{ text: "Call back", done: true }],
  approvalSteps: [{ completionMode: "ONE", participants: ["reviewer@example.com"] }],
};

export function kindName(kind: Kind): string {
  return t(NAMES[kind] ?? "developer.kind_text");
}
