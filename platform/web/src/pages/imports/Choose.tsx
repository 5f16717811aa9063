import { Button, Group, Modal, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { Workflow } from "@/api/types";
import { DropZone } from "@/shared/DropZone";
import { showFailure } from "@/shared/notices";
import { t } from "@/text";
import { Earlier } from "./Earlier";
import classes from "./Imports.module.css";
import { Steps } from "./Steps";
import { SOURCE_NAMES, SOURCES, type Source } from "./sources";

export const ACCEPT = ".csv,.tsv,.txt,.json,.ndjson,.jsonl,.xlsx,.xlsm";

export interface Choice {
  file: File;
  source?: Source;
}

interface Props {
  workflow: Workflow;
  onChoose: (choice: Choice) => void;
  onWatch: (job: string) => void;
}

/** Where a file is dropped, how other programs give theirs, and what was imported before. */
export function Choose({ workflow, onChoose, onWatch }: Props) {
  return (
    <>
      <Steps at="file" />
      <TakeFile onChoose={onChoose} />
      <Earlier workflow={workflow} onWatch={onWatch} />
    </>
  );
}

/** Takes a file that is not empty, with help for the exports of other programs. */
export function TakeFile({ onChoose }: { onChoose: (choice: Choice) => void }) {
  const [helped, setHelped] = useState<Source | null>(null);
  const take = (source?: Source) => (files: File[]) => {
    const [file] = files;
    if (file && file.size > 0) {
      setHelped(null);
      onChoose({ file, source });
    } else if (file) {
      showFailure(new Error(t("imports.empty_file", { name: file.name })));
    }
  };
  return (
    <>
      <div className={classes.drop}>
        <DropZone onFiles={take()} label={t("imports.file")} accept={ACCEPT}>
          <strong className={classes.invite}>{t("imports.drop")}</strong>
          <span>{t("imports.formats")}</span>
        </DropZone>
      </div>
      <div className={classes.presets}>
        <Text size="sm" c="dimmed">
          {t("imports.from_other")}
        </Text>
        {SOURCES.map((source) => (
          <UnstyledButton key={source} className={classes.preset} onClick={() => setHelped(source)}>
            <span className={classes.mark} data-source={source} aria-hidden>
              {SOURCE_NAMES[source][0]}
            </span>
            {SOURCE_NAMES[source]}
          </UnstyledButton>
        ))}
      </div>
      <Modal
        opened={helped !== null}
        onClose={() => setHelped(null)}
        title={helped && t("imports.from", { name: SOURCE_NAMES[helped] })}
        closeButtonProps={{ "aria-label": t("shared.close") }}
      >
        {helped && (
          <>
            <ol className={classes.how}>
              {t(`imports.how_${helped}`)
                .split("\n")
                .map((line) => (
                  <li key={line}>{line}</li>
                ))}
            </ol>
            <Text size="sm" c="dimmed" mb="md">
              {t(`imports.brings_${helped}`)}
            </Text>
            <DropZone onFiles={take(helped)} label={t("imports.file")} accept={ACCEPT}>
              {t("imports.drop_export", { name: SOURCE_NAMES[helped] })}
            </DropZone>
            <Group justify="flex-end" mt="md">
              <Button variant="default" onClick={() => setHelped(null)}>
                {t("shared.cancel")}
              </Button>
            </Group>
          </>
        )}
      </Modal>
    </>
  );
}
