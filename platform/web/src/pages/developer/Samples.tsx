import { Alert, SegmentedControl, Title } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Workflow } from "@/api/types";
import { t } from "@/text";
import { Code } from "./Code";
import classes from "./Developer.module.css";
import { KeyMaker } from "./KeyMaker";
import { LANGUAGES } from "./languages";
import { Method } from "./Method";
import { type OperationName, operationsOf, type Subject } from "./operations";
import { TryIt } from "./TryIt";

/** What one does most, in the language that one speaks. */
export function Samples({ workflow, subject }: { workflow: Workflow; subject: Subject }) {
  const operations = useMemo(() => operationsOf(workflow, subject), [workflow, subject]);
  const [name, setName] = useState<OperationName>("upsert");
  const [spoken, speak] = useLocalStorage({ key: "taskloom.language", defaultValue: "shell" });
  const [key, setKey] = useState<string | null>(null);
  const language = LANGUAGES.find(({ id }) => id === spoken) ?? LANGUAGES[0];
  const operation = operations.find((one) => one.name === name) ?? operations[0];
  if (!operation || !language) {
    return null;
  }
  const access = { server: window.location.origin, key };
  const sample = language.write(operation.call, access, operation.upload);
  return (
    <>
      <KeyMaker workflow={workflow.id} onKey={setKey} />
      <div className={classes.samples}>
        <nav className={classes.operations} aria-label={t("developer.operations")}>
          {operations.map((one) => (
            <button
              key={one.name}
              type="button"
              className={classes.operation}
              aria-current={one === operation ? "true" : undefined}
              onClick={() => setName(one.name)}
            >
              <Method name={one.call.method} />
              <span>{t(one.title)}</span>
            </button>
          ))}
        </nav>
        <section className={classes.sample} aria-labelledby="sample-title">
          <header className={classes.sampleHead}>
            <div>
              <Title order={2} id="sample-title">
                {t(operation.title)}
              </Title>
              <p>{t(operation.text)}</p>
            </div>
            <SegmentedControl
              aria-label={t("developer.language")}
              data={LANGUAGES.map(({ id, name }) => ({ value: id, label: name }))}
              value={language.id}
              onChange={speak}
            />
          </header>
          {operation.name === "delete" && operation.warning && (
            <Alert color="red" icon={<IconAlertTriangle aria-hidden />} py={8}>
              {t(operation.warning)}
            </Alert>
          )}
          <Code text={sample} label={t("developer.sample_in", { language: language.name })} />
          <TryIt
            key={operation.name}
            call={operation.tried ?? operation.call}
            note={operation.name === "delete" ? undefined : operation.warning}
          />
        </section>
      </div>
    </>
  );
}
