import { ActionIcon, Alert, Button, Menu, SegmentedControl, Tabs, Tooltip } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import {
  IconAlertCircle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconEye,
  IconForms,
  IconHistory,
  IconListDetails,
  IconRoute,
  IconSettings,
  IconShieldLock,
  IconTrash,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { Problem, sentence } from "@/api/problem";
import { Loading } from "@/app/Loading";
import { workflowAddress } from "@/app/places";
import { useShortcuts } from "@/app/shortcuts";
import { Confirm } from "@/shared/Confirm";
import { Page } from "@/shared/Page";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { DesignProvider, useDesign, useDesignOf } from "./design";
import { Fields } from "./Fields";
import { FormRules } from "./FormRules";
import { General } from "./General";
import { Permissions } from "./Permissions";
import { Preview } from "./Preview";
import type { Saved, Source } from "./queries";
import { Review, type Reviewed, ReviewNew } from "./Review";
import { Stages } from "./Stages";
import { lineOf, type Path } from "./source";
import { Versions } from "./Versions";

const Json = lazy(() => import("./Json"));

const PARTS = ["fields", "stages", "permissions", "form", "general"] as const;
type Part = (typeof PARTS)[number];
const ICONS: Record<Part, ReactNode> = {
  fields: <IconListDetails size={15} aria-hidden />,
  stages: <IconRoute size={15} aria-hidden />,
  permissions: <IconShieldLock size={15} aria-hidden />,
  form: <IconForms size={15} aria-hidden />,
  general: <IconSettings size={15} aria-hidden />,
};
/** Which part of the designer shows what stands at a path. */
const OF_WORKFLOW: Record<string, Part> = {
  stages: "stages",
  transitions: "stages",
  roles: "permissions",
  sections: "form",
};

function partOf(path: Path): Part {
  if (path[0] === "properties" || path[0] === "required") {
    return "fields";
  }
  return path[0] === "workflow" ? (OF_WORKFLOW[String(path[1])] ?? "general") : "general";
}

/** The designer of a workflow, or of one that is not there yet. */
export function Designer({ id, source }: { id: string; source: Source }) {
  const design = useDesignOf(id, source);
  const { file, dirty, admin, broken, refuse, discard, faults, source: now } = design;
  const [part, setPart] = useState<Part>(id === "" ? "general" : "fields");
  const [chosen, choose] = useState<string | null>(null);
  const [reviewed, review] = useState<Reviewed | null>(null);
  const [making, setMaking] = useState(false);
  const [versions, setVersions] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const navigate = useNavigate();
  const fresh = id === "";
  const refused = useCallback(
    (failure: unknown) => {
      if (failure instanceof Problem && failure.faults.length > 0) {
        refuse(failure.faults.map((fault) => ({ ...fault, path: pathOf(fault.path) })));
      }
    },
    [refuse],
  );
  const start = useCallback(
    () => (fresh ? setMaking(true) : review({ text: design.text })),
    [fresh, design.text],
  );
  useShortcuts(
    useMemo(
      () => [
        {
          keys: "mod+s",
          text: t("designer.review_short"),
          group: t("designer.title"),
          run: () => (dirty || fresh) && !broken && start(),
          always: true,
        },
      ],
      [dirty, fresh, broken, start],
    ),
  );
  const leave = (saved: Saved) => {
    discard();
    review(null);
    setMaking(false);
    setVersions(false);
    if (fresh) {
      navigate(workflowAddress(saved.id, "designer"));
    }
  };
  const led = (path: Path) => {
    setPart(partOf(path));
    if (path[0] === "properties" && path[1] !== undefined) {
      choose(String(path[1]));
    }
    design.show(path);
  };
  return (
    <DesignProvider value={design}>
      <Page
        title={file.title || (fresh ? t("designer.new_title") : id)}
        lead={<State fresh={fresh} version={now.version} />}
        flush
        actions={
          <>
            {admin && (
              <>
                <Step
                  icon={<IconArrowBackUp size={17} aria-hidden />}
                  label={t("designer.undo")}
                  run={design.undo}
                />
                <Step
                  icon={<IconArrowForwardUp size={17} aria-hidden />}
                  label={t("designer.redo")}
                  run={design.redo}
                />
              </>
            )}
            {admin && !fresh && (
              <Button
                variant="default"
                leftSection={<IconHistory size={16} aria-hidden />}
                onClick={() => setVersions(true)}
              >
                {t("designer.versions")}
              </Button>
            )}
            {admin && dirty && (
              <Menu>
                <Menu.Target>
                  <ActionIcon size="lg" aria-label={t("shared.more")}>
                    <IconDots size={17} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    leftSection={<IconTrash size={15} aria-hidden />}
                    onClick={() => setDiscarding(true)}
                  >
                    {t("designer.discard")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
            {admin && (
              <Button onClick={start} disabled={broken || !(dirty || fresh)}>
                {t(fresh ? "designer.review_create" : "designer.review_short")}
              </Button>
            )}
          </>
        }
      >
        <Notes onFault={led} />
        <Panes part={part} setPart={setPart} faults={faults.map((fault) => partOf(fault.path))}>
          {part === "fields" && <Fields chosen={chosen} choose={choose} />}
          {part === "stages" && <Stages />}
          {part === "permissions" && <Permissions />}
          {part === "form" && <FormRules />}
          {part === "general" && <General />}
        </Panes>
      </Page>
      {fresh ? (
        <ReviewNew
          file={file}
          text={design.text}
          opened={making}
          onClose={() => setMaking(false)}
          onRefused={refused}
          onSaved={leave}
        />
      ) : (
        <>
          <Review
            workflow={id}
            saved={design.saved}
            reviewed={reviewed}
            began={design.began}
            onClose={() => review(null)}
            onRefused={refused}
            onSaved={leave}
          />
          <Versions
            workflow={id}
            opened={versions && reviewed === null}
            onClose={() => setVersions(false)}
            onBack={(version) => review({ version })}
          />
        </>
      )}
      <Confirm
        opened={discarding}
        onClose={() => setDiscarding(false)}
        title={t("designer.discard_title")}
        text={t("designer.discard_text")}
        action={t("designer.discard")}
        onConfirm={async () => discard()}
      />
    </DesignProvider>
  );
}

/** Faults are told with their path in one piece where the dialect knows no other. */
function pathOf(path: (string | number)[]): (string | number)[] {
  const [only, ...more] = path;
  if (typeof only !== "string" || more.length > 0) {
    return path;
  }
  return only.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function Step(props: { icon: ReactNode; label: string; run: (() => void) | null }) {
  const { icon, label, run } = props;
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label} disabled={!run} onClick={() => run?.()}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function State({ fresh, version }: { fresh: boolean; version: number }) {
  const { dirty, admin } = useDesign();
  if (!admin) {
    return (
      <span className={classes.state}>
        <IconEye size={14} aria-hidden /> {t("designer.read_only_page")}
      </span>
    );
  }
  if (fresh) {
    return t("designer.new_lead_page");
  }
  return (
    <span className={classes.state}>
      {t("designer.version", { number: version })}
      {dirty && (
        <>
          {" · "}
          <span className={classes.unsaved}>{t("designer.unsaved")}</span>
        </>
      )}
    </span>
  );
}

/** What keeps the file from being saved: JSON that is broken, and faults, each leading to its place. */
function Notes({ onFault }: { onFault: (path: Path) => void }) {
  const { broken, parsed, faults, text, mend, admin, began, source, dirty, id } = useDesign();
  const where = parsed.broken;
  const drifted = dirty && id !== "" && began !== source.version;
  return (
    <div className={classes.notes}>
      {drifted && (
        <Alert color="orange">{t("designer.drifted", { version: source.version, began })}</Alert>
      )}
      {broken && admin && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertCircle aria-hidden />}
          title={
            where
              ? t("designer.broken", { line: where.line, column: where.column })
              : t("designer.unusable")
          }
        >
          {where && <span>{t(`designer.wanted_${where.wanted}` as Key)} </span>}
          {t("designer.broken_text")}{" "}
          <Button size="compact-xs" variant="white" color="red.9" onClick={mend}>
            {t("designer.mend")}
          </Button>
        </Alert>
      )}
      {faults.length > 0 && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertCircle aria-hidden />}
          title={t("shared.faults", { count: faults.length })}
        >
          <ul className={classes.faults}>
            {faults.slice(0, MOST_SHOWN).map((fault) => (
              <li key={`${fault.path.join(".")}${fault.message}`}>
                <button type="button" onClick={() => onFault(fault.path)}>
                  <b>{fault.path.join(" › ")}</b> {sentence(fault)}
                  <span className={classes.lineNumber}>
                    {t("designer.line", { line: lineOf(text, parsed.places, fault.path) })}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}

const MOST_SHOWN = 8;
type Beside = "preview" | "json" | "both";

/** The forms, and beside them the JSON and the form of a task. */
function Panes(props: {
  part: Part;
  setPart: (part: Part) => void;
  faults: readonly Part[];
  children: ReactNode;
}) {
  const { part, setPart, faults, children } = props;
  const [beside, setBeside] = useLocalStorage<Beside>({
    key: "taskloom.designer",
    defaultValue: "both",
    getInitialValueInEffect: false,
  });
  const wide = useMediaQuery("(min-width: 68em)", true, { getInitialValueInEffect: false });
  const [narrow, setNarrow] = useState<"form" | "preview" | "json">("form");
  const preview = wide ? beside !== "json" : narrow === "preview";
  const json = wide ? beside !== "preview" : narrow === "json";
  return (
    <>
      {!wide && (
        <SegmentedControl
          fullWidth
          className={classes.switcher}
          aria-label={t("designer.shown")}
          value={narrow}
          onChange={(value) => setNarrow(value as typeof narrow)}
          data={[
            { value: "form", label: t("designer.pane_form") },
            { value: "preview", label: t("designer.pane_preview") },
            { value: "json", label: t("designer.pane_json") },
          ]}
        />
      )}
      <div className={classes.panes}>
        {(wide || narrow === "form") && (
          <div className={classes.main}>
            <Tabs value={part} onChange={(next) => setPart(next as Part)} keepMounted={false}>
              <Tabs.List className={classes.tabs}>
                {PARTS.map((one) => (
                  <Tabs.Tab
                    key={one}
                    value={one}
                    leftSection={ICONS[one]}
                    rightSection={
                      faults.includes(one) && (
                        <span
                          className={classes.faultDot}
                          role="img"
                          aria-label={t("designer.has_fault")}
                        />
                      )
                    }
                  >
                    {t(`designer.${one}` as Key)}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              <Tabs.Panel value={part} className={classes.panel}>
                {children}
              </Tabs.Panel>
            </Tabs>
          </div>
        )}
        {(preview || json) && (
          <aside className={classes.beside} aria-label={t("designer.beside")}>
            {wide && (
              <div className={classes.besideHead}>
                <SegmentedControl
                  aria-label={t("designer.shown")}
                  value={beside}
                  onChange={(value) => setBeside(value as Beside)}
                  data={[
                    { value: "preview", label: t("designer.pane_preview") },
                    { value: "json", label: t("designer.pane_json") },
                    { value: "both", label: t("designer.pane_both") },
                  ]}
                />
              </div>
            )}
            {preview && (
              <section className={classes.pane} aria-label={t("designer.pane_preview")}>
                <Preview />
              </section>
            )}
            {json && (
              <section className={classes.pane} data-json aria-label={t("designer.pane_json")}>
                <JsonPane />
              </section>
            )}
          </aside>
        )}
      </div>
    </>
  );
}

function JsonPane() {
  const { text, parsed, faults, shown, admin, write } = useDesign();
  const told = useMemo(
    () => faults.map((fault) => ({ path: fault.path, message: sentence(fault) })),
    [faults],
  );
  return (
    <Suspense fallback={<Loading />}>
      <Json
        text={text}
        parsed={parsed}
        faults={told}
        shown={shown}
        readOnly={!admin}
        onChange={write}
      />
    </Suspense>
  );
}
