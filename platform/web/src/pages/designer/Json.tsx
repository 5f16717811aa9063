import { json } from "@codemirror/lang-json";
import CodeMirror, {
  Decoration,
  type DecorationSet,
  EditorState,
  EditorView,
  type Range,
  type ReactCodeMirrorRef,
  ViewPlugin,
  type ViewUpdate,
} from "@uiw/react-codemirror";
import { useEffect, useMemo, useRef } from "react";
import { styleNonce } from "@/app/nonce";
import { t } from "@/text";
import classes from "./Json.module.css";
import { type Parsed, type Path, placeOf } from "./source";

interface Props {
  text: string;
  parsed: Parsed;
  faults: readonly { path: Path; message: string }[];
  /** What is to be in view. */
  shown: Path;
  readOnly: boolean;
  onChange: (text: string) => void;
}

const SETUP = { foldGutter: true, highlightActiveLine: false, syntaxHighlighting: false };
const TOKEN = /("(?:[^"\\\n]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d[\d.eE+-]*/g;

/** Colours of the parts of JSON, by classes: styles of the page know light and dark. */
const coloured = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = tokens(view);
    }
    update(update: ViewUpdate) {
      if (update.docChanged || update.viewportChanged) {
        this.decorations = tokens(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function tokens(view: EditorView): DecorationSet {
  const found: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    for (const match of view.state.sliceDoc(from, to).matchAll(TOKEN)) {
      const [whole, text, colon, word] = match;
      const kind = text
        ? colon
          ? classes.name
          : classes.text
        : word
          ? classes.word
          : classes.number;
      const start = from + match.index;
      found.push(Decoration.mark({ class: kind }).range(start, start + (text ?? whole).length));
    }
  }
  return Decoration.set(found, true);
}

/** Marks the lines with faults, and says on them what is wrong. */
function marks({ text, parsed, faults }: Pick<Props, "text" | "parsed" | "faults">) {
  const places = parsed.broken
    ? [{ at: parsed.broken.at, message: "" }]
    : faults.map((fault) => ({
        at: placeOf(parsed.places, fault.path)?.from ?? 0,
        message: fault.message,
      }));
  const lines = new Map<number, string>();
  for (const { at, message } of places) {
    const start = text.lastIndexOf("\n", Math.min(at, text.length) - 1) + 1;
    lines.set(start, lines.has(start) ? `${lines.get(start)}\n${message}` : message);
  }
  const ranges = [...lines]
    .toSorted(([one], [other]) => one - other)
    .map(([start, title]) =>
      Decoration.line({ class: classes.fault, attributes: title ? { title } : {} }).range(start),
    );
  return EditorView.decorations.of((view) =>
    view.state.doc.length === text.length ? Decoration.set(ranges) : Decoration.none,
  );
}

/** The workflow file as text. */
export default function Json({ text, parsed, faults, shown, readOnly, onChange }: Props) {
  const editor = useRef<ReactCodeMirrorRef>(null);
  const extensions = useMemo(
    () => [
      json(),
      coloured,
      EditorView.cspNonce.of(styleNonce()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": t("designer.json_label"), tabindex: "0" }),
      EditorState.tabSize.of(2),
    ],
    [],
  );
  const marked = useMemo(() => marks({ text, parsed, faults }), [text, parsed, faults]);
  useEffect(() => {
    const view = editor.current?.view;
    const place = shown.length > 0 ? placeOf(parsed.places, shown) : undefined;
    if (view && place && !view.hasFocus && place.from <= view.state.doc.length) {
      view.dispatch({
        effects: EditorView.scrollIntoView(place.from, { y: "start", yMargin: 40 }),
      });
    }
  }, [shown, parsed]);
  return (
    <CodeMirror
      ref={editor}
      className={classes.editor}
      value={text}
      height="100%"
      theme="none"
      basicSetup={SETUP}
      indentWithTab={false}
      extensions={[...extensions, marked]}
      readOnly={readOnly}
      onChange={onChange}
    />
  );
}
