import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { t } from "@/text";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const whole = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** How long ago a moment was, or how far away it is. */
export function ago(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  return unit && length ? words.format(Math.round(seconds / length), unit) : t("shared.now");
}

/** A moment in the time zone of the reader. */
export function momentText(at: string): string {
  return whole.format(new Date(at));
}

const MINUTE_MS = 60_000;

/** A moment as "3 hours ago"; the exact time on demand. */
export function When({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Tooltip label={momentText(at)}>
      <time dateTime={at}>{ago(at, now)}</time>
    </Tooltip>
  );
}
