import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask } from "@/api/client";
import { Problem, sentence } from "@/api/problem";
import { keys, useUsers } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { User } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { Person } from "@/shared/Avatar";
import { Confirm } from "@/shared/Confirm";
import { FaultList } from "@/shared/FaultList";
import { showDone, showFailure } from "@/shared/notices";
import { t } from "@/text";
import { Panel } from "./Panel";
import classes from "./Settings.module.css";

const ROLES = ["member", "manager", "admin"] as const;
const USERS = "/api/v1/users";

function roleChoices() {
  return ROLES.map((role) => ({ value: role, label: t(`settings.role_${role}`) }));
}

function useChange<T>(change: (given: T) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.users }),
  });
}

export function Users() {
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title={t("settings.users")}
      lead={t("settings.users_lead")}
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          {t("settings.user_add")}
        </Button>
      }
    >
      <Asked of={useUsers()}>{(users) => <List users={users} />}</Asked>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t("settings.user_add")}
        closeButtonProps={{ "aria-label": t("shared.close") }}
      >
        <Add done={() => setAdding(false)} />
      </Modal>
    </Panel>
  );
}

function List({ users }: { users: User[] }) {
  const self = useStore(session)?.user.id;
  const [removing, setRemoving] = useState<User | null>(null);
  const [force, setForce] = useState(false);
  const setRole = useChange(({ user, role }: { user: User; role: string }) =>
    ask("PATCH", `${USERS}/${user.id}`, { json: { role } }).then(
      () => showDone(roleTold(user, role)),
      showFailure,
    ),
  );
  const remove = useChange((user: User) =>
    ask("DELETE", `${USERS}/${user.id}`, { query: { force: force || undefined } }),
  );
  return (
    <div className={classes.table}>
      <Table verticalSpacing={7}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("settings.name")}</Table.Th>
            <Table.Th>{t("settings.email")}</Table.Th>
            <Table.Th w={150}>{t("settings.role")}</Table.Th>
            <Table.Th w={50}>
              <span className="tl-hidden">{t("settings.actions")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td>
                <Person email={user.email} name={user.name} />
              </Table.Td>
              <Table.Td>
                {user.email}
                {user.id === self && (
                  <Text span size="xs" c="dimmed">
                    {` (${t("settings.user_you")})`}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Select
                  size="xs"
                  aria-label={t("settings.user_role_of", { email: user.email })}
                  data={roleChoices()}
                  value={user.role}
                  disabled={user.id === self}
                  allowDeselect={false}
                  onChange={(role) => role && setRole.mutate({ user, role })}
                />
              </Table.Td>
              <Table.Td>
                <ActionIcon
                  disabled={user.id === self}
                  aria-label={t("settings.user_remove", { email: user.email })}
                  onClick={() => {
                    setForce(false);
                    setRemoving(user);
                  }}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={t("settings.user_remove_title", { email: removing?.email ?? "" })}
        text={t("settings.user_remove_text")}
        action={t("shared.remove")}
        onConfirm={async () => {
          if (removing) {
            await remove.mutateAsync(removing);
            showDone(t("settings.user_removed", { email: removing.email }));
          }
        }}
      >
        <Checkbox
          label={t("settings.user_remove_force")}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      </Confirm>
    </div>
  );
}

function roleTold(user: User, role: string): string {
  const name = t(`settings.role_${role as User["role"]}`);
  return t("settings.user_role_changed", { email: user.email, role: name });
}

const NOBODY = { email: "", name: "", role: "member", password: "" };

function Add({ done }: { done: () => void }) {
  const [typed, setTyped] = useState(NOBODY);
  const add = useChange((json: Record<string, string>) => ask("POST", USERS, { json }));
  const fault = (name: string) => {
    const found =
      add.error instanceof Problem && add.error.faults.find(({ path }) => path[0] === name);
    return found ? sentence(found) : undefined;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const given = Object.entries(typed).filter(([, value]) => value !== "");
    try {
      await add.mutateAsync(Object.fromEntries(given));
      showDone(t("settings.user_added", { email: typed.email }));
      done();
    } catch {
      // It stands in the form.
    }
  };
  const field = (name: keyof typeof NOBODY) => ({
    value: typed[name],
    error: fault(name),
    onChange: (event: { currentTarget: { value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput data-autofocus type="email" label={t("settings.email")} {...field("email")} />
        <TextInput label={t("settings.name")} {...field("name")} />
        <Select
          label={t("settings.role")}
          description={t(`settings.role_${typed.role as User["role"]}_text`)}
          data={roleChoices()}
          value={typed.role}
          allowDeselect={false}
          onChange={(role) => setTyped({ ...typed, role: role ?? "member" })}
        />
        <PasswordInput
          label={t("settings.user_password")}
          description={t("settings.user_password_hint")}
          autoComplete="new-password"
          {...field("password")}
        />
        <FaultList
          failure={add.error}
          without={({ path }) => path.length > 0 && String(path[0]) in NOBODY}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={done}>
            {t("shared.cancel")}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t("settings.user_add")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
