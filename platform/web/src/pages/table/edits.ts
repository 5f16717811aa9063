/**
 * What somebody types into cells, from the first key until the server has it. It is kept when the
 * server refuses it, when others change the same, and when the page is left.
 */
import { useCallback, useSyncExternalStore } from "react";
import { ask, at, isProblem } from "@/api/client";
import { sentence, Unreachable } from "@/api/problem";
import { type Tagged, type Write, writeTask } from "@/api/queries";
import { type Task, type TaskEvent, taskId, type Workflow } from "@/api/types";
import { kindOf } from "@/fields";
import { dropDraft, readDraft, writeDraft } from "@/shared/drafts";
import { told } from "@/shared/notices";
import { t } from "@/text";

const CHANGED_MEANWHILE = 412;

export interface Edit {
  readonly id: string;
  readonly title: string;
  /** What the cell showed when the edit began. */
  readonly base: unknown;
  readonly value: unknown;
  readonly doing: "editing" | "saving" | "refused" | "conflict";
  readonly messages: readonly string[];
  /** What others wrote since. */
  readonly theirs?: unknown;
  readonly task: Task;
  /** The revision that the value is meant to replace. */
  readonly etag?: string;
  /** Whether it was refused only because the server was not there. */
  readonly unreached?: boolean;
}

/** What is kept of an edit over a reload. */
type Draft = Pick<Edit, "id" | "title" | "base" | "value" | "task">;

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(plainly(one)) === JSON.stringify(plainly(other));
}

function plainly(value: unknown): unknown {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
    ? null
    : value;
}

type Written = (task: Task) => void;

export class Edits {
  private readonly all = new Map<string, Edit>();
  private readonly reads = new Map<string, Promise<Tagged>>();
  private readonly watchers = new Set<() => void>();
  private known: readonly Edit[] = [];
  private typed = 0;

  constructor(
    private readonly workflow: Workflow,
    private readonly written: Written,
  ) {
    for (const draft of readDraft<Draft[]>(this.draftKey()) ?? []) {
      const messages = [t("table.not_saved_yet")];
      this.all.set(keyOf(draft.id, draft.title), { ...draft, doing: "refused", messages });
    }
    this.known = [...this.all.values()];
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Those that are not saved. */
  readonly list = (): readonly Edit[] => this.known;

  of(id: string, title: string): Edit | undefined {
    return this.all.get(keyOf(id, title));
  }

  /** Begins to edit a cell, or goes on with what was typed there before. */
  begin(task: Task, title: string): void {
    const id = taskId(task);
    const before = this.of(id, title);
    const value = task[title] ?? null;
    this.put(
      before
        ? { ...before, doing: "editing" }
        : { id, title, base: value, value, task, doing: "editing", messages: [] },
    );
    this.look(id, title);
  }

  /** Asks what the task is now, so that the write can say on what it is based. */
  look(id: string, title: string): void {
    const path = at(this.workflow.id, "tasks", "by-id", id);
    const read = ask<Task>("GET", path).then((answer) => ({
      task: answer.data,
      etag: answer.headers.get("ETag") ?? "",
    }));
    this.reads.set(keyOf(id, title), read);
    read.then(
      ({ task, etag }) => {
        const edit = this.of(id, title);
        if (edit && this.reads.get(keyOf(id, title)) === read) {
          const theirs = task[title] ?? null;
          const other = !this.alike(title, theirs, edit.base, edit.value);
          this.put({ ...edit, etag, task, theirs: other ? theirs : undefined });
        }
      },
      () => undefined,
    );
  }

  change(id: string, title: string, value: unknown): void {
    const edit = this.of(id, title);
    if (edit) {
      this.put({ ...edit, value, messages: [] });
    }
  }

  drop(id: string, title: string): void {
    const key = keyOf(id, title);
    this.reads.delete(key);
    if (this.all.delete(key)) {
      this.told();
    }
  }

  dropAll(): void {
    this.all.clear();
    this.told();
  }

  /** Leaves a cell: what is as it was is forgotten, all else is saved. */
  async commit(id: string, title: string, value: unknown): Promise<void> {
    const edit = this.of(id, title);
    if (!edit || edit.doing === "saving") {
      return;
    }
    if (same(value, edit.base) && edit.theirs === undefined) {
      this.drop(id, title);
      return;
    }
    await this.save({ ...edit, value });
  }

  /** Writes one's own value over that of others. */
  async insist(id: string, title: string): Promise<void> {
    const edit = this.of(id, title);
    if (edit) {
      this.look(id, title);
      await this.save({ ...edit, base: edit.theirs, theirs: undefined }, true);
    }
  }

  /** Sets a value at once, as a key or a click on a box does. */
  async write(task: Task, title: string, value: unknown): Promise<void> {
    this.begin(task, title);
    await this.commit(taskId(task), title, value);
  }

  async again(id: string, title: string): Promise<void> {
    const edit = this.of(id, title);
    if (edit) {
      this.look(id, title);
      await this.save(edit);
    }
  }

  /** Others changed tasks: cells that somebody edits just now tell so. */
  news(events: readonly TaskEvent[]): void {
    for (const { id, title, doing } of this.known) {
      const changed = events.some(
        (event) => event.task === id && event.changes.some((change) => change.field === title),
      );
      if (changed && doing !== "saving") {
        this.look(id, title);
      }
    }
  }

  /** The server is back: what did not reach it is sent again. */
  back(): void {
    for (const edit of this.known) {
      if (edit.doing === "refused" && edit.unreached) {
        this.again(edit.id, edit.title);
      }
    }
  }

  /** Whether a value is one of two, whichever way the server spells numbers. */
  private alike(title: string, value: unknown, one: unknown, other: unknown): boolean {
    const field = this.workflow.fields.find(({ name }) => name === title);
    const spelt = (said: unknown) => (field && kindOf(field).numeric ? shortest(said) : said);
    return [one, other].some((each) => same(spelt(value), spelt(each)));
  }

  private async save(edit: Edit, insisting = false): Promise<void> {
    const key = keyOf(edit.id, edit.title);
    this.put({ ...edit, doing: "saving", messages: [] });
    try {
      const read = await this.reads.get(key);
      const now = this.all.get(key);
      const theirs = read?.task[edit.title] ?? null;
      if (read && !insisting && !this.alike(edit.title, theirs, edit.base, edit.value)) {
        this.put({ ...(now ?? edit), value: edit.value, doing: "conflict", theirs });
        return;
      }
      const write: Write = {
        values: { [edit.title]: edit.value },
        task: read?.task ?? edit.task,
        etag: read?.etag,
      };
      const { task } = await writeTask(this.workflow, write);
      this.all.delete(key);
      this.reads.delete(key);
      this.told();
      this.written(task);
    } catch (failure) {
      this.fail(edit, failure);
    }
  }

  private fail(edit: Edit, failure: unknown): void {
    const theirs = isProblem(failure, CHANGED_MEANWHILE) && failure.conflicts[edit.title];
    if (theirs) {
      this.put({ ...edit, doing: "conflict", theirs: theirs.theirs ?? null, messages: [] });
      this.look(edit.id, edit.title);
      return;
    }
    this.put({
      ...edit,
      doing: "refused",
      messages: messagesOf(failure, edit.title),
      unreached: failure instanceof Unreachable,
    });
  }

  private put(edit: Edit): void {
    this.all.set(keyOf(edit.id, edit.title), edit);
    this.told();
  }

  private told(): void {
    this.known = [...this.all.values()];
    for (const watcher of this.watchers) {
      watcher();
    }
    window.clearTimeout(this.typed);
    this.typed = window.setTimeout(() => this.keep(), 300);
  }

  private keep(): void {
    const drafts = this.known
      .filter((edit) => !same(edit.value, edit.base))
      .map(({ id, title, base, value, task }) => ({ id, title, base, value, task }));
    if (drafts.length > 0) {
      writeDraft(this.draftKey(), drafts);
    } else {
      dropDraft(this.draftKey());
    }
  }

  private draftKey(): readonly string[] {
    return ["table", this.workflow.id];
  }
}

/** A number without zeros at its end: a read has two decimals where a write tells fewer. */
function shortest(value: unknown): unknown {
  const text = value === null || value === undefined ? "" : String(value);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function keyOf(id: string, title: string): string {
  return `${id}\n${title}`;
}

function messagesOf(failure: unknown, title: string): string[] {
  if (failure instanceof Unreachable) {
    return [t("table.unreachable")];
  }
  if (isProblem(failure) && failure.faults.length > 0) {
    return failure.faults.map((fault) => {
      const where = fault.path.join(" › ");
      return where === title || where === "" ? sentence(fault) : `${where}: ${sentence(fault)}`;
    });
  }
  return [told(failure)];
}

export function useEdit(edits: Edits, id: string, title: string): Edit | undefined {
  const read = useCallback(() => edits.of(id, title), [edits, id, title]);
  return useSyncExternalStore(edits.watch, read);
}

export function useEdits(edits: Edits): readonly Edit[] {
  return useSyncExternalStore(edits.watch, edits.list);
}
