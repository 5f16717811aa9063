/** The reports of the page, each with its chart. */
import { SegmentedControl, Select } from "@mantine/core";
import { lazy } from "react";
import type { Kind, Workflow } from "@/api/types";
import { ASSIGNED_TO } from "@/api/types";
import { colourAt, colourOf, hueOf } from "@/shared/colours";
import { stageColour } from "@/shared/Pill";
import { count, t } from "@/text";
import { PERIODS, type Period, type Settings } from "./asked";
import type { Bar } from "./charts";
import { type Column, type Report, type Row, useAskedOf } from "./queries";
import { Section } from "./Section";
import { daysText, hoursText, numberOf, textOf } from "./values";

const Bars = lazy(() => import("./charts"));

const COUNTED = new Set<Kind>([
  "singleSelect",
  "multipleSelect",
  "checkbox",
  "person",
  "personList",
]);
const SEVERAL = new Set<Kind>(["multipleSelect", "personList"]);
const DATES = new Set<Kind>(["date", "datetime"]);
const UNSET = "#9b948a";
const ACCENT = "#158278";
const SECOND = "#7c55cc";
/** From young to old. */
const AGES = ["#86d2c4", "#2f9f90", "#0b6e66", "#c99a06", "#e07b24", "#d64545", "#8e2f4f"];
const DAY_MS = 86_400_000;

interface Choosing {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}

export function countedOf(workflow: Workflow): string[] {
  const titles = workflow.fields.filter(({ type }) => COUNTED.has(type)).map(({ name }) => name);
  return [...titles, ASSIGNED_TO];
}

export function datesOf(workflow: Workflow): string[] {
  return workflow.fields.filter(({ type }) => DATES.has(type)).map(({ name }) => name);
}

export function hasApprovals(workflow: Workflow): boolean {
  return workflow.file.workflow?.approvals !== undefined;
}

/** What was chosen, where the workflow still has it. */
export function chosen(said: string, titles: string[]): string | undefined {
  return titles.includes(said) ? said : titles[0];
}

function noneCounted(report: Report): boolean {
  return report.rows.every((row) => numberOf(row.count) === 0);
}

function firstOf(report: Report): Column {
  return report.columns[0] ?? { key: "", title: "", kind: "text" };
}

export function Stages() {
  const { workflow } = useAskedOf();
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => {
      const name = String(row.stage);
      return { name, count: numberOf(row.count), color: stageColour(workflow.stages, name) };
    });
  return (
    <Section
      name="stages"
      title={t("reports.stages")}
      text={t("reports.stages_text")}
      empty={t("reports.none")}
      isEmpty={noneCounted}
      chart={(report) => <Bars lying data={bars(report)} series={counted()} />}
    />
  );
}

export function Values({ settings, change }: Choosing) {
  const { workflow } = useAskedOf();
  const titles = countedOf(workflow);
  const by = chosen(settings.values, titles);
  const field = workflow.fields.find(({ name }) => name === by);
  const colour = (row: Row, name: string) => {
    const place = field?.options?.indexOf(String(row.value)) ?? -1;
    return row.value === null ? UNSET : place >= 0 ? colourAt(place) : hueOf(name);
  };
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => {
      const name = textOf(row.value, firstOf(report));
      return { name, count: numberOf(row.count), color: colour(row, name) };
    });
  return (
    <Section
      name="values"
      by={by}
      title={t("reports.values", { title: by ?? "" })}
      text={t(SEVERAL.has(field?.type ?? "text") ? "reports.values_each" : "reports.values_text")}
      control={
        <Choice
          label={t("reports.count_by")}
          titles={titles}
          value={by}
          onChange={(values) => change({ values })}
        />
      }
      empty={t("reports.none")}
      isEmpty={noneCounted}
      chart={(report) => <Bars lying data={bars(report)} series={counted()} />}
    />
  );
}

export function Throughput({ settings, change }: Choosing) {
  const period: Period = PERIODS.find((one) => one === settings.period) ?? "week";
  const series = [
    { name: "created", label: t("reports.created"), color: SECOND },
    { name: "finished", label: t("reports.finished"), color: ACCENT },
  ];
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => ({
      name: textOf(row[period], firstOf(report)),
      created: numberOf(row.created),
      finished: numberOf(row.finished),
    }));
  return (
    <Section
      wide
      name="throughput"
      by={period}
      title={t("reports.throughput")}
      text={t("reports.throughput_text")}
      control={
        <SegmentedControl
          aria-label={t("reports.period")}
          data={PERIODS.map((value) => ({ value, label: t(`reports.${value}`) }))}
          value={period}
          onChange={(value) => change({ period: value })}
        />
      }
      empty={t("reports.throughput_none")}
      isEmpty={({ total }) => numberOf(total?.created) + numberOf(total?.finished) === 0}
      chart={(report) => <Bars data={bars(report)} series={series} />}
    />
  );
}

export function Age() {
  const parts = (report: Report) => report.columns.filter(({ kind }) => kind === "part");
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => ({
      name: String(row.stage),
      ...Object.fromEntries(parts(report).map(({ key }) => [key, numberOf(row[key])])),
    }));
  const series = (report: Report) =>
    parts(report).map(({ key, title }, place) => ({
      name: key,
      label: title,
      color: AGES[place] ?? UNSET,
    }));
  return (
    <Section
      wide
      name="age"
      title={t("reports.age")}
      text={t("reports.age_text")}
      empty={t("reports.age_none")}
      isEmpty={noneCounted}
      chart={(report) => <Bars lying stacked data={bars(report)} series={series(report)} />}
      note={({ total }) =>
        total
          ? t("reports.age_note", { median: daysText(total.median), most: daysText(total.p85) })
          : null
      }
    />
  );
}

export function TimeInStage() {
  const series = [
    { name: "median", label: t("reports.median"), color: ACCENT },
    { name: "p85", label: t("reports.p85"), color: "#c99a06" },
  ];
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => ({
      name: String(row.stage),
      median: numberOf(row.median),
      p85: numberOf(row.p85),
    }));
  return (
    <Section
      name="time-in-stage"
      title={t("reports.time")}
      text={t("reports.time_text")}
      empty={t("reports.time_none")}
      isEmpty={noneCounted}
      chart={(report) => <Bars lying data={bars(report)} series={series} format={hoursText} />}
    />
  );
}

/** How late tasks are, in days that are told apart in the chart. */
const LATE = [1, 7, 30, 90, Number.POSITIVE_INFINITY];

export function Overdue({ settings, change }: Choosing) {
  const { workflow } = useAskedOf();
  const titles = datesOf(workflow);
  const by = chosen(settings.due, titles);
  const names = [
    t("reports.late_1"),
    t("reports.late_7"),
    t("reports.late_30"),
    t("reports.late_90"),
    t("reports.late_more"),
  ];
  const bars = (report: Report): Bar[] => {
    const late = report.rows.map((row) => (Date.now() - Date.parse(String(row.due))) / DAY_MS);
    return names.map((name, place) => {
      const least = LATE[place - 1] ?? Number.NEGATIVE_INFINITY;
      const most = LATE[place] ?? Number.POSITIVE_INFINITY;
      const color = AGES[place + 2] ?? UNSET;
      return { name, count: late.filter((days) => days > least && days <= most).length, color };
    });
  };
  const note = ({ rows, total }: Report) => {
    const all = numberOf(total?.count);
    return rows.length < all
      ? t("reports.overdue_some", { shown: rows.length, all: count(all) })
      : t("reports.overdue_all", { count: all });
  };
  return (
    <Section
      name="overdue"
      by={by}
      title={t("reports.overdue")}
      text={t("reports.overdue_text")}
      control={
        <Choice
          label={t("reports.due_by")}
          titles={titles}
          value={by}
          onChange={(due) => change({ due })}
        />
      }
      empty={t("reports.overdue_none")}
      isEmpty={({ rows }) => rows.length === 0}
      chart={(report) => <Bars lying data={bars(report)} series={counted()} />}
      without={["url", "uid"]}
      note={note}
    />
  );
}

export function Approvals() {
  const bars = (report: Report): Bar[] =>
    report.rows.map((row) => ({
      name: String(row.approver),
      count: numberOf(row.count),
      color: hueOf(String(row.approver)),
    }));
  return (
    <Section
      name="approvals"
      title={t("reports.approvals")}
      text={t("reports.approvals_text")}
      empty={t("reports.approvals_none")}
      isEmpty={({ rows }) => rows.length === 0}
      chart={(report) => <Bars lying data={bars(report)} series={counted()} />}
      note={({ total }) => t("reports.approvals_note", { count: numberOf(total?.count) })}
    />
  );
}

function counted() {
  return [{ name: "count", label: t("reports.tasks"), color: colourOf("teal") ?? ACCENT }];
}

interface ChoiceProps {
  label: string;
  titles: string[];
  value: string | undefined;
  onChange: (title: string) => void;
}

function Choice({ label, titles, value, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      w={180}
      size="xs"
      data={titles}
      value={value ?? null}
      searchable={titles.length > 8}
      allowDeselect={false}
      onChange={(title) => title && onChange(title)}
    />
  );
}
