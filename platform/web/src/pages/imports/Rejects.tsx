import { Button, Group, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCircleCheck, IconDownload, IconSend } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Fault } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { readDraft, useDraft } from "@/shared/drafts";
import { showDone, showFailure } from "@/shared/notices";
import { t } from "@/text";
import { save } from "./download";
import classes from "./Imports.module.css";
import {
  type ImportJob,
  importKeys,
  isUnderWay,
  jobOf,
  type Options,
  type Preview,
  preview,
  startImport,
  type WholeJob,
} from "./queries";
import { Wrong } from "./Rows";
import { fileOf, type Grid, gridOf, linesOf, type Refused } from "./refused";

const AT_ONCE = 50;
const SETTLED_MS = 400;
const LOOK_MS = 400;
const NONE: Record<string, never> = {};

interface Props {
  workflow: Workflow;
  made: WholeJob;
}

/** Refused rows: to be mended here and sent again, or to be taken away as a file. */
export function Rejects({ workflow, made }: Props) {
  const found = useQuery({
    queryKey: ["import-rejects", workflow.id, made.id],
    queryFn: () => gridOf(workflow.id, made, made.tabular === true),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section className={classes.section}>
      <Group justify="space-between" align="end" gap="sm">
        <div>
          <Title order={2} id="refused">
            {t(made.dryRun ? "imports.would_be_refused" : "imports.were_refused", {
              count: made.refused,
            })}
          </Title>
          <Text size="sm" c="dimmed" className={classes.lead}>
            {t(made.dryRun ? "imports.refused_dry" : "imports.refused_lead")}
          </Text>
        </div>
        <Button
          variant="default"
          mb={10}
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => save(workflow.id, made, "rejects").catch(showFailure)}
        >
          {t("imports.download_refused")}
        </Button>
      </Group>
      <Asked of={found}>{(grid) => <Mending workflow={workflow} made={made} grid={grid} />}</Asked>
    </section>
  );
}

/** What was typed: by line and place of the cell. Lines that arrived since. */
interface Mended {
  cells: Record<string, Record<number, string>>;
  arrived: string[];
}

function Mending({ workflow, made, grid }: Props & { grid: Grid }) {
  const { draft, set } = useDraft<Mended>(["mended", made.id]);
  const { cells = NONE, arrived = [] } = draft ?? {};
  const [sending, setSending] = useState(false);
  const cache = useQueryClient();
  const left = grid.rows.filter(({ line }) => !arrived.includes(line));
  const rows = left.slice(0, AT_ONCE).map((row) => withCells(row, cells[row.line]));
  const checked = useChecked(workflow, made, grid, rows);
  const right = rows.filter(({ line }) => checked.data?.get(line)?.length === 0);
  const edit = (line: string, place: number, text: string) =>
    set({ arrived, cells: { ...cells, [line]: { ...cells[line], [place]: text } } });
  const send = async () => {
    setSending(true);
    try {
      const refused = await resent(workflow, made, grid, right);
      const lines = right.map(({ line }) => line).filter((line) => !refused.has(line));
      set({ cells, arrived: [...arrived, ...lines] });
      cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
      cache.invalidateQueries({ queryKey: importKeys.every(workflow.id), exact: true });
      if (lines.length > 0) {
        showDone(t("imports.mended", { count: lines.length }));
      }
    } catch (failure) {
      showFailure(failure);
    } finally {
      setSending(false);
    }
  };
  if (left.length === 0) {
    return (
      <Text className={classes.allMended} role="status">
        <IconCircleCheck size={20} aria-hidden /> {t("imports.all_mended")}
      </Text>
    );
  }
  return (
    <>
      <Cells
        grid={grid}
        rows={rows}
        made={made}
        faults={checked.data}
        before={new Map(grid.rows.map((row) => [row.line, row]))}
        onEdit={made.dryRun ? undefined : edit}
      />
      <Group justify="space-between" mt="sm">
        <Text size="sm" c="dimmed">
          {left.length > rows.length &&
            t("imports.next_rows", { shown: rows.length, count: left.length })}
        </Text>
        {!made.dryRun && (
          <Button
            leftSection={<IconSend size={16} aria-hidden />}
            disabled={right.length === 0 || checked.isFetching}
            loading={sending}
            onClick={send}
          >
            {t("imports.send_mended", { count: right.length })}
          </Button>
        )}
      </Group>
    </>
  );
}

function withCells(row: Refused, typed: Record<number, string> | undefined): Refused {
  return typed ? { ...row, cells: row.cells.map((cell, place) => typed[place] ?? cell) } : row;
}

/** How the rows are imported again: as they were, but from a file that we wrote. */
function optionsOf(made: WholeJob): Options {
  const kept = readDraft<Options>(["imported", made.id]);
  const { dates, decimal } = kept?.reading ?? {};
  const columns = Object.entries(made.columns ?? {}).filter(([name]) => !made.aside.includes(name));
  return {
    reading: { dates, decimal, source: "plain", format: made.tabular ? "csv" : "ndjson" },
    map: Object.fromEntries(columns),
    mode: made.mode,
  };
}

/** The columns of a map that a file has: others would be asked for in vain. */
function within(options: Options, grid: Grid): Options {
  const there = Object.entries(options.map).filter(([name]) => grid.columns.includes(name));
  return { ...options, map: Object.fromEntries(there) };
}

/** What is wrong with each row as it stands now, by its line; the server says it. */
function useChecked(workflow: Workflow, made: WholeJob, grid: Grid, rows: readonly Refused[]) {
  const [settled] = useDebouncedValue(JSON.stringify(rows.map(({ cells }) => cells)), SETTLED_MS);
  return useQuery({
    queryKey: ["import-mending", workflow.id, made.id, settled],
    queryFn: async ({ signal }) => {
      const file = fileOf(grid, rows, made.name);
      const told = await preview(workflow.id, file, within(optionsOf(made), grid), AT_ONCE, signal);
      return byLine(told, grid, rows);
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: rows.length > 0,
  });
}

function byLine(told: Preview, grid: Grid, rows: readonly Refused[]): Map<string, Fault[]> {
  const lines = linesOf(grid, rows);
  const faults = new Map(told.rows.map((row) => [row.line, [...told.faults, ...row.faults]]));
  return new Map(
    rows.flatMap((row, place) => {
      const found = faults.get(lines[place] ?? 0);
      return found ? [[row.line, found] as const] : [];
    }),
  );
}

/** Imports mended rows; resolves to the lines of those that were refused again. */
async function resent(
  workflow: Workflow,
  made: WholeJob,
  grid: Grid,
  rows: Refused[],
): Promise<Set<string>> {
  const file = fileOf(grid, rows, t("imports.mended_of", { name: made.name }));
  const started = await startImport(workflow.id, file, within(optionsOf(made), grid), false);
  let job: ImportJob = started;
  while (isUnderWay(job)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    job = await jobOf(workflow.id, started.id);
  }
  if (job.state !== "done") {
    throw new Error(job.error ?? t("imports.has_failed"));
  }
  if (job.refused === 0) {
    return new Set();
  }
  const again = await gridOf(workflow.id, job, made.tabular === true);
  const lines = linesOf(grid, rows).map(String);
  const refused = new Set(again.rows.map(({ line }) => line));
  return new Set(
    rows.filter((_, place) => refused.has(lines[place] ?? "")).map(({ line }) => line),
  );
}

interface CellsProps {
  grid: Grid;
  rows: Refused[];
  made: WholeJob;
  faults: Map<string, Fault[]> | undefined;
  before: ReadonlyMap<string, Refused>;
  onEdit?: (line: string, place: number, text: string) => void;
}

function Cells({ grid, rows, made, faults, before, onEdit }: CellsProps) {
  const places = useMemo(() => used(grid, made), [grid, made]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-labelledby="refused">
      <table className={classes.grid}>
        <thead>
          <tr>
            <th scope="col">{t("imports.line")}</th>
            <th scope="col">{t("imports.reason")}</th>
            {places.map((place) => (
              <th key={place} scope="col">
                {grid.columns[place]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <GridRow
              key={row.line}
              row={row}
              made={made}
              columns={grid.columns}
              places={places}
              before={before.get(row.line)}
              faults={faults?.get(row.line)}
              onEdit={onEdit}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The places of the columns that go somewhere. */
function used(grid: Grid, made: WholeJob): number[] {
  const places = grid.columns.map((_, place) => place);
  const known = made.columns ?? {};
  return places.filter((place) => {
    const name = grid.columns[place] ?? "";
    return !(name in known) || known[name] !== null;
  });
}

interface GridRowProps extends Pick<CellsProps, "made" | "onEdit"> {
  row: Refused;
  columns: readonly string[];
  places: readonly number[];
  before: Refused | undefined;
  faults: Fault[] | undefined;
}

function GridRow({ row, made, columns, places, before, faults, onEdit }: GridRowProps) {
  const titleAt = (place: number) => made.columns?.[columns[place] ?? ""] ?? columns[place] ?? "";
  const titles = new Set(places.map(titleAt));
  const elsewhere = faults?.filter(({ path }) => !titles.has(String(path[0])));
  const right = faults?.length === 0 && onEdit !== undefined;
  return (
    <tr data-right={right || undefined}>
      <th scope="row" className="tl-numbers">
        {row.line}
      </th>
      <td className={classes.reason}>
        {right ? (
          <span className={classes.rightNow}>{t("imports.right_now")}</span>
        ) : faults ? (
          elsewhere?.map((fault) => <Wrong key={fault.message} fault={fault} named />)
        ) : (
          <span className={classes.wrong}>{row.errors}</span>
        )}
      </td>
      {places.map((place) => {
        const wrong = faults?.filter(({ path }) => path[0] === titleAt(place)) ?? [];
        const id = `wrong-${row.line}-${place}`;
        const text = row.cells[place] ?? "";
        return (
          <td key={place} data-faulty={wrong.length > 0 || undefined}>
            {onEdit ? (
              <input
                className={classes.cell}
                aria-label={t("imports.cell", { column: columns[place] ?? "", line: row.line })}
                aria-invalid={wrong.length > 0}
                aria-describedby={wrong.length > 0 ? id : undefined}
                data-edited={text !== before?.cells[place] || undefined}
                value={text}
                onChange={(event) => onEdit(row.line, place, event.currentTarget.value)}
              />
            ) : (
              <span className={classes.text}>{text}</span>
            )}
            {wrong.length > 0 && (
              <span id={id}>
                {wrong.map((fault) => (
                  <Wrong key={fault.message} fault={fault} />
                ))}
              </span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
