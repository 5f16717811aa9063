import { Menu } from "@mantine/core";
import { IconBan, IconCheck, IconExternalLink } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { STAGE, type Stage, type Task, taskId, type Workflow } from "@/api/types";
import { taskAddress } from "@/app/places";
import { StageBadge } from "@/shared/Pill";
import { t } from "@/text";

interface Props {
  workflow: Workflow;
  task: Task;
  /** What it belongs to on the screen. */
  at: DOMRect;
  reasonOf: (stage: Stage) => string | null;
  onClose: (focusBack: boolean) => void;
  onMove: (stage: Stage) => void;
}

/** The stages a card may go to: the way without dragging. */
export function MoveMenu({ workflow, task, at, reasonOf, onClose, onMove }: Props) {
  const navigate = useNavigate();
  const address = taskAddress(workflow.id, taskId(task));
  return (
    <Menu
      opened
      onChange={(opened) => !opened && onClose(true)}
      position="bottom-start"
      width={280}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          style={{
            position: "fixed",
            left: at.left,
            top: at.top,
            width: at.width,
            height: Math.min(at.height, 40),
            pointerEvents: "none",
          }}
        />
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: "auto" }}>
        <Menu.Item
          leftSection={<IconExternalLink size={15} aria-hidden />}
          onClick={() => navigate(address)}
        >
          {t("board.open")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("board.move_to")}</Menu.Label>
        {workflow.stages.map((stage) => {
          const here = stage.name === task[STAGE];
          const reason = here ? t("board.here") : reasonOf(stage);
          return (
            <Menu.Item
              key={stage.id}
              disabled={reason !== null}
              rightSection={
                here ? (
                  <IconCheck size={15} aria-hidden />
                ) : reason ? (
                  <IconBan size={15} aria-hidden />
                ) : undefined
              }
              title={reason ?? undefined}
              onClick={() => {
                onClose(false);
                onMove(stage);
              }}
            >
              <StageBadge stages={workflow.stages} name={stage.name} />
              {reason && <span className="tl-hidden">{reason}</span>}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
