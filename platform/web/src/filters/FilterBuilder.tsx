/** Puts a filter together: conditions that all or any of which hold, in groups within groups. */
import { ActionIcon, Button, Group, MultiSelect, Select, Switch, TagsInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMembers } from "@/api/queries";
import type { Field, Workflow } from "@/api/types";
import { Editor } from "@/fields";
import { t } from "@/text";
import {
  type Asked,
  askedOf,
  type Condition,
  condition,
  draftOf,
  emptyGroup,
  filterOf,
  type GroupDraft,
  isGroup,
  type Part,
} from "./draft";
import classes from "./FilterBuilder.module.css";
import { filterFields } from "./fields";
import { operatorName } from "./operators";
import type { Filter } from "./tree";

const SETTLED_MS = 350;
const DEEPEST = 3;

interface Props {
  workflow: Workflow;
  where: Filter | null;
  /** Called a moment after the last key, with what is complete. */
  onChange: (where: Filter | null) => void;
  /** A condition for this field is added as soon as the builder is shown. */
  begin?: string | null;
}

export function FilterBuilder({ workflow, where, onChange, begin }: Props) {
  const fields = useMemo(() => filterFields(workflow), [workflow]);
  const [draft, setDraft] = useState(() => begun(draftOf(where), fields, begin));
  const told = useRef(JSON.stringify(where));
  const timer = useRef(0);
  useEffect(() => {
    // A filter that came from elsewhere, such as a view, takes the place of what is here.
    const now = JSON.stringify(where);
    if (now !== told.current) {
      told.current = now;
      setDraft(draftOf(where));
    }
  }, [where]);
  useEffect(() => {
    if (begin) {
      setDraft((now) => begun(now, fields, begin));
    }
  }, [begin, fields]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const change = (next: GroupDraft) => {
    setDraft(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const filter = filterOf(next);
      const text = JSON.stringify(filter);
      if (text !== told.current) {
        told.current = text;
        onChange(filter);
      }
    }, SETTLED_MS);
  };
  return (
    <section className={classes.builder} aria-label={t("filters.title")}>
      <OneGroup workflow={workflow} fields={fields} group={draft} depth={0} onChange={change} />
    </section>
  );
}

function begun(draft: GroupDraft, fields: readonly Field[], begin?: string | null): GroupDraft {
  const field = fields.find((one) => one.name === begin) ?? (begin === "" ? fields[0] : undefined);
  const there = draft.parts.some((part) => !isGroup(part) && part.field === field?.name);
  return field && (!there || begin === "")
    ? { ...draft, parts: [...draft.parts, condition(field)] }
    : draft;
}

interface GroupProps {
  workflow: Workflow;
  fields: readonly Field[];
  group: GroupDraft;
  depth: number;
  onChange: (group: GroupDraft) => void;
  onRemove?: () => void;
}

function OneGroup({ workflow, fields, group, depth, onChange, onRemove }: GroupProps) {
  const { parts } = group;
  const [first] = fields;
  const replace = (place: number, part: Part | null) =>
    onChange({
      ...group,
      parts: part ? parts.map((one, at) => (at === place ? part : one)) : parts.toSpliced(place, 1),
    });
  const add = (part: Part) => onChange({ ...group, parts: [...parts, part] });
  return (
    <div className={depth > 0 ? classes.group : undefined}>
      {(depth > 0 || group.not) && (
        <Group justify="space-between" mb={6}>
          <Switch
            size="xs"
            label={t("filters.not")}
            checked={group.not}
            onChange={(event) => onChange({ ...group, not: event.currentTarget.checked })}
          />
          {onRemove && (
            <ActionIcon size="sm" aria-label={t("filters.remove_group")} onClick={onRemove}>
              <IconX size={14} />
            </ActionIcon>
          )}
        </Group>
      )}
      {parts.length === 0 && <p className={classes.empty}>{t("filters.empty")}</p>}
      {parts.map((part, place) => (
        <div key={part.key} className={classes.part}>
          <Joint group={group} place={place} onChange={onChange} />
          {isGroup(part) ? (
            <OneGroup
              workflow={workflow}
              fields={fields}
              group={part}
              depth={depth + 1}
              onChange={(next) => replace(place, next)}
              onRemove={() => replace(place, null)}
            />
          ) : (
            <OneCondition
              workflow={workflow}
              fields={fields}
              condition={part}
              onChange={(next) => replace(place, next)}
              onRemove={() => replace(place, null)}
            />
          )}
        </div>
      ))}
      <Group gap="xs" mt={parts.length > 0 ? 8 : 4}>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => first && add(condition(first))}
        >
          {t("filters.add")}
        </Button>
        {depth < DEEPEST && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconPlus size={14} />}
            onClick={() => first && add(emptyGroup([condition(first)], !group.all))}
          >
            {t("filters.add_group")}
          </Button>
        )}
        {depth === 0 && parts.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => onChange(emptyGroup())}
          >
            {t("filters.clear")}
          </Button>
        )}
      </Group>
    </div>
  );
}

/** "Where" before the first part, and "and" or "or" before the others, which is said once. */
function Joint(props: { group: GroupDraft; place: number; onChange: (group: GroupDraft) => void }) {
  const { group, place, onChange } = props;
  if (place === 1) {
    return (
      <Select
        size="xs"
        className={classes.joint}
        aria-label={t("filters.joined")}
        allowDeselect={false}
        value={group.all ? "all" : "any"}
        data={[
          { value: "all", label: t("filters.all_of") },
          { value: "any", label: t("filters.any_of") },
        ]}
        onChange={(joined) => onChange({ ...group, all: joined === "all" })}
      />
    );
  }
  const word = place === 0 ? "filters.where" : group.all ? "filters.all_of" : "filters.any_of";
  return <span className={classes.joint}>{t(word)}</span>;
}

interface ConditionProps {
  workflow: Workflow;
  fields: readonly Field[];
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function OneCondition({ workflow, fields, condition: said, onChange, onRemove }: ConditionProps) {
  const field = fields.find((one) => one.name === said.field) ?? fields[0];
  if (!field) {
    return null;
  }
  const name = (op: Asked) =>
    op === "unset" ? t("filters.op_unset") : operatorName(op, field.type);
  const pick = (title: string | null) => {
    const other = fields.find((one) => one.name === title);
    if (other) {
      onChange({ ...condition(other), key: said.key });
    }
  };
  return (
    <div className={classes.condition}>
      <Select
        size="xs"
        className={classes.field}
        aria-label={t("filters.field")}
        searchable
        allowDeselect={false}
        value={said.field}
        data={fields.map((one) => one.name)}
        onChange={pick}
      />
      <Select
        size="xs"
        className={classes.operator}
        aria-label={t("filters.operator")}
        allowDeselect={false}
        value={said.op}
        data={askedOf(field).map((op) => ({ value: op, label: name(op) }))}
        onChange={(op) => op && onChange(withOperator(said, op as Asked))}
      />
      <div className={classes.value}>
        <Value workflow={workflow} field={field} condition={said} onChange={onChange} />
      </div>
      <ActionIcon size="sm" aria-label={t("filters.remove")} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

const SEVERAL = new Set<Asked>(["in", "nin"]);

/** Another comparison of the same field: a value becomes the first of several, or the other way. */
function withOperator(said: Condition, op: Asked): Condition {
  const { value } = said;
  const several = Array.isArray(value);
  if (SEVERAL.has(op)) {
    return { ...said, op, value: several ? value : value === null ? [] : [value] };
  }
  return { ...said, op, value: several ? (value[0] ?? null) : value };
}

interface ValueProps {
  workflow: Workflow;
  field: Field;
  condition: Condition;
  onChange: (condition: Condition) => void;
}

function Value({ workflow, field, condition: said, onChange }: ValueProps) {
  const { data: members = [] } = useMembers(workflow.id);
  const set = (value: unknown) => onChange({ ...said, value });
  if (said.op === "exists" || said.op === "unset") {
    return null;
  }
  const options = choices(field, members);
  if (SEVERAL.has(said.op)) {
    const shared = {
      size: "xs",
      "aria-label": t("filters.values"),
      value: Array.isArray(said.value) ? said.value.map(String) : [],
      onChange: set,
    } as const;
    return options ? (
      <MultiSelect {...shared} data={options} searchable hidePickedOptions />
    ) : (
      <TagsInput {...shared} placeholder={t("filters.type_values")} />
    );
  }
  if (field.type === "checkbox") {
    return (
      <Select
        size="xs"
        aria-label={t("filters.value")}
        value={said.value === null ? null : String(said.value)}
        data={[
          { value: "true", label: t("shared.yes") },
          { value: "false", label: t("shared.no") },
        ]}
        onChange={(value) => set(value === null ? null : value === "true")}
      />
    );
  }
  if (options) {
    const value = said.value === null ? null : String(said.value);
    return (
      <Select
        size="xs"
        aria-label={t("filters.value")}
        searchable
        value={value}
        data={options}
        onChange={set}
      />
    );
  }
  const plain = ["longText", "textList", "json", "file", "email", "phone", "url", "uniqueId"];
  const shown = plain.includes(field.type) ? { ...field, type: "text" as const } : field;
  return (
    <Editor
      inline
      field={{ ...shown, name: t("filters.value") }}
      value={said.value}
      workflow={workflow.id}
      onChange={set}
    />
  );
}

interface Choice {
  value: string;
  label: string;
}

function choices(
  field: Field,
  members: readonly { email: string; first_name: string; last_name: string }[],
): Choice[] | null {
  if (["person", "personList", "approvalSteps"].includes(field.type)) {
    return members.map((one) => ({
      value: one.email,
      label: `${one.first_name} ${one.last_name}`.trim() || one.email,
    }));
  }
  return field.options ? field.options.map((value) => ({ value, label: value })) : null;
}
