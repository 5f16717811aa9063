import { Modal, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { KindIcon } from "./icons";
import { type FieldKind, GROUPS, kindHint, kindName } from "./kinds";

interface Props {
  opened: boolean;
  onClose: () => void;
  onChoose: (kind: FieldKind) => void;
}

/** Every kind of field with what it is for. */
export function KindPalette({ opened, onClose, onChoose }: Props) {
  const [sought, seek] = useState("");
  const words = sought.trim().toLowerCase();
  const fits = (kind: FieldKind) =>
    `${kindName(kind)} ${kindHint(kind)}`.toLowerCase().includes(words);
  const groups = GROUPS.map(({ key, kinds }) => ({ key, kinds: kinds.filter(fits) })).filter(
    ({ kinds }) => kinds.length > 0,
  );
  const choose = (kind: FieldKind) => {
    seek("");
    onChoose(kind);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size={860}
      title={t("designer.add_field_title")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <TextInput
        data-autofocus
        aria-label={t("designer.seek_kind")}
        placeholder={t("designer.seek_kind")}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={sought}
        onChange={(event) => seek(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = groups[0]?.kinds[0];
          if (event.key === "Enter" && first) {
            choose(first);
          }
        }}
        mb="md"
      />
      {groups.map(({ key, kinds }) => (
        <section key={key} className={classes.kindGroup}>
          <Title order={3}>{t(key)}</Title>
          <div className={classes.kinds}>
            {kinds.map((kind) => (
              <button
                key={kind}
                type="button"
                className={classes.kind}
                onClick={() => choose(kind)}
              >
                <span className={classes.kindIcon}>
                  <KindIcon kind={kind} size={18} />
                </span>
                <span>
                  <b>{kindName(kind)}</b>
                  <small>{kindHint(kind)}</small>
                </span>
              </button>
            ))}
          </div>
        </section>
      ))}
      {groups.length === 0 && <p className={classes.muted}>{t("designer.no_kind")}</p>}
    </Modal>
  );
}
