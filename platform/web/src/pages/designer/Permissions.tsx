import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  MultiSelect,
  NativeSelect,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconPlus, IconShieldLock, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/shared/EmptyState";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { Heading } from "./Heading";
import { fieldsOf } from "./kinds";
import {
  changeRole,
  type FieldRight,
  fieldRight,
  newName,
  ofWorkflow,
  type RowsName,
  rolesOf,
  rowsName,
  rowsOf,
  type SaidRole,
  setFieldRight,
  usualRoles,
} from "./model";

const ROWS: readonly RowsName[] = ["all", "both", "created", "assigned", "none"];
const RIGHTS: readonly FieldRight[] = ["all", "both", "created", "assigned", "none", "hidden"];
const OF_WORKSPACE = ["admin", "manager", "member"];

/** Who may do what: roles by their rights, and by what they may do with each field. */
export function Permissions() {
  const { file, locked, faultAt, change } = useDesign();
  const roles = rolesOf(file);
  const fault = faultAt(["workflow", "roles"]);
  if (roles.length === 0) {
    return (
      <EmptyState
        icon={<IconShieldLock size={30} stroke={1.5} />}
        title={t("designer.no_roles")}
        text={t("designer.no_roles_text")}
        action={
          !locked && (
            <Button onClick={() => change((one) => ofWorkflow(one, { roles: usualRoles() }))}>
              {t("designer.set_roles")}
            </Button>
          )
        }
      />
    );
  }
  const add = () => {
    const name = newName(
      t("designer.role_new"),
      roles.map((role) => role.name),
    );
    change((one) => ofWorkflow(one, { roles: [...rolesOf(one), { name, update: ["assigned"] }] }));
  };
  return (
    <Fieldset variant="unstyled" disabled={locked} className={classes.form}>
      <Heading title={t("designer.rights")} text={t("designer.rights_hint")} />
      {fault && (
        <p role="alert" className={classes.fault}>
          {fault}
        </p>
      )}
      <Matrix
        label={t("designer.rights")}
        roles={roles}
        head={(role, at) => <RoleHead role={role} at={at} roles={roles} />}
      >
        <RightRows roles={roles} />
      </Matrix>
      {!locked && (
        <Button
          variant="default"
          className={classes.start}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={add}
        >
          {t("designer.add_role")}
        </Button>
      )}
      <Heading title={t("designer.field_rights")} text={t("designer.field_rights_hint")} />
      <Matrix label={t("designer.field_rights")} roles={roles} head={(role) => role.name}>
        <FieldRows roles={roles} />
      </Matrix>
    </Fieldset>
  );
}

function Matrix(props: {
  label: string;
  roles: readonly SaidRole[];
  head: (role: SaidRole, at: number) => ReactNode;
  children: ReactNode;
}) {
  const { label, roles, head, children } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
    <section className={classes.matrixBox} tabIndex={0} aria-label={label}>
      <table className={classes.matrix} data-wide>
        <thead>
          <tr>
            <td />
            {roles.map((role, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a role is what stands at a place
              <th key={at} scope="col">
                {head(role, at)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function RoleHead({ role, at, roles }: { role: SaidRole; at: number; roles: readonly SaidRole[] }) {
  const { locked, change, show, faultAt } = useDesign();
  return (
    <div className={classes.roleHead} onFocusCapture={() => show(["workflow", "roles", at])}>
      <TextInput
        size="xs"
        aria-label={t("designer.role_name", { number: at + 1 })}
        value={role.name}
        onChange={(event) => {
          const name = event.currentTarget.value;
          // What is stored of a role stays what it was when its name changes.
          change((one) => changeRole(one, at, { name, id: role.id ?? role.name }));
        }}
        error={faultAt(["workflow", "roles", at, "name"])}
      />
      {roles.length > 1 && !locked && (
        <Tooltip label={t("designer.remove_role", { name: role.name })}>
          <ActionIcon
            size="sm"
            aria-label={t("designer.remove_role", { name: role.name })}
            onClick={() =>
              change((one) =>
                ofWorkflow(one, { roles: rolesOf(one).filter((_, index) => index !== at) }),
              )
            }
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

interface Right {
  name: Key;
  cell: (role: SaidRole, at: number) => ReactNode;
  /** Holds for who may do everything as well. */
  always?: boolean;
}

function RightRows({ roles }: { roles: readonly SaidRole[] }) {
  const { change } = useDesign();
  const set = (at: number, part: Partial<SaidRole>) => change((one) => changeRole(one, at, part));
  const label = (role: SaidRole, name: Key) => `${role.name}: ${t(name)}`;
  const rows = (name: "see" | "update" | "delete", usual: "all" | "none"): Right => ({
    name: `designer.right_${name}`,
    cell: (role, at) => (
      <NativeSelect
        size="xs"
        aria-label={label(role, `designer.right_${name}`)}
        data={ROWS.map((one) => ({ value: one, label: t(`designer.rows_${one}`) }))}
        value={rowsName(role[name] ?? usual)}
        onChange={(event) => {
          const value = event.currentTarget.value as RowsName;
          set(at, { [name]: value === usual ? undefined : rowsOf(value) });
        }}
      />
    ),
  });
  const flag = (name: "create" | "colleagues" | "export"): Right => ({
    name: `designer.right_${name}`,
    cell: (role, at) => (
      <Checkbox
        size="xs"
        aria-label={label(role, `designer.right_${name}`)}
        checked={role[name] !== false}
        onChange={(event) => set(at, { [name]: event.currentTarget.checked ? undefined : false })}
      />
    ),
  });
  const choice = (name: "assign" | "move", values: readonly string[]): Right => ({
    name: `designer.right_${name}`,
    cell: (role, at) => (
      <NativeSelect
        size="xs"
        aria-label={label(role, `designer.right_${name}`)}
        data={values.map((one) => ({ value: one, label: t(`designer.${name}_${one}` as Key) }))}
        value={role[name] ?? values[0]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          set(at, { [name]: value === values[0] ? undefined : value } as Partial<SaidRole>);
        }}
      />
    ),
  });
  const given: Right = {
    name: "designer.right_for",
    always: true,
    cell: (role, at) => (
      <MultiSelect
        size="xs"
        aria-label={label(role, "designer.right_for")}
        data={OF_WORKSPACE.map((one) => ({ value: one, label: t(`designer.for_${one}` as Key) }))}
        value={role.for ?? []}
        onChange={(names) => set(at, { for: names.length > 0 ? names : undefined })}
      />
    ),
  };
  const everything: Right = {
    name: "designer.right_admin",
    always: true,
    cell: (role, at) => (
      <Checkbox
        size="xs"
        aria-label={label(role, "designer.right_admin")}
        checked={role.admin === true}
        onChange={(event) =>
          set(
            at,
            event.currentTarget.checked ? { ...UNLIMITED, admin: true } : { admin: undefined },
          )
        }
      />
    ),
  };
  const rights: Right[] = [
    given,
    everything,
    flag("create"),
    rows("see", "all"),
    rows("update", "all"),
    rows("delete", "none"),
    choice("assign", ["anyone", "self", "nobody"]),
    choice("move", ["freely", "actions"]),
    flag("colleagues"),
    flag("export"),
  ];
  return rights.map(({ name, cell, always }) => (
    <tr key={name}>
      <th scope="row">{t(name)}</th>
      {roles.map((role, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a role is what stands at a place
        <td key={at}>
          {role.admin && !always ? (
            <span className={classes.muted}>{t("designer.everything")}</span>
          ) : (
            cell(role, at)
          )}
        </td>
      ))}
    </tr>
  ));
}

/** Nothing may limit who may do everything. */
const UNLIMITED: Partial<SaidRole> = {
  create: undefined,
  see: undefined,
  update: undefined,
  delete: undefined,
  assign: undefined,
  move: undefined,
  colleagues: undefined,
  export: undefined,
  fields: undefined,
};

function FieldRows({ roles }: { roles: readonly SaidRole[] }) {
  const { file, change } = useDesign();
  return fieldsOf(file).map((field) => (
    <tr key={field.id}>
      <th scope="row">{field.name}</th>
      {roles.map((role, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a role is what stands at a place
        <td key={at}>
          {role.admin ? (
            <span className={classes.muted}>{t("designer.everything")}</span>
          ) : (
            <NativeSelect
              size="xs"
              aria-label={`${role.name}: ${field.name}`}
              data-right={fieldRight(role, field.id)}
              data={RIGHTS.map((one) => ({ value: one, label: t(`designer.field_${one}`) }))}
              value={fieldRight(role, field.id)}
              onChange={(event) => {
                const right = event.currentTarget.value as FieldRight;
                change((one) => setFieldRight(one, at, field.id, right));
              }}
            />
          )}
        </td>
      ))}
    </tr>
  ));
}
