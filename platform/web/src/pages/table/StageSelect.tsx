/** Chooses a stage; those that a task may not go to are there and cannot be chosen. */
import { Select } from "@mantine/core";
import type { Workflow } from "@/api/types";
import { StageBadge } from "@/shared/Pill";

interface Props {
  workflow: Workflow;
  value: unknown;
  /** What cannot be chosen. */
  forbidden?: ReadonlySet<string>;
  label?: string;
  "aria-label"?: string;
  autoFocus?: boolean;
  opened?: boolean;
  fault?: string;
  onChange: (stage: string | null) => void;
  onBlur?: () => void;
  onCancel?: () => void;
}

export function StageSelect(props: Props) {
  const { workflow, value, forbidden, opened, fault, onChange, onCancel, ...others } = props;
  return (
    <Select
      {...others}
      data-autofocus={props.autoFocus || undefined}
      defaultDropdownOpened={opened}
      allowDeselect={false}
      error={fault}
      value={value === null || value === undefined ? null : String(value)}
      data={workflow.stages.map(({ name }) => ({
        value: name,
        label: name,
        disabled: forbidden?.has(name),
      }))}
      renderOption={({ option }) => <StageBadge stages={workflow.stages} name={option.value} />}
      comboboxProps={{ position: "bottom-start", ...(opened ? { width: "max-content" } : {}) }}
      onChange={onChange}
      onKeyDown={(event) => {
        if (event.key === "Escape" && onCancel) {
          event.preventDefault();
          onCancel();
        }
      }}
    />
  );
}
