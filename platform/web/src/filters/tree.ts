/** A filter as JSON, the same tree that `POST tasks/query` takes as `where`. */

export const OPERATORS = [
  "eq",
  "ne",
  "gt",
  "gte",
  "lt",
  "lte",
  "in",
  "nin",
  "contains",
  "startswith",
  "exists",
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Comparison {
  field: string;
  op: Operator;
  value: unknown;
}

export type Filter = Comparison | { and: Filter[] } | { or: Filter[] } | { not: Filter };

export function isComparison(filter: Filter): filter is Comparison {
  return "field" in filter;
}

/** All of them; null is no filter at all. */
export function allOf(...filters: (Filter | null | undefined)[]): Filter | null {
  const parts = filters.filter((filter): filter is Filter => Boolean(filter));
  return parts.length > 1 ? { and: parts } : (parts[0] ?? null);
}

/** The comparisons of a filter that is nothing but comparisons that all hold; else null. */
export function flat(filter: Filter | null): Comparison[] | null {
  if (filter === null) {
    return [];
  }
  const parts = "and" in filter ? filter.and : [filter];
  return parts.every(isComparison) ? parts : null;
}
