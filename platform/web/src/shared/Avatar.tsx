import { Box, Tooltip } from "@mantine/core";
import { hueOf } from "./colours";

/** Somebody's initials on a colour of their own. */
export function Avatar(props: { email: string; name?: string; size?: number; tip?: boolean }) {
  const { email, name, size = 24, tip } = props;
  const circle = (
    <Box
      component="span"
      role={tip ? "img" : undefined}
      aria-label={tip ? name || email : undefined}
      aria-hidden={tip ? undefined : true}
      style={{
        display: "inline-grid",
        placeItems: "center",
        flex: "none",
        width: size,
        height: size,
        fontSize: size * 0.4,
        fontWeight: 600,
        letterSpacing: "0.02em",
        color: "#fff",
        background: `color-mix(in oklab, ${hueOf(email)} 78%, #14110e)`,
        borderRadius: "50%",
      }}
    >
      {initials(name || email)}
    </Box>
  );
  return tip ? <Tooltip label={name ? `${name} (${email})` : email}>{circle}</Tooltip> : circle;
}

function initials(said: string): string {
  const words = (said.split("@")[0] ?? said).split(/[\s._-]+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** An avatar with what its holder is called. */
export function Person({ email, name }: { email: string; name?: string }) {
  return (
    <Box
      component="span"
      style={{ display: "inline-flex", gap: 6, alignItems: "center", maxWidth: "100%" }}
    >
      <Avatar email={email} name={name} size={20} />
      <span style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
        {name || email}
      </span>
    </Box>
  );
}
