import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  MultiSelect,
  NativeSelect,
  Select,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Field } from "@/api/types";
import { t } from "@/text";
import {
  addRule,
  anyCondition,
  type Condition,
  conditionOf,
  conditionOn,
  type Rule,
  rulesOf,
  schemaOf,
  setRule,
  valuesOf,
} from "./conditions";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { Heading } from "./Heading";
import { fieldsOf } from "./kinds";
import { moved, newName, put, type SaidSection, sectionsOf, unplaced, withSections } from "./model";
import { Sortable } from "./Sortable";

/** How the form of a task is divided, and what comes and goes in it. */
export function FormRules() {
  const { locked } = useDesign();
  return (
    <Fieldset variant="unstyled" disabled={locked} className={classes.form}>
      <Sections />
      <Rules />
    </Fieldset>
  );
}

function Sections() {
  const { file, locked, change, show } = useDesign();
  const sections = sectionsOf(file);
  const rest = unplaced(file);
  const set = (at: number, part: Partial<SaidSection>) =>
    change((one) =>
      withSections(
        one,
        sectionsOf(one).map((section, index) => (index === at ? put(section, part) : section)),
      ),
    );
  const add = () => {
    const title = newName(
      t("designer.section_new"),
      sections.map((section) => section.title),
    );
    change((one) => withSections(one, [...sectionsOf(one), { title, fields: rest.slice(0, 1) }]));
  };
  return (
    <section>
      <Heading title={t("designer.sections")} text={t("designer.sections_hint")} />
      <Sortable
        items={sections}
        idOf={(_, at) => String(at)}
        nameOf={(section) => section.title}
        onMove={(from, to) => change((one) => withSections(one, moved(sectionsOf(one), from, to)))}
        locked={locked}
        label={t("designer.sections")}
        className={classes.cards}
      >
        {(section, at, handle) => (
          <div className={classes.stage} onFocusCapture={() => show(["workflow", "sections", at])}>
            {handle}
            <SectionForm
              section={section}
              at={at}
              set={(part) => set(at, part)}
              onRemove={() =>
                change((one) =>
                  withSections(
                    one,
                    sectionsOf(one).filter((_, index) => index !== at),
                  ),
                )
              }
            />
          </div>
        )}
      </Sortable>
      {!locked && (
        <Group mt="xs">
          <Button
            variant="default"
            leftSection={<IconPlus size={15} aria-hidden />}
            disabled={rest.length === 0}
            onClick={add}
          >
            {t("designer.add_section")}
          </Button>
          {sections.length > 0 && rest.length > 0 && (
            <span className={classes.muted}>{t("designer.unplaced", { count: rest.length })}</span>
          )}
        </Group>
      )}
    </section>
  );
}

function SectionForm(props: {
  section: SaidSection;
  at: number;
  set: (part: Partial<SaidSection>) => void;
  onRemove: () => void;
}) {
  const { section, at, set, onRemove } = props;
  const { file, faultAt } = useDesign();
  const fields = fieldsOf(file);
  const free = new Set([...unplaced(file), ...section.fields]);
  const condition = section.show === undefined ? null : conditionOf(section.show);
  const byHand = section.show !== undefined && condition === null;
  const path = ["workflow", "sections", at] as const;
  const title = section.title;
  return (
    <div className={classes.stageForm}>
      <div className={classes.stageHead}>
        <TextInput
          className={classes.grow}
          aria-label={t("designer.section_title", { number: at + 1 })}
          value={title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          error={faultAt([...path, "title"])}
        />
        <ActionIcon aria-label={t("designer.remove_section", { name: title })} onClick={onRemove}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </div>
      <Textarea
        size="xs"
        autosize
        minRows={1}
        aria-label={t("designer.section_text", { name: title })}
        placeholder={t("designer.section_text_hint")}
        value={section.description ?? ""}
        onChange={(event) => set({ description: event.currentTarget.value || undefined })}
      />
      <MultiSelect
        size="xs"
        label={t("designer.section_fields")}
        data={fields
          .filter((field) => free.has(field.id))
          .map((field) => ({ value: field.id, label: field.name }))}
        value={section.fields}
        searchable
        onChange={(keys) => set({ fields: keys })}
        error={faultAt([...path, "fields"])}
      />
      {byHand ? (
        <p className={classes.muted}>{t("designer.by_hand")}</p>
      ) : (
        <div className={classes.when}>
          <NativeSelect
            size="xs"
            aria-label={t("designer.section_when", { name: title })}
            data={[
              { value: "always", label: t("designer.always") },
              { value: "when", label: t("designer.only_when") },
            ]}
            value={condition ? "when" : "always"}
            onChange={(event) => {
              const next = event.currentTarget.value === "when" ? anyCondition(fields) : null;
              set({ show: next ? schemaOf(next) : undefined });
            }}
          />
          {condition && (
            <ConditionForm
              condition={condition}
              fields={fields}
              onChange={(next) => set({ show: schemaOf(next) })}
            />
          )}
        </div>
      )}
    </div>
  );
}

function Rules() {
  const { file, locked, change, faultAt, show } = useDesign();
  const fields = fieldsOf(file);
  const placed = rulesOf(file);
  const first = anyCondition(fields);
  const add = () => {
    if (first) {
      const other = fields.find((field) => field.id !== first.key && !field.required);
      const rule: Rule = { when: first, required: other ? [other.id] : [], hidden: [] };
      change((one) => addRule(one, rule));
    }
  };
  return (
    <section>
      <Heading title={t("designer.rules")} text={t("designer.rules_hint")} />
      <ul className={classes.cards} aria-label={t("designer.rules")}>
        {placed.map(({ at, rule }, index) => (
          <li
            key={at}
            className={classes.stage}
            onFocusCapture={() => show(at === "file" ? ["if"] : ["allOf", at])}
          >
            {rule ? (
              <RuleForm
                rule={rule}
                number={index + 1}
                fields={fields}
                onChange={(next) => change((one) => setRule(one, at, next))}
              />
            ) : (
              <p className={classes.muted}>{t("designer.rule_by_hand")}</p>
            )}
            {faultAt(at === "file" ? ["then"] : ["allOf", at]) && (
              <p role="alert" className={classes.fault}>
                {faultAt(at === "file" ? ["then"] : ["allOf", at])}
              </p>
            )}
          </li>
        ))}
      </ul>
      {!locked && (
        <Button
          variant="default"
          mt="xs"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={!first}
          onClick={add}
        >
          {t("designer.add_rule")}
        </Button>
      )}
    </section>
  );
}

function RuleForm(props: {
  rule: Rule;
  number: number;
  fields: readonly Field[];
  onChange: (rule: Rule | null) => void;
}) {
  const { rule, number, fields, onChange } = props;
  const others = fields
    .filter((field) => field.id !== rule.when.key)
    .map((field) => ({ value: field.id, label: field.name }));
  return (
    <div className={classes.stageForm}>
      <div className={classes.stageHead}>
        <span className={classes.label}>{t("designer.rule_when")}</span>
        <span className={classes.grow} />
        <ActionIcon
          aria-label={t("designer.remove_rule", { number })}
          onClick={() => onChange(null)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </div>
      <ConditionForm
        condition={rule.when}
        fields={fields}
        onChange={(when) => onChange({ ...rule, when })}
      />
      <div className={classes.pair}>
        <MultiSelect
          size="xs"
          label={t("designer.rule_needed")}
          data={others}
          value={rule.required}
          searchable
          onChange={(required) => onChange({ ...rule, required })}
        />
        <MultiSelect
          size="xs"
          label={t("designer.rule_hidden")}
          data={others}
          value={rule.hidden}
          searchable
          onChange={(hidden) => onChange({ ...rule, hidden })}
        />
      </div>
    </div>
  );
}

function ConditionForm(props: {
  condition: Condition;
  fields: readonly Field[];
  onChange: (condition: Condition) => void;
}) {
  const { condition, fields, onChange } = props;
  const field = fields.find((one) => one.id === condition.key);
  const values = field ? valuesOf(field) : [];
  const spelt = (value: unknown) =>
    value === true ? t("shared.yes") : value === false ? t("shared.no") : String(value);
  return (
    <div className={classes.condition}>
      <Select
        size="xs"
        aria-label={t("designer.condition_field")}
        data={fields.map((one) => ({ value: one.id, label: one.name }))}
        value={condition.key}
        allowDeselect={false}
        searchable
        onChange={(key) => {
          const next = fields.find((one) => one.id === key);
          if (next) {
            onChange(conditionOn(next));
          }
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={t("designer.condition_test")}
        data={[
          { value: "set", label: t("designer.test_set") },
          ...(values.length > 0 || condition.test === "is"
            ? [{ value: "is", label: t("designer.test_is") }]
            : []),
        ]}
        value={condition.test}
        onChange={(event) =>
          onChange(
            event.currentTarget.value === "set"
              ? { key: condition.key, test: "set", values: [] }
              : { key: condition.key, test: "is", values: values.slice(0, 1) },
          )
        }
      />
      {condition.test === "is" && (
        <MultiSelect
          size="xs"
          className={classes.grow}
          aria-label={t("designer.condition_values")}
          data={[...new Set([...values, ...condition.values].map(spelt))]}
          value={condition.values.map(spelt)}
          onChange={(chosen) => {
            const known = [...values, ...condition.values];
            const next = chosen.map((text) => known.find((value) => spelt(value) === text));
            if (next.length > 0) {
              onChange({ ...condition, values: next });
            }
          }}
        />
      )}
    </div>
  );
}
