import { IconUpload } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { t } from "@/text";
import classes from "./DropZone.module.css";

interface Props {
  onFiles: (files: File[]) => void;
  /** What it is called for who cannot see it. */
  label: string;
  multiple?: boolean;
  accept?: string;
  disabled?: boolean;
  children?: ReactNode;
}

/** Takes files that are dropped on it, or chosen by mouse or keyboard. */
export function DropZone({ onFiles, label, multiple, accept, disabled, children }: Props) {
  const [over, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    if (files.length > 0) {
      onFiles(multiple ? files : files.slice(0, 1));
    }
  };
  return (
    <label
      className={over ? `${classes.zone} ${classes.over}` : classes.zone}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (!disabled) {
          take(event.dataTransfer.files);
        }
      }}
    >
      <IconUpload size={22} stroke={1.6} aria-hidden />
      {children ?? t("shared.drop_here")}
      <input
        type="file"
        className="tl-hidden"
        aria-label={label}
        multiple={multiple}
        accept={accept}
        disabled={disabled}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
