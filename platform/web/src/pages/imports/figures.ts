/** Figures of imports as people read them. */
import { count, t } from "@/text";
import type { ImportJob } from "./queries";

const UNITS = ["B", "kB", "MB", "GB"];
const STEP = 1000;

/** Bytes, as "3.4 MB". */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= STEP && unit < UNITS.length - 1) {
    size /= STEP;
    unit += 1;
  }
  const rounded = unit === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10;
  return `${count(rounded)} ${UNITS[unit]}`;
}

const MINUTE = 60;
const HOUR = 3600;

/** Seconds, as one says them. */
export function durationText(seconds: number): string {
  if (seconds >= HOUR) {
    return t("imports.hours", { count: Math.round(seconds / HOUR) });
  }
  return seconds >= MINUTE
    ? t("imports.minutes", { count: Math.round(seconds / MINUTE) })
    : t("imports.seconds", { count: seconds });
}

const ALL = 100;

/** How much of a file was read, in percent. */
export function shareOf(job: Pick<ImportJob, "read" | "size" | "state">): number {
  if (job.state === "done") {
    return ALL;
  }
  return job.size ? Math.min(ALL, (job.read / job.size) * ALL) : 0;
}
