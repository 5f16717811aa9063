/** Dates as plain text, and moments of the clock on the wall: no date goes through a time zone. */

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const WALL = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Whether a text is a day that there is in the calendar. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (!year || !month || !day) {
    return false;
  }
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[Number(month) - 1] ?? 0;
  return Number(year) > 0 && Number(day) >= 1 && Number(day) <= length;
}

/** `2025-01-31` as people read it: 31 Jan 2025. */
export function dayText(value: unknown): string {
  const [, year, month, day] = DAY.exec(String(value ?? "")) ?? [];
  const name = MONTHS[Number(month) - 1];
  return name ? `${Number(day)} ${name} ${year}` : String(value ?? "");
}

/** What is meant by `31.1.2025`, `2025/1/31` or `20250131`, as far as there is no doubt. */
export function meantDay(typed: string): string {
  const text = typed.trim();
  const iso =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (iso) {
    return `${iso[1]}-${iso[2]?.padStart(2, "0")}-${iso[3]?.padStart(2, "0")}`;
  }
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  return dotted
    ? `${dotted[3]}-${dotted[2]?.padStart(2, "0")}-${dotted[1]?.padStart(2, "0")}`
    : text;
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

/** A moment of the wire (UTC) as the clock of the reader shows it: `2025-01-31 10:30`. */
export function wallOf(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) {
    return moment;
  }
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const seconds = /:\d{2}:(\d{2}(?:\.\d+)?)/.exec(moment)?.[1] ?? "00";
  const exact = /^00(\.0+)?$/.test(seconds) ? "" : `:${seconds}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}${exact}`;
}

/** The moment on the wire (UTC) that the clock of the reader showed; null where it is none. */
export function momentOf(wall: string): string | null {
  const [, day = "", hour = "", minute = "", seconds = "00"] = WALL.exec(wall.trim()) ?? [];
  if (!isDay(day) || Number(hour) > 23 || Number(minute) > 59 || Number(seconds) >= 60) {
    return null;
  }
  const at = new Date(`${day}T${hour.padStart(2, "0")}:${minute}:00`);
  return `${at.toISOString().slice(0, 17)}${seconds}Z`;
}

/** A moment as people read it, in their time zone. */
export function momentText(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  const [day = "", time = ""] = wallOf(String(value)).split(" ");
  return `${dayText(day)}${time ? `, ${time}` : ""}`;
}

export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The day that it is now where the reader is. */
export function today(): string {
  return wallOf(new Date().toISOString()).slice(0, 10);
}
