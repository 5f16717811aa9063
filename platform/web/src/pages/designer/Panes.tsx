import { SegmentedControl, Tabs } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import {
  IconForms,
  IconListDetails,
  IconRoute,
  IconSettings,
  IconShieldLock,
} from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { sentence } from "@/api/problem";
import { Loading } from "@/app/Loading";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { Preview } from "./Preview";
import { PARTS, type Part } from "./parts";

const Json = lazy(() => import("./Json"));

const ICONS: Record<Part, ReactNode> = {
  fields: <IconListDetails size={15} aria-hidden />,
  stages: <IconRoute size={15} aria-hidden />,
  permissions: <IconShieldLock size={15} aria-hidden />,
  form: <IconForms size={15} aria-hidden />,
  general: <IconSettings size={15} aria-hidden />,
};
type Beside = "preview" | "json" | "both";

/** The forms, and beside them the JSON and the form of a task. */
export function Panes(props: {
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
