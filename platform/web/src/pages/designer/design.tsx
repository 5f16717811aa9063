/** The file that somebody works on: one text, which the forms and the JSON both show and change. */
import { createContext, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { Fault } from "@/api/problem";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { WorkflowFile } from "@/api/types";
import { useDraft } from "@/shared/drafts";
import { checked } from "./check";
import { keysOf } from "./kinds";
import { type Change, isUsable, stagesOf } from "./model";
import { type Source, useMeta } from "./queries";
import { type Parsed, type Path, parsed, valueAt, written } from "./source";

export interface Design {
  /** Id of the workflow; empty for one that is not there yet. */
  id: string;
  source: Source;
  text: string;
  parsed: Parsed;
  /** What the forms show: the text's file, or the last that could be read. */
  file: WorkflowFile;
  /** The file that is in force; null for a new workflow. */
  saved: WorkflowFile | null;
  savedKeys: ReadonlySet<string>;
  savedStages: ReadonlySet<string>;
  admin: boolean;
  /** The text cannot be shown as forms, so that these change nothing. */
  broken: boolean;
  locked: boolean;
  dirty: boolean;
  /** The version that the draft began with. */
  began: number;
  faults: Fault[];
  /** What is wrong at a path, or below it. */
  faultAt: (path: Path) => string | undefined;
  change: (change: Change) => void;
  write: (text: string) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  discard: () => void;
  /** Goes back to the last text that could be read. */
  mend: () => void;
  refuse: (faults: Fault[]) => void;
  /** Leads the JSON to a part. */
  shown: Path;
  show: (path: Path) => void;
}

interface Draft {
  text: string;
  version: number;
}

interface Refused {
  faults: Fault[];
  file: WorkflowFile;
}

const Context = createContext<Design | null>(null);
export const DesignProvider = Context.Provider;

export function useDesign(): Design {
  const design = useContext(Context);
  if (!design) {
    throw new Error("no design around");
  }
  return design;
}

/** Works on a file; what is not saved survives a reload. */
export function useDesignOf(id: string, source: Source): Design {
  const admin = useStore(session)?.user.role === "admin";
  const { draft, set, drop } = useDraft<Draft>(["designer", id || "new"]);
  const kept = admin ? draft : null;
  const text = kept?.text ?? source.text;
  const began = kept?.version ?? source.version;
  const original = useMemo(() => parsed(source.text).file ?? {}, [source.text]);
  const read = useMemo(() => parsed(text), [text]);
  const { file, broken } = useGood(read, original);
  const { past, undo, redo, forget } = usePast();
  const [refused, setRefused] = useState<Refused | null>(null);
  const [shown, show] = useState<Path>([]);
  const meta = useMeta().data;

  const write = useCallback((next: string) => set({ text: next, version: began }), [set, began]);
  const change = useCallback(
    (how: Change) => {
      const next = written(how(file));
      if (next !== text) {
        past(text);
        write(next);
      }
    },
    [file, text, past, write],
  );
  const discard = useCallback(() => {
    drop();
    forget();
    setRefused(null);
  }, [drop, forget]);

  const named = useMemo(() => withId(id, read.file), [id, read.file]);
  const faults = useMemo(
    () => [
      ...(named ? checked(named, meta) : []),
      ...(refused?.faults.filter((fault) => stands(fault, refused.file, read.file)) ?? []),
    ],
    [named, meta, refused, read.file],
  );
  const faultAt = useCallback((path: Path) => worded(faults, path), [faults]);
  const saved = id === "" ? null : original;
  return {
    id,
    source,
    text,
    parsed: read,
    file,
    saved,
    savedKeys: useMemo(() => new Set(saved ? keysOf(saved) : []), [saved]),
    savedStages: useMemo(
      () => new Set(saved ? stagesOf(saved).map((stage) => stage.key ?? stage.name) : []),
      [saved],
    ),
    admin,
    broken,
    locked: broken || !admin,
    dirty: kept !== null && !sameFile(text, read, original, source.text),
    began,
    faults,
    faultAt,
    change,
    write,
    undo: undo && !broken ? () => write(undo(text)) : null,
    redo: redo && !broken ? () => write(redo(text)) : null,
    discard,
    mend: () => write(written(file)),
    refuse: (told) => setRefused({ faults: told, file: read.file ?? {} }),
    shown,
    show,
  };
}

/** The address names the workflow, so that its file need not. */
function withId(id: string, file: WorkflowFile | null): WorkflowFile | null {
  return file && id !== "" && file.$id === undefined ? { $id: id, ...file } : file;
}

/** The file of the text, or the last one of which the forms could be made. */
function useGood(read: Parsed, original: WorkflowFile) {
  const usable = read.file !== null && isUsable(read.file);
  const last = useRef<WorkflowFile | null>(null);
  if (usable) {
    last.current = read.file;
  }
  return { file: last.current ?? original, broken: !usable };
}

function usePast() {
  const [before, setBefore] = useState<readonly string[]>([]);
  const [after, setAfter] = useState<readonly string[]>([]);
  const past = useCallback((text: string) => {
    setBefore((texts) => [...texts.slice(-MOST_STEPS), text]);
    setAfter([]);
  }, []);
  const forget = useCallback(() => {
    setBefore([]);
    setAfter([]);
  }, []);
  const previous = before.at(-1);
  const next = after.at(-1);
  const undo = (now: string): string => {
    setBefore(before.slice(0, -1));
    setAfter([...after, now]);
    return previous ?? now;
  };
  const redo = (now: string): string => {
    setAfter(after.slice(0, -1));
    setBefore([...before, now]);
    return next ?? now;
  };
  return {
    past,
    forget,
    undo: previous === undefined ? null : undo,
    redo: next === undefined ? null : redo,
  };
}

const MOST_STEPS = 100;

function sameFile(text: string, read: Parsed, original: WorkflowFile, source: string): boolean {
  return text === source || JSON.stringify(read.file) === JSON.stringify(original);
}

/** A fault stands until somebody changes what it is about. */
function stands(fault: Fault, then: WorkflowFile, now: WorkflowFile | null): boolean {
  const spelt = (file: WorkflowFile | null) => JSON.stringify(valueAt(file, fault.path));
  return fault.path.length > 0 && spelt(then) === spelt(now);
}

function worded(faults: readonly Fault[], path: Path): string | undefined {
  const told = faults.filter((fault) => path.every((part, at) => fault.path[at] === part));
  return told.map((fault) => (fault.hint ? `${fault.message}; ${fault.hint}` : fault.message))[0];
}
