import { Select, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconArrowRight, IconCheck, IconMinus } from "@tabler/icons-react";
import { sentence } from "@/api/problem";
import { ASSIGNED_TO, STAGE, type Workflow } from "@/api/types";
import { t } from "@/text";
import classes from "./Imports.module.css";
import type { Preview, PreviewColumn } from "./queries";

const ASIDE = "aside";
const NONE = "none";
const TO = "to:";

interface Props {
  workflow: Workflow;
  made: Preview;
  map: Record<string, string | null>;
  onMap: (map: Record<string, string | null>) => void;
}

/** Every column of the file with some of its values, and where it goes. */
export function Mapping({ workflow, made, map, onMap }: Props) {
  const found = made.columns.filter(({ target }) => isArriving(target?.kind)).length;
  return (
    <section className={classes.section} aria-labelledby="columns">
      <Title order={2} id="columns">
        {t("imports.columns")}
      </Title>
      <Text size="sm" c="dimmed" className={classes.lead}>
        {t("imports.columns_lead", { found, all: made.columns.length })}
      </Text>
      <div className={classes.scroll}>
        <Table className={`${classes.table} ${classes.mapping}`} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="26%">{t("imports.column")}</Table.Th>
              <Table.Th w="34%">{t("imports.samples")}</Table.Th>
              <Table.Th>{t("imports.goes_to")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {made.columns.map((column) => (
              <Row
                key={column.name}
                workflow={workflow}
                column={column}
                made={made}
                onTarget={(target) => onMap(mapped(map, column.name, target))}
              />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function isArriving(kind: string | undefined): boolean {
  return kind !== undefined && kind !== ASIDE && kind !== NONE;
}

function mapped(map: Record<string, string | null>, column: string, target: string) {
  const { [column]: _, ...others } = map;
  if (target === ASIDE) {
    return others;
  }
  return { ...others, [column]: target === NONE ? null : target.slice(TO.length) };
}

interface RowProps {
  workflow: Workflow;
  column: PreviewColumn;
  made: Preview;
  onTarget: (target: string) => void;
}

function Row({ workflow, column, made, onTarget }: RowProps) {
  const { name, target } = column;
  const faults = made.faults.filter((fault) => fault.path[0] === name);
  const value = !target
    ? ""
    : isArriving(target.kind)
      ? `${TO}${target.title}`
      : target.kind === NONE
        ? NONE
        : ASIDE;
  return (
    <Table.Tr data-faulty={faults.length > 0 || undefined}>
      <Table.Td className={classes.columnName}>{name}</Table.Td>
      <Table.Td>
        <Samples samples={column.samples} />
      </Table.Td>
      <Table.Td>
        <div className={classes.target}>
          <Mark kind={target?.kind} faulty={faults.length > 0} />
          <Select
            className={classes.select}
            aria-label={t("imports.target_of", { name })}
            placeholder={t("imports.choose_target")}
            searchable
            allowDeselect={false}
            nothingFoundMessage={t("imports.no_target")}
            data={targetsOf(workflow, value)}
            value={value || null}
            onChange={(next) => next && onTarget(next)}
            error={faults.length > 0 ? faults.map(sentence).join("; ").replaceAll("`", "") : null}
          />
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

export function Samples({ samples }: { samples: readonly unknown[] }) {
  return samples.length === 0 ? (
    <Text span size="sm" c="dimmed">
      {t("imports.no_values")}
    </Text>
  ) : (
    <span className={classes.samples}>
      {samples.map((sample, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: samples never change places
        <span key={place} title={plain(sample)}>
          {plain(sample)}
        </span>
      ))}
    </span>
  );
}

export function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Mark({ kind, faulty }: { kind: string | undefined; faulty: boolean }) {
  if (faulty) {
    return <IconAlertTriangle size={16} className={classes.bad} aria-hidden />;
  }
  if (isArriving(kind)) {
    return <IconArrowRight size={16} className={classes.good} aria-hidden />;
  }
  return kind === ASIDE ? (
    <IconCheck size={16} className={classes.quiet} aria-hidden />
  ) : (
    <IconMinus size={16} className={classes.quiet} aria-hidden />
  );
}

/** Where a column can go. What belongs to a field by its name cannot be kept aside. */
function targetsOf(workflow: Workflow, value: string) {
  const titled = (title: string) => ({ value: `${TO}${title}`, label: title });
  const fields = workflow.fields.filter(({ type }) => type !== "link");
  const links = workflow.fields.filter(({ type }) => type === "link");
  const known = new Set([...workflow.fields.map(({ name }) => name), STAGE, ASSIGNED_TO]);
  const title = value.startsWith(TO) ? value.slice(TO.length) : "";
  return [
    {
      group: t("imports.group_other"),
      items: [
        { value: ASIDE, label: t("imports.aside") },
        { value: NONE, label: t("imports.none") },
      ],
    },
    {
      group: t("imports.group_fields"),
      items: [
        ...fields.map(({ name }) => titled(name)),
        ...(title && !known.has(title) ? [titled(title)] : []),
      ],
    },
    { group: t("imports.group_task"), items: [titled(STAGE), titled(ASSIGNED_TO)] },
    ...(links.length > 0
      ? [{ group: t("imports.group_links"), items: links.map(({ name }) => titled(name)) }]
      : []),
  ];
}
