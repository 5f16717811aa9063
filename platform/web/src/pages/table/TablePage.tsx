/** The table of a workflow: its tools, its grid, and the dialogs that belong to them. */
import { Button, Group } from "@mantine/core";
import { IconFilterOff, IconPlus, IconTable } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { isProblem, reachable } from "@/api/client";
import { keys, taskPage, useMembers, useViews } from "@/api/queries";
import { useStore } from "@/api/store";
import { STAGE, TASK_URL, type Task, taskId, type Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { flat, type Query, readQuery, writeQuery } from "@/filters";
import { conditionCount } from "@/filters/draft";
import { FilterBuilder } from "@/filters/FilterBuilder";
import { FilterChips } from "@/filters/FilterChips";
import { useEvents } from "@/live/feed";
import { differs, queryOf, ViewMenu } from "@/pages/views/ViewMenu";
import { Failed } from "@/shared/Asked";
import { EmptyState } from "@/shared/EmptyState";
import { FaultList } from "@/shared/FaultList";
import { Page } from "@/shared/Page";
import { count, t } from "@/text";
import { ColumnsMenu } from "./ColumnsMenu";
import { keptOf, useColumns } from "./columns";
import { Edits } from "./edits";
import { exportAddress } from "./exporting";
import { Grid, type GridHandle } from "./Grid";
import type { Block } from "./place";
import type { Rows, Shown } from "./rows";
import { useRows } from "./rows";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";
import classes from "./TablePage.module.css";
import { ExportMenu, FilterButton, Search, Unsaved, useExport } from "./Tools";
import { useTableKeys } from "./useTableKeys";

const NewTask = lazy(async () => ({ default: (await import("./NewTask")).NewTask }));
const BulkEdit = lazy(async () => ({ default: (await import("./BulkEdit")).BulkEdit }));
const BulkDialog = lazy(async () => ({ default: (await import("./BulkDialog")).BulkDialog }));
const PasteDialog = lazy(async () => ({ default: (await import("./PasteDialog")).PasteDialog }));

/** What is done in a dialog above the table. */
type Doing =
  | { name: "new" }
  | { name: "edit"; tasks: Task[]; begin: string[] }
  | { name: "delete"; tasks: Task[] }
  | { name: "clear"; tasks: Task[]; titles: string[] }
  | { name: "paste"; text: string; block: Block };

export function TablePage({ workflow }: { workflow: Workflow }) {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => readQuery(params, workflow), [params, workflow]);
  const setQuery = useCallback(
    (changes: Partial<Query>) =>
      setParams((now) => writeQuery({ ...readQuery(now, workflow), ...changes }, now), {
        replace: true,
      }),
    [setParams, workflow],
  );
  const views = useViews(workflow.id, true);
  const view = views.data?.find((one) => one.id === params.get("_view")) ?? null;
  const columns = useColumns(workflow, view);
  const [editing, setEditing] = useState(false);
  const [doing, setDoing] = useState<Doing | null>(null);
  const asked = useAsked(workflow, query, columns.shown);
  const { rows, shown } = useRows(workflow.id, asked, editing || doing !== null);
  const edits = useEditing(workflow, rows);
  const selection = useSelection();
  const [filtering, setFiltering] = useState<{ opened: boolean; begin: string | null }>({
    opened: false,
    begin: null,
  });
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<GridHandle>(null);
  const name = useNamed(workflow.id);
  const exporting = useExport(workflow, (format) =>
    exportAddress(workflow.id, query, columns.shown, format),
  );
  const everything = useEverything(workflow, query, selection.add);
  const openFilter = useCallback(
    (begin: string | null = null) => setFiltering({ opened: true, begin }),
    [],
  );
  useTableKeys({
    onNew: useCallback(() => setDoing({ name: "new" }), []),
    onSearch: useCallback(() => search.current?.focus(), []),
    onFilter: openFilter,
    onExport: exporting.run,
  });
  const onSort = useCallback((sort: string[]) => setQuery({ sort }), [setQuery]);
  const onPaste = useCallback((text: string, block: Block) => {
    setDoing({ name: "paste", text, block });
  }, []);
  const onClear = (block: Block) => {
    const tasks = shown.tasks.slice(block.top, block.bottom + 1);
    const titles = columns.shown.slice(block.left, block.right + 1).map((one) => one.title);
    const [task, title] = [tasks[0], titles[0]];
    if (task && title && tasks.length === 1 && titles.length === 1) {
      const column = columns.shown[block.left];
      if (column?.field.editable && column.field.id !== workflow.uniqueId?.id) {
        edits.write(task, title, null);
      }
    } else {
      setDoing({ name: "clear", tasks: [...tasks], titles });
    }
  };
  const chosen = () => [...selection.tasks.values()];
  const filtered = query.where !== null || query.q !== "";
  return (
    <div className={classes.fill}>
      <Page
        title={workflow.name}
        flush
        lead={<Total rows={rows} shown={shown} />}
        actions={
          <Button
            leftSection={<IconPlus size={16} />}
            onClick={() => setDoing({ name: "new" })}
            aria-keyshortcuts="n"
          >
            {t("table.new")}
          </Button>
        }
      >
        <div className={classes.tools}>
          <ViewMenu
            workflow={workflow.id}
            layout="table"
            query={query}
            columns={keptOf(columns.all)}
            columnsChanged={columns.changed}
            view={view}
            onSaved={columns.reset}
            onReset={() => {
              columns.reset();
              if (view && differs(view, query)) {
                setQuery(queryOf(view));
              }
            }}
          />
          <FilterButton
            count={conditionCount(query.where)}
            opened={filtering.opened}
            onToggle={() =>
              setFiltering(({ opened }) => ({
                opened: !opened,
                begin: query.where === null ? "" : null,
              }))
            }
          />
          <ColumnsMenu columns={columns} />
          <ExportMenu exporting={exporting} />
          <Unsaved
            workflow={workflow}
            edits={edits}
            onGo={(id, title) => grid.current?.go(id, title)}
          />
          <span className={classes.space} />
          <Search input={search} q={query.q} onChange={(q) => setQuery({ q })} />
        </div>
        {filtering.opened ? (
          <div className={classes.panel}>
            <FilterBuilder
              workflow={workflow}
              where={query.where}
              begin={filtering.begin}
              onChange={(where) => setQuery({ where })}
            />
          </div>
        ) : (
          query.where && (
            <div className={classes.chips}>
              <FilterChips
                workflow={workflow}
                where={query.where}
                onChange={(where) => setQuery({ where })}
                onEdit={() => openFilter()}
              />
            </div>
          )
        )}
        {shown.failure !== null && shown.tasks.length === 0 ? (
          <Refused
            failure={shown.failure}
            filtered={filtered}
            again={() => rows.retry()}
            onClear={() => setQuery({ where: null, q: "", sort: [] })}
          />
        ) : shown.complete && shown.tasks.length === 0 ? (
          <Nothing
            workflow={workflow}
            filtered={filtered}
            onClear={() => setQuery({ where: null, q: "" })}
            onNew={() => setDoing({ name: "new" })}
          />
        ) : (
          <Grid
            ref={grid}
            workflow={workflow}
            columns={columns}
            rows={rows}
            shown={shown}
            edits={edits}
            selection={selection}
            name={name}
            sort={query.sort}
            onSort={onSort}
            onFilter={openFilter}
            onPaste={onPaste}
            onClear={onClear}
            onEditing={setEditing}
          />
        )}
      </Page>
      {selection.tasks.size > 0 && (
        <SelectionBar
          selected={selection.tasks.size}
          total={shown.complete ? null : shown.total}
          busy={everything.busy}
          onEverything={everything.run}
          onEdit={() => setDoing({ name: "edit", tasks: chosen(), begin: [] })}
          onStage={() => setDoing({ name: "edit", tasks: chosen(), begin: [STAGE] })}
          onAssign={() => setDoing({ name: "edit", tasks: chosen(), begin: ["Assigned To"] })}
          onDelete={() => setDoing({ name: "delete", tasks: chosen() })}
          onClear={selection.clear}
        />
      )}
      <Dialogs
        workflow={workflow}
        doing={doing}
        rows={rows}
        query={query}
        columns={columns.shown}
        onClose={() => setDoing(null)}
        onSelect={selection.set}
        onCleared={selection.clear}
        onCreated={(task) => {
          rows.prepend(task);
          grid.current?.go(taskId(task));
        }}
      />
    </div>
  );
}

/** What the server is asked for: the columns that are shown, and what names a task. */
function useAsked(
  workflow: Workflow,
  query: Query,
  columns: ReturnType<typeof useColumns>["shown"],
) {
  const titles = columns.map((column) => column.title).join("\n");
  return useMemo(() => {
    const named = workflow.fields.find((field) => field.type === "text");
    const fields = new Set([
      ...titles.split("\n"),
      STAGE,
      TASK_URL,
      ...(workflow.uniqueId ? [workflow.uniqueId.name] : []),
      ...(named ? [named.name] : []),
    ]);
    return {
      ...(query.where ? { where: query.where } : {}),
      ...(query.sort.length > 0 ? { sort: query.sort } : {}),
      ...(query.q ? { q: query.q } : {}),
      fields: [...fields].sort(),
    };
  }, [workflow, query, titles]);
}

/** The edits of this table; those that did not reach the server are sent again when it is back. */
function useEditing(workflow: Workflow, rows: Rows): Edits {
  const cache = useQueryClient();
  const latest = useRef(rows);
  latest.current = rows;
  const edits = useMemo(
    () =>
      new Edits(workflow, (task) => {
        latest.current.replace(task);
        cache.invalidateQueries({ queryKey: keys.task(workflow.id, taskId(task)) });
        cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
      }),
    [workflow, cache],
  );
  useEvents(useCallback((events) => edits.news(events), [edits]));
  const there = useStore(reachable);
  useEffect(() => {
    if (there) {
      edits.back();
    }
  }, [there, edits]);
  return edits;
}

/** What people of the workflow are called, by their e-mails. */
function useNamed(workflow: string): (email: string) => string {
  const { data } = useMembers(workflow);
  return useMemo(() => {
    const names = new Map(
      (data ?? []).map((one) => [one.email, `${one.first_name} ${one.last_name}`.trim()]),
    );
    return (email) => names.get(email) || email;
  }, [data]);
}

const PAGE = 1000;

/** Selects all tasks that match, also those that are not here. */
function useEverything(workflow: Workflow, query: Query, add: (tasks: Task[]) => void) {
  const [busy, setBusy] = useState<number | null>(null);
  const run = async () => {
    const named = workflow.fields.find((field) => field.type === "text");
    const titles = [workflow.uniqueId?.name, named?.name].filter((one) => one !== undefined);
    const fields = [...titles, STAGE, TASK_URL];
    const { where, q } = query;
    const asked = { ...(where ? { where } : {}), ...(q ? { q } : {}), fields, limit: PAGE };
    const all: Task[] = [];
    let cursor: string | null = null;
    try {
      do {
        setBusy(all.length);
        const page = await taskPage(workflow.id, asked, cursor);
        all.push(...page.tasks);
        cursor = page.next;
      } while (cursor);
      add(all);
    } finally {
      setBusy(null);
    }
  };
  return { busy, run };
}

function Total({ rows, shown }: { rows: Rows; shown: Shown }) {
  if (shown.first) {
    return <span>{t("shared.loading")}</span>;
  }
  const known = shown.complete || shown.exact;
  const total = shown.complete ? shown.tasks.length : (shown.total ?? shown.tasks.length);
  return (
    <span className={classes.total} role="status">
      {known ? (
        t("table.total", { count: total })
      ) : (
        <button
          type="button"
          className={classes.count}
          title={t("table.count_exactly")}
          onClick={() => rows.count()}
        >
          {t("table.total_about", { count: count(total) })}
        </button>
      )}
    </span>
  );
}

function Nothing(props: {
  workflow: Workflow;
  filtered: boolean;
  onClear: () => void;
  onNew: () => void;
}) {
  const { workflow, filtered, onClear, onNew } = props;
  return (
    <div className={classes.empty}>
      {filtered ? (
        <EmptyState
          icon={<IconFilterOff size={30} stroke={1.5} />}
          title={t("table.none_found_title")}
          text={t("table.none_found_text")}
          action={<Button onClick={onClear}>{t("table.clear_filter")}</Button>}
        />
      ) : (
        <EmptyState
          icon={<IconTable size={30} stroke={1.5} />}
          title={t("table.none_title")}
          text={t("table.none_text")}
          action={
            <Group>
              <Button onClick={onNew}>{t("table.new")}</Button>
              <Button
                component={Link}
                to={workflowAddress(workflow.id, "import")}
                variant="default"
              >
                {t("table.import")}
              </Button>
            </Group>
          }
        />
      )}
    </div>
  );
}

function Refused(props: {
  failure: unknown;
  filtered: boolean;
  again: () => void;
  onClear: () => void;
}) {
  const { failure, again, onClear } = props;
  if (!isProblem(failure) || failure.faults.length === 0) {
    return <Failed failure={failure} again={again} />;
  }
  return (
    <div className={classes.empty}>
      <EmptyState
        icon={<IconFilterOff size={30} stroke={1.5} />}
        title={t("table.filter_failed")}
        text={<FaultList failure={failure} />}
        action={<Button onClick={onClear}>{t("table.clear_filter")}</Button>}
      />
    </div>
  );
}

interface DialogProps {
  workflow: Workflow;
  doing: Doing | null;
  rows: Rows;
  query: Query;
  columns: ReturnType<typeof useColumns>["shown"];
  onClose: () => void;
  onSelect: (tasks: Iterable<Task>) => void;
  onCleared: () => void;
  onCreated: (task: Task) => void;
}

function Dialogs(props: DialogProps) {
  const { workflow, doing, rows, columns, onClose, onSelect } = props;
  const cache = useQueryClient();
  const begin = useMemo(() => beginning(props.query), [props.query]);
  const plan = useMemo(() => planOf(doing, columns, workflow), [doing, columns, workflow]);
  const onWritten = (written: ReadonlySet<string>) => {
    if (doing?.name === "delete") {
      rows.remove(written);
      props.onCleared();
    }
    rows.refresh();
    cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
    cache.invalidateQueries({ queryKey: ["task", workflow.id] });
  };
  const shared = { workflow, onClose, onWritten, onSelect };
  return (
    <Suspense>
      {doing?.name === "new" && (
        <NewTask workflow={workflow} begin={begin} onClose={onClose} onCreated={props.onCreated} />
      )}
      {doing?.name === "edit" && <BulkEdit {...shared} tasks={doing.tasks} begin={doing.begin} />}
      {(doing?.name === "delete" || doing?.name === "clear") && plan && (
        <BulkDialog
          {...shared}
          title={t(doing.name === "delete" ? "table.bulk_title_delete" : "table.bulk_title_clear", {
            count: doing.tasks.length,
          })}
          plan={plan}
        />
      )}
      {doing?.name === "paste" && (
        <PasteDialog
          {...shared}
          rows={rows}
          columns={columns}
          text={doing.text}
          block={doing.block}
        />
      )}
    </Suspense>
  );
}

/** A new task begins with what the filter asks for, so that it is among those that are shown. */
function beginning(query: Query): Record<string, unknown> {
  const equal = (flat(query.where) ?? []).filter(
    ({ op, value }) => op === "eq" && value !== null && value !== "",
  );
  return Object.fromEntries(
    equal
      .filter(({ field }) => !["Created On", "Updated On"].includes(field))
      .map(({ field, value }) => [field, value]),
  );
}

function planOf(
  doing: Doing | null,
  columns: ReturnType<typeof useColumns>["shown"],
  workflow: Workflow,
) {
  if (doing?.name === "delete") {
    return { kind: "delete" as const, items: doing.tasks.map((task) => ({ task, values: {} })) };
  }
  if (doing?.name !== "clear") {
    return null;
  }
  const cleared = columns.filter(
    ({ title, field }) =>
      doing.titles.includes(title) && field.editable && field.id !== workflow.uniqueId?.id,
  );
  const values = Object.fromEntries(
    cleared.map(({ title, field }) => [title, EMPTIED.has(field.type) ? [] : null]),
  );
  return { kind: "change" as const, items: doing.tasks.map((task) => ({ task, values })) };
}

const EMPTIED = new Set([
  "multipleSelect",
  "textList",
  "personList",
  "file",
  "checklist",
  "approvalSteps",
  "link",
]);
