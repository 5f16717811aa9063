/** Numbers as texts of digits, compared exactly: the server holds writes to exact decimals. */

const NUMBER = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,4}))?$/;

export interface Decimal {
  digits: bigint;
  /** How many of the digits stand behind the point. */
  scale: number;
}

/** A number that stands in JSON, or for one as a text; null where it is none. */
export function decimalOf(value: unknown): Decimal | null {
  const [whole, sign, before = "", after = "", exponent = "0"] = NUMBER.exec(textOf(value)) ?? [];
  if (whole === undefined || before + after === "") {
    return null;
  }
  const digits = BigInt(before + after) * (sign === "-" ? -1n : 1n);
  const scale = after.length - Number(exponent);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

function textOf(value: unknown): string {
  const raw = (value as { rawJSON?: unknown } | null)?.rawJSON;
  return typeof raw === "string" ? raw : String(value);
}

function aligned(one: Decimal, other: Decimal): [bigint, bigint] {
  const scale = Math.max(one.scale, other.scale);
  const grown = (number: Decimal) => number.digits * 10n ** BigInt(scale - number.scale);
  return [grown(one), grown(other)];
}

/** Below zero where the first is less, above where it is more. */
export function compared(one: Decimal, other: Decimal): number {
  const [left, right] = aligned(one, other);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function isMultiple(one: Decimal, of: Decimal): boolean {
  const [left, right] = aligned(one, of);
  return right === 0n || left % right === 0n;
}
