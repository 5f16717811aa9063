import { ActionIcon, Button, Menu, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import {
  IconArrowsSort,
  IconCheck,
  IconFilter,
  IconSearch,
  IconTable,
  IconX,
} from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Link, type SetURLSearchParams } from "react-router";
import type { Field, View, Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { useShortcuts } from "@/app/shortcuts";
import { type Query, readQuery, writeQuery } from "@/filters";
import { conditionCount } from "@/filters/draft";
import { FilterBuilder } from "@/filters/FilterBuilder";
import { FilterChips } from "@/filters/FilterChips";
import { differs, queryOf, ViewMenu } from "@/pages/views/ViewMenu";
import { t } from "@/text";
import classes from "./Board.module.css";
import { CardChooser } from "./CardChooser";
import type { Looks } from "./looks";
import { SEARCH } from "./shortcuts";

const TYPING_MS = 250;
const ORDERED = new Set<Field["type"]>([
  "text",
  "uniqueId",
  "number",
  "integer",
  "percent",
  "currency",
  "date",
  "datetime",
  "singleSelect",
  "person",
  "email",
]);

interface Props {
  workflow: Workflow;
  query: Query;
  view: View | undefined;
  setParams: SetURLSearchParams;
  looks: Looks;
  looksChanged: boolean;
  setLooks: (looks: Looks | null) => void;
}

/** What the board shows: search, filters, order, cards, views. All but the cards is the address. */
export function Toolbar(props: Props) {
  const { workflow, query, view, setParams, looks, setLooks } = props;
  const [filtering, setFiltering] = useState(false);
  const [begin, setBegin] = useState<string | null>(null);
  const change = (changed: Partial<Query>) =>
    setParams((now) => writeQuery({ ...readQuery(now, workflow), ...changed }, now), {
      replace: true,
    });
  const toggle = useCallback(() => {
    setFiltering((opened) => !opened);
    setBegin(query.where === null ? "" : null);
  }, [query.where]);
  useShortcuts(
    useMemo(
      () => [{ keys: "f", text: t("board.filters"), group: t("board.keys"), run: toggle }],
      [toggle],
    ),
  );
  const table = writeQuery(query).toString();
  const conditions = conditionCount(query.where);
  return (
    <>
      <div className={classes.toolbar}>
        <ViewMenu
          workflow={workflow.id}
          layout="board"
          query={query}
          columns={looks.fields.map((title) => ({ title }))}
          columnsChanged={props.looksChanged}
          view={view ?? null}
          onSaved={() => setLooks(null)}
          onReset={() => {
            setLooks(null);
            if (view && differs(view, query)) {
              change(queryOf(view));
            }
          }}
        />
        <Search q={query.q} onSearch={(q) => change({ q })} />
        <Button
          variant="default"
          className={classes.tool}
          leftSection={<IconFilter size={15} aria-hidden />}
          aria-expanded={filtering}
          onClick={toggle}
        >
          <span className={classes.word}>{t("board.filters")}</span>
          {conditions > 0 && <span className={classes.badge}>{conditions}</span>}
        </Button>
        <span className={classes.spring} />
        <Sort workflow={workflow} sort={query.sort} onSort={(sort) => change({ sort })} />
        <CardChooser workflow={workflow} looks={looks} setLooks={setLooks} />
        <Tooltip label={t("board.as_table")}>
          <ActionIcon
            component={Link}
            to={`${workflowAddress(workflow.id)}${table ? `?${table}` : ""}`}
            variant="default"
            size={36}
            aria-label={t("board.as_table")}
          >
            <IconTable size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      {(filtering || query.where !== null) && (
        <div className={classes.filters}>
          {filtering ? (
            <div className={classes.builder}>
              <FilterBuilder
                workflow={workflow}
                where={query.where}
                begin={begin}
                onChange={(where) => change({ where })}
              />
            </div>
          ) : (
            <FilterChips
              workflow={workflow}
              where={query.where}
              onChange={(where) => change({ where })}
              onEdit={toggle}
            />
          )}
        </div>
      )}
    </>
  );
}

function Search({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [typed, setTyped] = useState(q);
  const search = useDebouncedCallback(onSearch, TYPING_MS);
  useEffect(() => setTyped(q), [q]);
  const change = (text: string) => {
    setTyped(text);
    search(text.trim());
  };
  const clear = () => {
    search.cancel();
    setTyped("");
    onSearch("");
  };
  return (
    <TextInput
      id={SEARCH}
      className={classes.search}
      type="search"
      size="sm"
      aria-label={t("board.search")}
      placeholder={t("board.search")}
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={
        typed && (
          <ActionIcon size="sm" aria-label={t("board.search_clear")} onClick={clear}>
            <IconX size={14} />
          </ActionIcon>
        )
      }
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && clear()}
    />
  );
}

function Sort(props: { workflow: Workflow; sort: string[]; onSort: (sort: string[]) => void }) {
  const { workflow, sort, onSort } = props;
  const [first] = sort;
  const name = (title: string) =>
    title.startsWith("-")
      ? t("board.sort_down", { name: title.slice(1) })
      : t("board.sort_up", { name: title });
  const built: [string | undefined, string][] = [
    [undefined, t("board.sort_created")],
    ["-Created On", t("board.sort_newest")],
    ["-Updated On", t("board.sort_updated")],
  ];
  const fields = workflow.fields
    .filter((field) => ORDERED.has(field.type))
    .flatMap((field) => [field.name, `-${field.name}`]);
  const options = [...built, ...fields.map((title): [string, string] => [title, name(title)])];
  const shown = options.find(([value]) => value === first)?.[1] ?? (first ? name(first) : "");
  return (
    <Menu width={260}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconArrowsSort size={15} aria-hidden />}
          aria-label={`${t("board.sort")}: ${shown}`}
          title={shown}
          className={classes.tool}
        >
          <span className={classes.word}>{first ? shown : t("board.sort")}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={380} style={{ overflowY: "auto" }}>
        <Menu.Label>{t("board.sort_by")}</Menu.Label>
        {options.map(([value, text]) => (
          <Menu.Item
            key={text}
            onClick={() => onSort(value === undefined ? [] : [value])}
            rightSection={value === first ? <IconCheck size={15} aria-hidden /> : undefined}
          >
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
