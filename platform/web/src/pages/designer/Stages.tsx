import {
  ActionIcon,
  Button,
  Checkbox,
  ColorSwatch,
  Fieldset,
  MultiSelect,
  NumberInput,
  Popover,
  Radio,
  SegmentedControl,
  Switch,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { colourAt, colourOf } from "@/shared/colours";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { Heading } from "./Heading";
import { fieldsOf } from "./kinds";
import {
  allow,
  changeStage,
  everyMove,
  initialOf,
  moved,
  movesOf,
  newName,
  ofWorkflow,
  removeStage,
  renameStage,
  type SaidStage,
  setInitial,
  stagesOf,
  withStages,
} from "./model";
import { Sortable } from "./Sortable";

const COLOURS = [
  "grey",
  "red",
  "orange",
  "yellow",
  "green",
  "teal",
  "cyan",
  "blue",
  "indigo",
  "violet",
  "pink",
  "brown",
];

function colourOfStage(stages: readonly SaidStage[], at: number): string {
  const stage = stages[at];
  const usual = stage?.end ? "green" : at === initialOf(stages) ? "grey" : undefined;
  return colourOf(stage?.colour) ?? colourOf(usual) ?? colourAt(at);
}

/** The stages in their order, and which may follow which. */
export function Stages() {
  const { file, locked, faultAt, change, show } = useDesign();
  const stages = stagesOf(file);
  const added = useRef(false);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (added.current) {
      added.current = false;
      const inputs = list.current?.querySelectorAll<HTMLInputElement>("input[data-name]");
      const last = inputs?.[stages.length - 1];
      last?.focus();
      last?.select();
    }
  }, [stages.length]);
  const add = () => {
    added.current = true;
    const names = stages.map((stage) => stage.name);
    const name = newName(t("designer.stage_new"), names);
    change((one) => withStages(one, [...stagesOf(one), { name }]));
  };
  return (
    <Fieldset variant="unstyled" disabled={locked} className={classes.form}>
      <Heading title={t("designer.stages")} text={t("designer.stages_hint")} />
      <div ref={list}>
        <Sortable
          items={stages}
          idOf={(_, at) => String(at)}
          nameOf={(stage) => stage.name}
          onMove={(from, to) => change((one) => withStages(one, moved(stagesOf(one), from, to)))}
          locked={locked}
          label={t("designer.stages")}
          className={classes.cards}
        >
          {(stage, at, handle) => (
            <div className={classes.stage} onFocusCapture={() => show(["workflow", "stages", at])}>
              {handle}
              <StageForm stage={stage} at={at} stages={stages} />
            </div>
          )}
        </Sortable>
      </div>
      {faultAt(["workflow", "stages"]) && (
        <p role="alert" className={classes.fault}>
          {faultAt(["workflow", "stages"])}
        </p>
      )}
      {!locked && (
        <Button
          variant="default"
          className={classes.start}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={add}
        >
          {t("designer.add_stage")}
        </Button>
      )}
      <Transitions />
    </Fieldset>
  );
}

function StageForm(props: { stage: SaidStage; at: number; stages: readonly SaidStage[] }) {
  const { stage, at, stages } = props;
  const { file, savedStages, locked, faultAt, change } = useDesign();
  const set = (part: Partial<SaidStage>) => change((one) => changeStage(one, at, part));
  const fields = fieldsOf(file);
  const twice = stages.findIndex((one) => one.name === stage.name) !== at;
  const path = ["workflow", "stages", at] as const;
  const name = stage.name;
  return (
    <div className={classes.stageForm}>
      <div className={classes.stageHead}>
        <ColourChoice
          name={name}
          colour={colourOfStage(stages, at)}
          onChange={(colour) => set({ colour })}
        />
        <TextInput
          data-name
          className={classes.grow}
          aria-label={t("designer.stage_name", { number: at + 1 })}
          value={name}
          onChange={(event) => {
            const next = event.currentTarget.value;
            change((one) => renameStage(one, at, next, savedStages));
          }}
          error={
            name === ""
              ? t("designer.fault_empty")
              : twice
                ? t("designer.fault_twice")
                : faultAt([...path, "name"])
          }
        />
        <Tooltip label={t("designer.remove_stage", { name })}>
          <ActionIcon
            aria-label={t("designer.remove_stage", { name })}
            disabled={stages.length < 2 || locked}
            onClick={() => change((one) => removeStage(one, at))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.stageBody}>
        <Radio
          size="xs"
          name="initial"
          label={t("designer.initial")}
          checked={initialOf(stages) === at}
          onChange={() => change((one) => setInitial(one, at))}
        />
        <Switch
          size="xs"
          label={t("designer.end")}
          checked={stage.end === true}
          onChange={(event) => set({ end: event.currentTarget.checked || undefined })}
        />
        <NumberInput
          size="xs"
          w={128}
          hideControls
          min={1}
          allowDecimal={false}
          leftSectionWidth={68}
          leftSection={<span className={classes.inset}>{t("designer.wip")}</span>}
          aria-label={t("designer.wip_of", { name })}
          placeholder="–"
          value={stage.wipLimit ?? ""}
          onChange={(value) => set({ wipLimit: typeof value === "number" ? value : undefined })}
          error={faultAt([...path, "wipLimit"])}
        />
        <MultiSelect
          size="xs"
          className={classes.grow}
          aria-label={t("designer.needed_of", { name })}
          placeholder={stage.require?.length ? "" : t("designer.needed")}
          data={fields.map((field) => ({ value: field.id, label: field.name }))}
          value={stage.require ?? []}
          onChange={(keys) => set({ require: keys.length > 0 ? keys : undefined })}
          searchable
          error={faultAt([...path, "require"])}
        />
      </div>
    </div>
  );
}

function ColourChoice(props: {
  name: string;
  colour: string;
  onChange: (colour: string | undefined) => void;
}) {
  const { name, colour, onChange } = props;
  return (
    <Popover position="bottom-start" trapFocus>
      <Popover.Target>
        <Tooltip label={t("designer.colour")}>
          <button
            type="button"
            className={classes.colour}
            style={{ background: colour }}
            aria-label={t("designer.colour_of", { name })}
          />
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.colours}>
          {COLOURS.map((one) => (
            <ColorSwatch
              key={one}
              component="button"
              type="button"
              size={24}
              color={colourOf(one) ?? one}
              aria-label={one}
              onClick={() => onChange(one)}
            />
          ))}
          <Button size="compact-xs" variant="subtle" onClick={() => onChange(undefined)}>
            {t("designer.colour_usual")}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Transitions() {
  const { file, locked, faultAt, change, show } = useDesign();
  const moves = movesOf(file);
  const stages = stagesOf(file);
  const fault = faultAt(["workflow", "transitions"]);
  const set = (value: string) =>
    change((one) => ofWorkflow(one, { transitions: value === "any" ? "any" : everyMove(one) }));
  return (
    <section onFocusCapture={() => show(["workflow", "transitions"])}>
      <Heading title={t("designer.transitions")} text={t("designer.transitions_hint")} />
      <SegmentedControl
        disabled={locked}
        value={moves ? "chosen" : "any"}
        onChange={set}
        aria-label={t("designer.transitions")}
        data={[
          { value: "any", label: t("designer.moves_any") },
          { value: "chosen", label: t("designer.moves_chosen") },
        ]}
      />
      {moves && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
        <section className={classes.matrixBox} tabIndex={0} aria-label={t("designer.transitions")}>
          <table className={classes.matrix}>
            <thead>
              <tr>
                <th scope="col">
                  <span className={classes.muted}>{t("designer.from_to")}</span>
                </th>
                {stages.map((to) => (
                  <th key={to.name} scope="col">
                    {to.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stages.map((from) => (
                <tr key={from.name}>
                  <th scope="row">{from.name}</th>
                  {stages.map((to) => (
                    <td key={to.name} data-same={to.name === from.name || undefined}>
                      {to.name !== from.name && (
                        <Checkbox
                          size="xs"
                          aria-label={t("designer.may_move", { from: from.name, to: to.name })}
                          checked={moves[from.name]?.includes(to.name) ?? false}
                          onChange={(event) => {
                            const may = event.currentTarget.checked;
                            change((one) => allow(one, from.name, to.name, may));
                          }}
                        />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {fault && (
        <p role="alert" className={classes.fault}>
          {fault}
        </p>
      )}
    </section>
  );
}
