import { Button, Collapse, Select, TextInput } from "@mantine/core";
import { IconAdjustments, IconFileSpreadsheet } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/text";
import { sizeText } from "./figures";
import classes from "./Imports.module.css";
import type { Preview, ReadAs, Reading } from "./queries";
import { isSource, PLAIN, SOURCE_NAMES, SOURCES } from "./sources";

interface Props {
  file: File;
  made: ReadAs | undefined;
  reading: Reading;
  onReading: (reading: Reading) => void;
  onForget: () => void;
  notes?: readonly string[];
}

/** The file, what was found out about it, and where that is corrected. */
export function FileBar({ file, made, reading, onReading, onForget, notes }: Props) {
  const [opened, setOpened] = useState(false);
  return (
    <section className={classes.bar} aria-label={t("imports.file")}>
      <div className={classes.file}>
        <span className={classes.fileIcon} aria-hidden>
          <IconFileSpreadsheet size={22} stroke={1.6} />
        </span>
        <div className={classes.fileText}>
          <strong>{file.name}</strong>
          <span className={classes.found}>
            {[sizeText(file.size), ...(made ? found(made) : [])].map((text) => (
              <span key={text}>{text}</span>
            ))}
          </span>
        </div>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconAdjustments size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={() => setOpened((shown) => !shown)}
        >
          {t("imports.how_read")}
        </Button>
        <Button variant="default" onClick={onForget}>
          {t("imports.other_file")}
        </Button>
      </div>
      <Collapse expanded={opened}>
        <ReadingForm made={made} reading={reading} onReading={onReading} />
      </Collapse>
      <Notes notes={notes ?? (made as Preview | undefined)?.notes ?? []} />
    </section>
  );
}

/** How one says otherwise over HTTP; here there are fields for that. */
const ELSE = /; `\w+` says otherwise$/;

export function Notes({ notes }: { notes: readonly string[] }) {
  return (
    notes.length > 0 && (
      <ul className={classes.notes}>
        {notes.map((note) => (
          <li key={note}>{note.replace(ELSE, "").replaceAll("`", "")}</li>
        ))}
      </ul>
    )
  );
}

/** What a file turned out to be, in a few words. */
function found(made: ReadAs): string[] {
  const said = [];
  if (isSource(made.source)) {
    said.push(t("imports.export_of", { name: SOURCE_NAMES[made.source] }));
  }
  said.push((made.format ?? "").toUpperCase());
  if (made.encoding) {
    said.push(encodingName(made.encoding));
  }
  if (made.delimiter) {
    said.push(t("imports.parted_by", { sign: delimiterName(made.delimiter) }));
  }
  if (made.dates) {
    said.push(t("imports.dates", { order: orderName(made.dates) }));
  }
  return said.filter(Boolean);
}

const DELIMITERS: Readonly<Record<string, "comma" | "semicolon" | "tab" | "bar">> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
};
const ORDERS = ["dmy", "mdy", "ymd"] as const;
const ENCODINGS = ["utf-8", "windows-1252", "iso-8859-15", "utf-16", "shift_jis", "gb18030"];

function delimiterName(sign: string): string {
  const name = DELIMITERS[sign];
  return name ? t(`imports.delimiter_${name}`) : `“${sign}”`;
}

function encodingName(name: string): string {
  return name.replace(/-sig$/, "").toUpperCase();
}

function orderName(order: string): string {
  const known = ORDERS.find((one) => one === order);
  return known ? t(`imports.dates_${known}`) : order;
}

interface Form {
  made: ReadAs | undefined;
  reading: Reading;
  onReading: (reading: Reading) => void;
}

function ReadingForm({ made, reading, onReading }: Form) {
  const [sheet, setSheet] = useState(reading.sheet ?? "");
  const table = made?.format === "csv" || reading.format === "csv";
  const choice = (name: keyof Reading, data: { value: string; label: string }[]) => (
    <Select
      key={name}
      label={t(`imports.read_${name}`)}
      data={[{ value: "", label: automatic(made?.[name], name) }, ...data]}
      value={reading[name] ?? ""}
      allowDeselect={false}
      onChange={(value) => onReading({ ...reading, [name]: value || undefined })}
    />
  );
  return (
    <div className={classes.reading}>
      {choice(
        "format",
        ["csv", "xlsx", "ndjson", "json"].map((value) => ({ value, label: value.toUpperCase() })),
      )}
      {choice("source", [
        ...SOURCES.map((value) => ({ value, label: SOURCE_NAMES[value] })),
        { value: PLAIN, label: t("imports.source_plain") },
      ])}
      {table &&
        choice(
          "encoding",
          ENCODINGS.map((value) => ({ value, label: value.toUpperCase() })),
        )}
      {table &&
        choice(
          "delimiter",
          Object.keys(DELIMITERS).map((value) => ({ value, label: delimiterName(value) })),
        )}
      {choice(
        "dates",
        ORDERS.map((value) => ({ value, label: t(`imports.dates_${value}`) })),
      )}
      {choice("decimal", [
        { value: ".", label: t("imports.decimal_point") },
        { value: ",", label: t("imports.decimal_comma") },
      ])}
      {made?.format === "xlsx" && (
        <TextInput
          label={t("imports.read_sheet")}
          placeholder={made.sheet ?? t("imports.automatic")}
          value={sheet}
          onChange={(event) => setSheet(event.currentTarget.value)}
          onBlur={() => onReading({ ...reading, sheet: sheet || undefined })}
          onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        />
      )}
    </div>
  );
}

function automatic(value: string | null | undefined, name: keyof Reading): string {
  if (!value) {
    return t("imports.automatic");
  }
  const said: Partial<Record<keyof Reading, (value: string) => string>> = {
    delimiter: delimiterName,
    encoding: encodingName,
    dates: orderName,
    source: (source) => (isSource(source) ? SOURCE_NAMES[source] : source),
    decimal: (sign) => t(sign === "," ? "imports.decimal_comma" : "imports.decimal_point"),
  };
  return t("imports.automatic_is", {
    value: (said[name] ?? ((text) => text.toUpperCase()))(value),
  });
}
