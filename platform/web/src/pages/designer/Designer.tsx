import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconEye,
  IconHistory,
  IconTrash,
} from "@tabler/icons-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { Problem } from "@/api/problem";
import { workflowAddress } from "@/app/places";
import { useShortcuts } from "@/app/shortcuts";
import { Confirm } from "@/shared/Confirm";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { DesignProvider, useDesign, useDesignOf } from "./design";
import { Fields } from "./Fields";
import { FormRules } from "./FormRules";
import { General } from "./General";
import { Notes } from "./Notes";
import { Panes } from "./Panes";
import { Permissions } from "./Permissions";
import { type Part, partOf } from "./parts";
import type { Saved, Source } from "./queries";
import { Review, type Reviewed, ReviewNew } from "./Review";
import { Stages } from "./Stages";
import type { Path } from "./source";
import { Versions } from "./Versions";

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
