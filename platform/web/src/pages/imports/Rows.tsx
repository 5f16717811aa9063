import { Badge, Table, Text, Title } from "@mantine/core";
import { type Fault, sentence } from "@/api/problem";
import { ASSIGNED_TO, type Field, STAGE, type Workflow } from "@/api/types";
import { Cell, kindOf } from "@/fields";
import { Person } from "@/shared/Avatar";
import { StageBadge } from "@/shared/Pill";
import { t } from "@/text";
import classes from "./Imports.module.css";
import { plain } from "./Mapping";
import type { Preview, PreviewColumn, PreviewRow } from "./queries";

const COLOURS: Readonly<Record<PreviewRow["outcome"], string>> = {
  created: "loom",
  updated: "blue",
  unchanged: "gray",
  refused: "red",
};

/** The first rows as tasks: typed, with what is wrong in the cell where it is wrong. */
export function Rows({ workflow, made }: { workflow: Workflow; made: Preview }) {
  const titles = titlesOf(made);
  const fields = new Map(workflow.fields.map((field) => [field.name, field]));
  if (made.rows.length === 0) {
    return null;
  }
  return (
    <section className={classes.section}>
      <Title order={2} id="first">
        {t("imports.first_rows")}
      </Title>
      <Text size="sm" c="dimmed" className={classes.lead}>
        {t("imports.first_rows_lead")}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-labelledby="first">
        <Table className={classes.rows} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("imports.line")}</Table.Th>
              <Table.Th>{t("imports.outcome")}</Table.Th>
              {titles.map((title) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {made.rows.map((row) => (
              <Row
                key={row.line}
                row={row}
                titles={titles}
                fields={fields}
                workflow={workflow}
                columns={made.columns}
              />
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </section>
  );
}

/** The titles that rows ask for, in the order of the columns. */
function titlesOf(made: Preview): string[] {
  const aimed = made.columns.flatMap(({ target }) => (target?.title ? [target.title] : []));
  const asked = new Set(made.rows.flatMap((row) => Object.keys(row.asks)));
  const faulty = new Set(made.rows.flatMap((row) => row.faults.map(({ path }) => String(path[0]))));
  return [...new Set(aimed)].filter((title) => asked.has(title) || faulty.has(title));
}

interface RowProps {
  row: PreviewRow;
  titles: string[];
  fields: ReadonlyMap<string, Field>;
  workflow: Workflow;
  columns: PreviewColumn[];
}

/** What stands in the file where a value could not be read. */
function cellFor(row: PreviewRow, title: string, columns: PreviewColumn[]): unknown {
  const column = columns.find(({ target }) => target?.title === title);
  return column && row.values[column.name];
}

function Row({ row, titles, fields, workflow, columns }: RowProps) {
  const elsewhere = row.faults.filter(({ path }) => !titles.includes(String(path[0])));
  return (
    <Table.Tr>
      <Table.Td className="tl-numbers">{row.line}</Table.Td>
      <Table.Td>
        <Badge color={COLOURS[row.outcome]} tt="none" miw="max-content">
          {t(`imports.outcome_${row.outcome}`)}
        </Badge>
        {elsewhere.map((fault) => (
          <Wrong key={fault.message} fault={fault} named />
        ))}
      </Table.Td>
      {titles.map((title) => {
        const faults = row.faults.filter(({ path }) => path[0] === title);
        return (
          <Table.Td key={title} data-faulty={faults.length > 0 || undefined}>
            <Value
              title={title}
              value={row.asks[title] ?? (faults.length > 0 ? cellFor(row, title, columns) : null)}
              field={fields.get(title)}
              workflow={workflow}
              faulty={faults.length > 0}
            />
            {faults.map((fault) => (
              <Wrong key={fault.message} fault={fault} />
            ))}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

export function Wrong({ fault, named }: { fault: Fault; named?: boolean }) {
  return (
    <span className={classes.wrong}>
      {named && fault.path.length > 0 && `${fault.path.join(" › ")}: `}
      {sentence(fault)}
    </span>
  );
}

interface ValueProps {
  title: string;
  value: unknown;
  field: Field | undefined;
  workflow: Workflow;
  faulty: boolean;
}

/** A value as the table will show it; one that no field takes, as it stands. */
function Value({ title, value, field, workflow, faulty }: ValueProps) {
  if (value === undefined || value === null || value === "") {
    return null;
  }
  if (title === STAGE && typeof value === "string") {
    return <StageBadge stages={workflow.stages} name={value} />;
  }
  if (title === ASSIGNED_TO) {
    const people = Array.isArray(value) ? value : [value];
    return people.map((email) => (
      <Person key={plain(email)} email={plain(email)} name={plain(email)} />
    ));
  }
  if (!field || faulty || !isFit(field, value)) {
    return <span className={classes.text}>{plain(value)}</span>;
  }
  return <Cell field={field} value={value} workflow={workflow.id} />;
}

const LISTS = new Set(["personList", "multipleSelect", "textList", "file", "checklist", "link"]);

/** Whether a value has the shape its field shows; long ones come cut short, as texts. */
function isFit(field: Field, value: unknown): boolean {
  const { large } = kindOf(field);
  return LISTS.has(field.type) ? Array.isArray(value) : !large || field.type === "longText";
}
