import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t } from "@/text";
import { showFailure } from "./notices";

const SHOWN_MS = 1500;

/** Copies a text; with a label it is a button, without one an icon. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (copied) {
      const timer = setTimeout(() => setCopied(false), SHOWN_MS);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [copied]);
  const copy = () =>
    copyText(text).then(
      () => setCopied(true),
      () => showFailure(t("shared.copy_failed")),
    );
  const icon = copied ? <IconCheck size={15} /> : <IconCopy size={15} />;
  const said = copied ? t("shared.copied") : (label ?? t("shared.copy"));
  return label ? (
    <Button variant="default" leftSection={icon} onClick={copy} aria-live="polite">
      {said}
    </Button>
  ) : (
    <Tooltip label={said}>
      <ActionIcon onClick={copy} aria-label={said}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** Copies a text, also where the page is not served securely. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) {
    throw new Error(t("shared.copy_failed"));
  }
}
