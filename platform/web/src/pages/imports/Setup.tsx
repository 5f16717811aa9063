import { Alert, Button, Group, Select, Text } from "@mantine/core";
import { IconAlertTriangle, IconFlask, IconUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Fault, sentence } from "@/api/problem";
import type { Workflow } from "@/api/types";
import { Loading } from "@/app/Loading";
import { writeDraft } from "@/shared/drafts";
import { FaultList } from "@/shared/FaultList";
import { showFailure } from "@/shared/notices";
import { t } from "@/text";
import { FileBar } from "./FileBar";
import classes from "./Imports.module.css";
import { Lacking } from "./Lacking";
import { Mapping } from "./Mapping";
import { importKeys, MODES, type Options, type Preview, startImport, usePreview } from "./queries";
import { Rows } from "./Rows";
import { Steps } from "./Steps";

interface Props {
  workflow: Workflow;
  file: File;
  options: Options;
  onOptions: (options: Options) => void;
  /** An import or a dry run of the file has begun. */
  onStarted: (job: string) => void;
  onForget: () => void;
}

/** The file as the server understands it, and everything about that that can be corrected. */
export function Setup({ workflow, file, options, onOptions, onStarted, onForget }: Props) {
  const seen = usePreview(workflow.id, file, options);
  const made = seen.data;
  return (
    <>
      <Steps at="columns" />
      <FileBar
        file={file}
        made={made}
        reading={options.reading}
        onReading={(reading) => onOptions({ ...options, reading })}
        onForget={onForget}
      />
      <FaultList failure={seen.error} />
      {!made && !seen.error && <Loading />}
      {made && (
        <div aria-busy={seen.isFetching}>
          <Against faults={made.faults} />
          <Mapping
            workflow={workflow}
            made={made}
            map={options.map}
            onMap={(map) => onOptions({ ...options, map })}
          />
          <Lacking workflow={workflow} made={made} />
          <Rows workflow={workflow} made={made} />
          <Begin
            workflow={workflow}
            file={file}
            options={options}
            onOptions={onOptions}
            onStarted={onStarted}
            ready={canBegin(made) && !seen.isFetching && !seen.error}
          />
        </div>
      )}
    </>
  );
}

function canBegin(made: Preview): boolean {
  return made.faults.length === 0;
}

/** What speaks against the whole import. */
function Against({ faults }: { faults: Fault[] }) {
  return (
    faults.length > 0 && (
      <Alert
        color="red"
        role="alert"
        mt="md"
        icon={<IconAlertTriangle aria-hidden />}
        title={t("imports.against", { count: faults.length })}
      >
        <ul className={classes.faults}>
          {faults.map((fault) => (
            <li key={`${fault.path.join(".")}:${fault.code}:${fault.message}`}>
              <b>{fault.path.join(" › ")}</b> {sentence(fault).replaceAll("`", "")}
            </li>
          ))}
        </ul>
      </Alert>
    )
  );
}

/** The bar at the end: what each row does, and the two ways on. */
function Begin(props: Omit<Props, "onForget"> & { ready: boolean }) {
  const { workflow, file, options, onOptions, onStarted, ready } = props;
  const [sending, setSending] = useState<"try" | "import" | null>(null);
  const cache = useQueryClient();
  const start = async (dryRun: boolean) => {
    setSending(dryRun ? "try" : "import");
    try {
      const job = await startImport(workflow.id, file, options, dryRun);
      writeDraft(["imported", job.id], options);
      cache.invalidateQueries({ queryKey: importKeys.every(workflow.id) });
      onStarted(job.id);
    } catch (failure) {
      showFailure(failure);
    } finally {
      setSending(null);
    }
  };
  return (
    <div className={classes.begin}>
      {workflow.uniqueId && (
        <Select
          aria-label={t("imports.mode")}
          className={classes.mode}
          data={MODES.map((mode) => ({
            value: mode,
            label: t(`imports.mode_${mode}`, { id: workflow.uniqueId?.name ?? "" }),
          }))}
          value={options.mode}
          allowDeselect={false}
          onChange={(mode) =>
            onOptions({ ...options, mode: MODES.find((one) => one === mode) ?? options.mode })
          }
        />
      )}
      <Text size="sm" c="dimmed" className={classes.promise}>
        {sending ? t("imports.sending", { name: file.name }) : t("imports.promise")}
      </Text>
      <Group gap="sm" wrap="nowrap">
        <Button
          variant="default"
          leftSection={<IconFlask size={16} aria-hidden />}
          disabled={!ready || sending === "import"}
          loading={sending === "try"}
          onClick={() => start(true)}
        >
          {t("imports.try")}
        </Button>
        <Button
          leftSection={<IconUpload size={16} aria-hidden />}
          disabled={!ready || sending === "try"}
          loading={sending === "import"}
          onClick={() => start(false)}
        >
          {t("imports.import")}
        </Button>
      </Group>
    </div>
  );
}
