import {
  ActionIcon,
  Alert,
  Button,
  Code,
  Group,
  Modal,
  Select,
  Stack,
  Table,
  TextInput,
} from "@mantine/core";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask } from "@/api/client";
import { keys, useApiKeys, useUsers } from "@/api/queries";
import type { ApiKey } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { Confirm } from "@/shared/Confirm";
import { Copy } from "@/shared/Copy";
import { EmptyState } from "@/shared/EmptyState";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { When } from "@/shared/When";
import { t } from "@/text";
import { Panel } from "./Panel";
import classes from "./Settings.module.css";

const KEYS = "/api/v1/keys";
const READ = "task:read";
const WRITE = "task:write";

export function Keys() {
  const [making, setMaking] = useState(false);
  return (
    <Panel
      title={t("settings.keys")}
      lead={t("settings.keys_lead")}
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
          {t("settings.key_new")}
        </Button>
      }
    >
      <Asked of={useApiKeys()}>{(every) => <List every={every} />}</Asked>
      <NewKey opened={making} onClose={() => setMaking(false)} />
    </Panel>
  );
}

function List({ every }: { every: ApiKey[] }) {
  const cache = useQueryClient();
  const { data: users = [] } = useUsers();
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const nameOf = (key: ApiKey) => key.name || t("settings.key_unnamed");
  const holder = (id: string | null) =>
    id === null ? t("settings.key_workspace") : (users.find((user) => user.id === id)?.email ?? id);
  if (every.length === 0) {
    return (
      <EmptyState
        icon={<IconKey size={28} stroke={1.5} />}
        title={t("settings.keys_none_title")}
        text={t("settings.keys_none_text")}
      />
    );
  }
  return (
    <div className={classes.table}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("settings.key_name")}</Table.Th>
            <Table.Th>{t("settings.key_begins")}</Table.Th>
            <Table.Th>{t("settings.key_holder")}</Table.Th>
            <Table.Th>{t("settings.key_scopes")}</Table.Th>
            <Table.Th>{t("settings.key_created")}</Table.Th>
            <Table.Th w={50}>
              <span className="tl-hidden">{t("settings.actions")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {every.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td fw={550}>{nameOf(key)}</Table.Td>
              <Table.Td>
                <Code>{key.prefix}…</Code>
              </Table.Td>
              <Table.Td>{holder(key.user)}</Table.Td>
              <Table.Td>{scopesTold(key.scopes)}</Table.Td>
              <Table.Td>
                <When at={key.createdAt} />
              </Table.Td>
              <Table.Td>
                <ActionIcon
                  aria-label={t("settings.key_revoke", { name: nameOf(key) })}
                  onClick={() => setRevoking(key)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t("settings.key_revoke_title", { name: revoking ? nameOf(revoking) : "" })}
        text={t("settings.key_revoke_text")}
        action={t("settings.key_revoke_action")}
        onConfirm={async () => {
          await ask("DELETE", `${KEYS}/${revoking?.id}`);
          showDone(t("settings.key_revoked"));
          await cache.invalidateQueries({ queryKey: keys.apiKeys });
        }}
      />
    </div>
  );
}

function scopesTold(scopes: string[] | null): string {
  if (scopes === null) {
    return t("settings.key_scope_all");
  }
  return t(scopes.includes(WRITE) ? "settings.key_scope_write" : "settings.key_scope_read");
}

const SCOPES: Record<string, string[] | null> = {
  all: null,
  write: [READ, WRITE],
  read: [READ],
};

/** Makes a key, and shows it this once. */
export function NewKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const cache = useQueryClient();
  const { data: users = [] } = useUsers(opened);
  const [name, setName] = useState("");
  const [user, setUser] = useState("");
  const [scope, setScope] = useState("all");
  const make = useMutation({
    mutationFn: async () => {
      const json = { name, scopes: SCOPES[scope], ...(user ? { user } : {}) };
      return (await ask<{ id: string; key: string }>("POST", KEYS, { json })).data.key;
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.apiKeys }),
  });
  const close = () => {
    make.reset();
    setName("");
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      closeOnClickOutside={!make.data}
      title={t(make.data ? "settings.key_made_title" : "settings.key_new")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      {make.data ? (
        <Stack>
          <Alert color="loom" role="status">
            {t("settings.key_made_text")}
          </Alert>
          <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
            {make.data}
          </Code>
          <Group justify="flex-end">
            <Copy text={make.data} label={t("shared.copy")} />
            <Button autoFocus onClick={close}>
              {t("settings.key_made_done")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              data-autofocus
              label={t("settings.key_name")}
              description={t("settings.key_name_hint")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={t("settings.key_holder")}
              data={[
                { value: "", label: t("settings.key_workspace") },
                ...users.map(({ email }) => ({ value: email, label: email })),
              ]}
              value={user}
              allowDeselect={false}
              onChange={(value) => setUser(value ?? "")}
            />
            <Select
              label={t("settings.key_scopes")}
              data={[
                { value: "all", label: t("settings.key_scope_all") },
                { value: "write", label: t("settings.key_scope_write") },
                { value: "read", label: t("settings.key_scope_read") },
              ]}
              value={scope}
              allowDeselect={false}
              onChange={(value) => setScope(value ?? "all")}
            />
            <FaultList failure={make.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("shared.cancel")}
              </Button>
              <Button type="submit" loading={make.isPending}>
                {t("shared.create")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
