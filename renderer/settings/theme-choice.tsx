import { VisuallyHidden } from "@mantine/core";
import type { Settings } from "#shared/settings.ts";
import classes from "./appearance-page.module.css";

const THEMES = [
  { theme: "system", name: "Like the system", looks: ["dark", "light"] },
  { theme: "light", name: "Light", looks: ["light", "light"] },
  { theme: "dark", name: "Dark", looks: ["dark", "dark"] },
] as const;

type ThemeChoiceProps = {
  readonly theme: Settings["theme"];
  readonly onChoose: (theme: Settings["theme"]) => void;
};

/** Radio buttons with a picture each. */
export function ThemeChoice({ theme, onChoose }: ThemeChoiceProps) {
  return (
    <fieldset className={classes.themes}>
      <VisuallyHidden component="legend">Theme</VisuallyHidden>
      {THEMES.map((choice) => (
        <label key={choice.theme} className={classes.theme}>
          <span className={classes.sample} aria-hidden>
            {choice.looks.map((look, at) => (
              <span key={at} data-look={look}>
                <i />
                <i />
                <i />
              </span>
            ))}
          </span>
          <span className={classes.themeName}>
            <input
              type="radio"
              name="theme"
              className={classes.dot}
              checked={choice.theme === theme}
              onChange={() => onChoose(choice.theme)}
            />
            {choice.name}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
