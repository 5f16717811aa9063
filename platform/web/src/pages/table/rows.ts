/**
 * The rows of a table: pages of a query, fetched by cursor as far as somebody looks, and asked for
 * again from where somebody looks when others change tasks.
 */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { type TaskPage, type TaskQuery, taskPage } from "@/api/queries";
import { type Task, taskId } from "@/api/types";
import { useEvents } from "@/live/feed";

const FIRST = 100;
const MOST = 1000;
/** How many rows more are asked for than were there, so that the next page is found again. */
const SLACK = 50;
/** So many are counted exactly without being asked to: it costs no more than a page. */
const FEW = 5000;
const SETTLED_MS = 250;

/** From this row on, tasks come after this cursor. */
interface Mark {
  row: number;
  cursor: string | null;
}

export interface Shown {
  /** Those that are here; more follow where `complete` is false. */
  tasks: readonly Task[];
  /** As far as is known. */
  total: number | null;
  /** Whether `total` is counted and not estimated. */
  exact: boolean;
  complete: boolean;
  busy: boolean;
  failure: unknown;
  hint: string | null;
  /** Nothing has come yet. */
  first: boolean;
}

type Fetch = (query: TaskQuery, cursor: string | null, signal: AbortSignal) => Promise<TaskPage>;

const NOTHING: Shown = {
  tasks: [],
  total: null,
  exact: false,
  complete: false,
  busy: true,
  failure: null,
  hint: null,
  first: true,
};

export class Rows {
  private shown: Shown = NOTHING;
  private marks: Mark[] = [{ row: 0, cursor: null }];
  private next: string | null = null;
  private wanted = FIRST;
  private looked: [number, number] = [0, FIRST];
  private stale = false;
  private running: Promise<void> | null = null;
  private readonly stopping = new AbortController();
  private readonly watchers = new Set<() => void>();
  private places = new Map<string, number>();

  constructor(
    private readonly fetch: Fetch,
    private query: TaskQuery,
  ) {}

  readonly get = (): Shown => this.shown;

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Sees to it that these rows are here, and tells which ones somebody looks at. */
  look(first: number, last: number): void {
    this.looked = [first, last];
    this.wanted = last + FIRST;
    this.work();
  }

  /** Resolves when this many rows are here, or all there are. */
  async reach(count: number): Promise<readonly Task[]> {
    this.wanted = Math.max(this.wanted, count);
    while (this.shown.tasks.length < count && !this.shown.complete && !this.shown.failure) {
      this.wanted = Math.max(this.wanted, count);
      await this.work();
    }
    return this.shown.tasks;
  }

  /** Asks for what somebody looks at again, and for other rows when they are looked at. */
  refresh(): void {
    this.stale = true;
    this.work();
  }

  /** Tries again after a failure. */
  retry(): void {
    this.set({ failure: null });
    this.work();
  }

  /** Takes a query that finds the same tasks, but asks for other fields of them. */
  ask(query: TaskQuery): void {
    if (query !== this.query) {
      this.query = query;
      this.refresh();
    }
  }

  async count(): Promise<void> {
    const { where, q } = this.query;
    const counted = await this.fetch(
      { where, q, fields: [], limit: 1, count: "exact" },
      null,
      this.stopping.signal,
    );
    this.set({ total: counted.total, exact: true });
  }

  placeOf(id: string): number {
    return this.places.get(id) ?? -1;
  }

  /** Shows a task as it is now. */
  replace(task: Task): void {
    const place = this.placeOf(taskId(task));
    if (place >= 0) {
      const tasks = [...this.shown.tasks];
      tasks[place] = { ...tasks[place], ...task };
      this.set({ tasks });
    }
  }

  /** Shows a new task above all others, until the rows are asked for again. */
  prepend(task: Task): void {
    if (this.placeOf(taskId(task)) < 0) {
      this.marks = this.marks.map((mark) => (mark.row ? { ...mark, row: mark.row + 1 } : mark));
      this.place([task, ...this.shown.tasks], {
        total: this.shown.total === null ? null : this.shown.total + 1,
      });
    }
  }

  /** Takes tasks out that are no more. */
  remove(ids: ReadonlySet<string>): void {
    const gone = [...ids].map((id) => this.placeOf(id)).filter((place) => place >= 0);
    if (gone.length > 0) {
      this.marks = this.marks.map((mark) => ({
        ...mark,
        row: mark.row - gone.filter((place) => place < mark.row).length,
      }));
      this.place(
        this.shown.tasks.filter((task) => !ids.has(taskId(task))),
        { total: this.shown.total === null ? null : this.shown.total - gone.length },
      );
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  private work(): Promise<void> {
    this.running ??= this.everything().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async everything(): Promise<void> {
    // What asks for work gets to say all of it first.
    await Promise.resolve();
    try {
      while (!this.stopping.signal.aborted && !this.shown.failure) {
        if (this.stale && !this.shown.first) {
          this.stale = false;
          await this.again();
        } else if (this.shown.first || this.lacking()) {
          await this.more();
        } else {
          break;
        }
      }
    } catch (failure) {
      if (!this.stopping.signal.aborted) {
        this.set({ failure, busy: false });
      }
    }
    if (this.shown.busy) {
      this.set({ busy: false });
    }
  }

  private lacking(): boolean {
    return !this.shown.complete && this.shown.tasks.length < this.wanted;
  }

  private async more(): Promise<void> {
    const { tasks, first } = this.shown;
    const limit = Math.min(Math.max(this.wanted - tasks.length, FIRST), MOST);
    this.set({ busy: true });
    const page = await this.page(first ? FIRST : limit, first);
    const now = [...this.shown.tasks];
    for (const task of page.tasks) {
      const id = taskId(task);
      if (!this.places.has(id)) {
        this.places.set(id, now.length);
        now.push(task);
      }
    }
    this.marks.push({ row: now.length, cursor: page.next });
    this.next = page.next;
    this.set({
      tasks: now,
      complete: page.next === null,
      ...(first ? { total: page.total, hint: page.hint, first: false } : {}),
    });
    if (first && page.next !== null && (page.total ?? 0) <= FEW) {
      await this.count();
    }
  }

  private page(limit: number, counted: boolean): Promise<TaskPage> {
    const query = { ...this.query, limit, ...(counted ? { count: "estimate" as const } : {}) };
    return this.fetch(query, this.next, this.stopping.signal);
  }

  /** Asks again for the rows that somebody looks at, between two cursors that are known. */
  private async again(): Promise<void> {
    const [first, last] = this.looked;
    const from = this.marks.findLast((mark) => mark.row <= first) ?? { row: 0, cursor: null };
    const to = this.marks.find((mark) => mark.row > last && mark.row > from.row);
    const end = Math.min(to?.row ?? this.shown.tasks.length, from.row + MOST - SLACK);
    const limit = Math.max(end - from.row, 0) + SLACK;
    const query = { ...this.query, limit, count: "estimate" as const };
    const page = await this.fetch(query, from.cursor, this.stopping.signal);
    const { tasks, total, exact } = this.shown;
    const head = tasks.slice(0, from.row);
    const following = tasks[end];
    const at = following ? page.tasks.findIndex((one) => taskId(one) === taskId(following)) : -1;
    const settled = exact ? { total, exact: page.total === total } : {};
    if (to && to.row === end && at >= 0) {
      const shift = at - (end - from.row);
      this.marks = [
        ...this.marks.filter((mark) => mark.row <= from.row),
        ...this.marks
          .filter((mark) => mark.row >= end)
          .map((mark) => ({ ...mark, row: mark.row + shift })),
      ];
      this.place([...head, ...page.tasks.slice(0, at), ...tasks.slice(end)], {
        total: page.total,
        ...settled,
      });
      return;
    }
    this.next = page.next;
    this.marks = [
      ...this.marks.filter((mark) => mark.row <= from.row),
      { row: head.length + page.tasks.length, cursor: page.next },
    ];
    this.place([...head, ...page.tasks], {
      complete: page.next === null,
      total: page.total,
      ...settled,
    });
  }

  /** Holds tasks, each once: one that moved while pages came stands where it is now. */
  private place(tasks: Task[], others: Partial<Shown>): void {
    const places = new Map<string, number>();
    for (const [at, task] of tasks.entries()) {
      places.set(taskId(task), at);
    }
    this.places = places;
    this.set({ tasks, ...others });
  }

  private set(changes: Partial<Shown>): void {
    this.shown = { ...this.shown, ...changes };
    for (const watcher of this.watchers) {
      watcher();
    }
  }
}

/**
 * The rows of a query, kept in step with what others do. `still` holds what others do back, as
 * long as rows must not move.
 */
export function useRows(workflow: string, query: TaskQuery, still: boolean) {
  const { where, sort, q } = query;
  const found = JSON.stringify([workflow, where ?? null, sort ?? [], q ?? ""]);
  const latest = useRef(query);
  latest.current = query;
  const rows = useMemo(() => {
    // The workflow, filter, order and words make another list; which fields are asked for do not.
    const [of] = JSON.parse(found) as [string];
    return new Rows((asked, cursor, signal) => taskPage(of, asked, cursor, signal), latest.current);
  }, [found]);
  useEffect(() => rows.ask(query), [rows, query]);
  useEffect(() => {
    rows.look(0, FIRST);
    return () => rows.stop();
  }, [rows]);
  useNews(workflow, rows, still);
  return { rows, shown: useSyncExternalStore(rows.watch, rows.get) };
}

function useNews(workflow: string, rows: Rows, still: boolean): void {
  const held = useRef({ still, news: false, timer: 0 });
  held.current.still = still;
  const settle = useCallback(() => {
    const now = held.current;
    window.clearTimeout(now.timer);
    now.timer = window.setTimeout(() => {
      if (now.news && !now.still) {
        now.news = false;
        rows.refresh();
      }
    }, SETTLED_MS);
  }, [rows]);
  useEffect(() => {
    if (!still) {
      settle();
    }
  }, [still, settle]);
  useEvents(
    useCallback(
      (events) => {
        if (events.some((event) => event.workflow === workflow)) {
          held.current.news = true;
          settle();
        }
      },
      [workflow, settle],
    ),
  );
}
