/** Asks what a view shall be called, and who shall see it. */
import { Button, Group, Modal, Stack, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { Problem, sentence } from "@/api/problem";
import { FaultList } from "@/shared/FaultList";
import { t } from "@/text";

interface Props {
  title: string;
  name: string;
  /** Whether it is shared; absent where that is not asked. */
  shared?: boolean;
  onClose: () => void;
  onSave: (name: string, shared: boolean) => Promise<void>;
}

export function NameView({ title, name, shared, onClose, onSave }: Props) {
  const [typed, setTyped] = useState(name);
  const [all, setAll] = useState(shared ?? false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const ofName =
    failure instanceof Problem ? failure.faults.filter((fault) => fault.path[0] === "name") : [];
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await onSave(typed, all);
      onClose();
    } catch (reason) {
      setFailure(reason);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          <TextInput
            label={t("views.name")}
            value={typed}
            data-autofocus
            maxLength={100}
            error={ofName.map(sentence).join(". ") || undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {shared !== undefined && (
            <Switch
              label={t("views.share_label")}
              checked={all}
              onChange={(event) => setAll(event.currentTarget.checked)}
            />
          )}
          <FaultList failure={failure} without={(fault) => fault.path[0] === "name"} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shared.cancel")}
            </Button>
            <Button type="submit" loading={busy} disabled={typed.trim() === ""}>
              {t("shared.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
