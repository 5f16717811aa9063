/** The rules of a field in short sentences. */
import type { Field, Workflow } from "@/api/types";
import { type Key, t } from "@/text";

type Say = (value: string) => string;
const say =
  (key: Key): Say =>
  (value) =>
    t(key, { value });

/** Keywords of a field's schema that say one thing each. */
const KEYWORDS: Record<string, Say> = {
  minimum: say("developer.rule_minimum"),
  maximum: say("developer.rule_maximum"),
  exclusiveMinimum: say("developer.rule_above"),
  exclusiveMaximum: say("developer.rule_below"),
  minLength: say("developer.rule_min_length"),
  maxLength: say("developer.rule_max_length"),
  minItems: say("developer.rule_min_items"),
  maxItems: say("developer.rule_max_items"),
  multipleOf: say("developer.rule_multiple"),
  pattern: say("developer.rule_pattern"),
  default: say("developer.rule_default"),
};
const SWITCHES: Record<string, Key> = {
  writeOnce: "developer.rule_write_once",
  uniqueItems: "developer.rule_unique_items",
  future: "developer.rule_future",
};

export function rulesOf(workflow: Workflow, field: Field): string[] {
  const { schema } = field;
  const said = Object.entries(KEYWORDS).flatMap(([word, told]) =>
    Object.hasOwn(schema, word) ? [told(spelt(schema[word]))] : [],
  );
  const on = Object.entries(SWITCHES).flatMap(([word, key]) =>
    schema[word] === true ? [t(key)] : [],
  );
  const stages = workflow.stages.filter(({ require }) => require.includes(field.id));
  return [
    ...(field === workflow.uniqueId ? [t("developer.rule_unique")] : []),
    ...(field.autoincrement ? [t("developer.rule_counts")] : []),
    ...(field.editable ? [] : [t("developer.rule_fixed")]),
    ...said,
    ...on,
    ...(stages.length > 0
      ? [t("developer.rule_stages", { value: stages.map(({ name }) => name).join(", ") })]
      : []),
    ...(field.filterable ? [t("developer.rule_filterable")] : []),
  ];
}

function spelt(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
