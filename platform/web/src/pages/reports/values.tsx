/** Values of reports as people read them. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Workflow } from "@/api/types";
import { taskAddress } from "@/app/places";
import { dayText, momentText } from "@/fields/calendar";
import { OptionPill, StageBadge } from "@/shared/Pill";
import { count, t } from "@/text";
import type { Column, Row } from "./queries";
import classes from "./Reports.module.css";

const NUMBERS = new Set(["count", "part", "hours", "days"]);
const DAY_HOURS = 24;
const LONG_HOURS = 48;
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

export function isNumber(column: Column): boolean {
  return NUMBERS.has(column.kind);
}

export function numberOf(value: unknown): number {
  return value === null || value === undefined ? 0 : Number(value);
}

/** Hours, or days where they are many. */
export function hoursText(value: unknown): string {
  if (value === null || value === undefined) {
    return "–";
  }
  const hours = Number(value);
  return hours >= LONG_HOURS
    ? t("reports.days", { value: short.format(hours / DAY_HOURS) })
    : t("reports.hours", { value: short.format(hours) });
}

export function daysText(value: unknown): string {
  return value === null || value === undefined
    ? "–"
    : t("reports.days", { value: short.format(Number(value)) });
}

/** A value as plain text: for charts and for summaries. */
export function textOf(value: unknown, column: Column): string {
  if (value === null || value === undefined) {
    return isNumber(column) ? "–" : t("shared.unset");
  }
  switch (column.kind) {
    case "checkbox":
      return t(value === true ? "shared.yes" : "shared.no");
    case "date":
      return dayText(value);
    case "datetime":
      return momentText(value);
    case "hours":
      return hoursText(value);
    case "days":
      return daysText(value);
    case "count":
    case "part":
      return count(Number(value));
    default:
      return Array.isArray(value) ? value.join(", ") : String(value);
  }
}

interface CellProps {
  workflow: Workflow;
  column: Column;
  row: Row;
}

export function ReportCell({ workflow, column, row }: CellProps): ReactNode {
  const value = row[column.key];
  const text = textOf(value, column);
  if (column.kind === "stage") {
    return <StageBadge stages={workflow.stages} name={text} />;
  }
  if (column.kind === "task") {
    const known = row.uid === null || row.uid === undefined ? t("reports.open") : String(row.uid);
    return <Link to={taskAddress(workflow.id, String(value))}>{known}</Link>;
  }
  if (column.kind === "singleSelect" && value !== null) {
    const field = workflow.fields.find(({ name }) => name === column.title);
    return field ? <OptionPill field={field} option={text} /> : text;
  }
  if (column.kind === "part" && Number(value) > 0) {
    return (
      <>
        {text}{" "}
        <span className={classes.share}>{share.format(Number(value) / Number(row.count))}</span>
      </>
    );
  }
  const blank = value === null || (column.kind === "part" && value === 0);
  return blank ? <span className={classes.blank}>{text}</span> : text;
}
