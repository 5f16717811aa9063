import { createTheme, MantineThemeProvider, Text, Title } from "@mantine/core";
import { type ReactNode, useId, useMemo } from "react";
import type { Field, Workflow } from "@/api/types";
import { learn, t } from "@/text";
import { forms } from "@/text/en/forms";
import { FormField } from "./FormField";
import { passedFault, saidOf } from "./faults";
import { type Layout, layoutOf, type Section, type Values } from "./layout";
import classes from "./TaskForm.module.css";

learn(forms);

export interface TaskFormProps {
  workflow: Workflow;
  /** Values by title, with what is not saved yet. */
  values: Values;
  /** The values that are saved; absent for a task that is not there yet. */
  saved?: Values;
  onChange: (title: string, value: unknown) => void;
  /** Puts a field back to what is saved. */
  onReset?: (title: string) => void;
  /** Titles of the fields with unsaved changes. */
  changed?: ReadonlySet<string>;
  /** What the server said of a field; it goes before what the schema tells. */
  faultOf?: (field: Field) => string | undefined;
  /** Keys of fields that are needed for more than the schema says. */
  needed?: ReadonlySet<string>;
  /** Keys of fields that stand elsewhere. */
  without?: ReadonlySet<string>;
  locked?: boolean;
  /** What stands below the editor of a field. */
  below?: (field: Field) => ReactNode;
}

const NONE: ReadonlySet<string> = new Set();
/** Remarks stand below the editors, so that those of one row stand in one line. */
const LOOKS = createTheme({
  components: {
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ["label", "input", "error", "description"] },
    },
  },
});

/** The form of a task, as its workflow says it: sections, and fields that come and go. */
export function TaskForm(props: TaskFormProps) {
  const { workflow, values, without } = props;
  const layout = useMemo(() => layoutOf(workflow, values, without), [workflow, values, without]);
  const several = layout.sections.length > 1;
  return (
    <MantineThemeProvider theme={LOOKS}>
      <div className={classes.form}>
        {layout.sections.map((section) => (
          <Part key={section.title} {...props} section={section} layout={layout} headed={several} />
        ))}
      </div>
    </MantineThemeProvider>
  );
}

function Part(props: TaskFormProps & { section: Section; layout: Layout; headed: boolean }) {
  const { section, layout, headed, workflow, values, saved, changed = NONE } = props;
  const heading = useId();
  const title = section.title || t(headed ? "forms.more" : "forms.details");
  return (
    <section className={classes.section} aria-labelledby={heading}>
      <header className={classes.heading}>
        <Title order={2} id={heading}>
          {title}
        </Title>
        {section.description && (
          <Text size="sm" c="dimmed">
            {section.description}
          </Text>
        )}
      </header>
      <div className={classes.fields}>
        {section.fields.map((field) => (
          <FormField
            key={field.id}
            field={field}
            value={values[field.name]}
            saved={saved?.[field.name]}
            changed={changed.has(field.name)}
            fresh={saved === undefined}
            locked={props.locked ?? false}
            needed={isNeeded(field, layout, props.needed)}
            fault={faultOf(props, field, layout)}
            workflow={workflow.id}
            onChange={props.onChange}
            onReset={props.onReset}
          >
            {props.below?.(field)}
          </FormField>
        ))}
      </div>
    </section>
  );
}

function isNeeded(field: Field, layout: Layout, more: ReadonlySet<string> = NONE): boolean {
  const counted = field.autoincrement === true;
  return !counted && (field.required || layout.needed.has(field.id) || more.has(field.id));
}

/** What the server said; else, of a value that was just set, what the schema tells. */
function faultOf(props: TaskFormProps, field: Field, layout: Layout): string | undefined {
  const said = props.faultOf?.(field);
  if (said || !props.changed?.has(field.name)) {
    return said;
  }
  const finding = layout.findings.get(field.id);
  return finding ? saidOf(finding) : passedFault(field, props.values[field.name]);
}
