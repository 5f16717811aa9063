/** Which columns are drawn: those in sight, the first one, and the one where one is. */
import { type RefObject, useEffect, useMemo, useState } from "react";
import type { Column } from "./columns";
import type { Span } from "./GridRow";

export const SELECTOR_PX = 52;
const MARGIN_PX = 240;

interface Sight {
  left: number;
  width: number;
}

/** What is in sight, in steps, so that scrolling a little draws nothing anew. */
export function useSight(scroller: RefObject<HTMLElement | null>): Sight {
  const [sight, setSight] = useState<Sight>({ left: 0, width: 1400 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) {
      return undefined;
    }
    const look = () => {
      const left = Math.floor(element.scrollLeft / MARGIN_PX) * MARGIN_PX;
      const width = element.clientWidth;
      setSight((now) => (now.left === left && now.width === width ? now : { left, width }));
    };
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller]);
  return sight;
}

/** The columns after the first one that are drawn, and the room before and after them. */
export function useSpan(columns: readonly Column[], sight: Sight, active: number): Span {
  return useMemo(() => {
    const from = sight.left - MARGIN_PX;
    const to = sight.left + sight.width + 2 * MARGIN_PX;
    let at = SELECTOR_PX + (columns[0]?.width ?? 0);
    const seen: number[] = [];
    for (const [place, column] of columns.entries()) {
      if (place > 0) {
        if (at + column.width > from && at < to) {
          seen.push(place);
        }
        at += column.width;
      }
    }
    const one = active > 0 ? [active] : [];
    const first = Math.min(...seen, ...one, columns.length);
    const last = Math.max(...seen, ...one, 0) + 1;
    const widths = (some: readonly Column[]) => some.reduce((sum, { width }) => sum + width, 0);
    return {
      from: Math.max(first, 1),
      to: Math.max(last, 1),
      before: widths(columns.slice(1, Math.max(first, 1))),
      after: widths(columns.slice(last)),
    };
  }, [columns, sight, active]);
}
