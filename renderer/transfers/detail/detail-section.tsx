import type { ReactNode } from "react";
import classes from "./detail-panel.module.css";

type SectionProps = {
  readonly title: string;
  readonly unit?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
};

export function DetailSection({ title, unit, aside, children }: SectionProps) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h3>
          {title} {unit && <span className={classes.unit}>{unit}</span>}
        </h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
