import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { FaultList } from "@/shared/FaultList";
import { t } from "@/text";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: ReactNode;
  /** What the button says. */
  action: string;
  /** Resolves when it is done; what it rejects with is shown. */
  onConfirm: () => Promise<unknown>;
  /** A word that has to be typed first. */
  word?: string;
  children?: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm({
  opened,
  onClose,
  title,
  text,
  action,
  onConfirm,
  word,
  children,
}: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [typed, setTyped] = useState("");
  const close = () => {
    setFailure(null);
    setTyped("");
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
      close();
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Stack>
        <Text size="sm">{text}</Text>
        {children}
        {word && (
          <TextInput
            label={t("shared.type_to_confirm", { word })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <FaultList failure={failure} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t("shared.cancel")}
          </Button>
          <Button
            color="red.9"
            loading={busy}
            disabled={word !== undefined && typed !== word}
            onClick={confirm}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
