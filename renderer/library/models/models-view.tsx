import { useMemo, useState } from "react";
import { Button, Loader } from "@mantine/core";
import { explainError } from "#shared/error-words.ts";
import type { Destination } from "#shared/settings.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { EmptyState } from "../../common/empty-state.tsx";
import { TroubleNote } from "../../common/trouble-note.tsx";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { useAct } from "../../host/use-act.ts";
import { SidePane } from "../../shell/side-pane.tsx";
import { useNarrow } from "../../shell/use-narrow.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { Loading } from "../bucket-table.tsx";
import { useHereStore } from "../here-store.ts";
import { UploadHere } from "../upload-here.tsx";
import { ModelChips } from "./model-chips.tsx";
import { ModelDetail } from "./model-detail.tsx";
import type { HereFilter } from "./model-here.ts";
import { modelsHere } from "./model-here.ts";
import { filterModels, rowId, rowsOf } from "./model-rows.ts";
import { ModelTable } from "./model-table.tsx";
import { modelFiles, sizeOf } from "./model-words.ts";
import { insistFurther, mayLookFurther, openModels, useModelsStore } from "./models-store.ts";
import screen from "../library-screen.module.css";
import classes from "./models-view.module.css";

type ModelsViewProps = {
  readonly place: Destination;
  readonly filter: string;
  readonly onGet: () => void;
};

/** The models under a prefix, or why they are not shown; beside them the details of one. */
export function ModelsView({ place, filter, onGet }: ModelsViewProps) {
  const client = useClient();
  const editProfile = useScreenStore((state) => state.editProfile);
  const state = useModelsStore();
  const [chip, setChip] = useState<{ place: Destination; filter: HereFilter }>();
  if (state.place !== place || state.phase === "loading") return <Loading />;
  if (state.error && state.models.length === 0) {
    return (
      <TroubleNote error={state.error}>
        <Button onClick={() => void openModels(client, place)}>Try again</Button>
        <Button onClick={() => editProfile(place.profileId)}>Change the profile</Button>
      </TroubleNote>
    );
  }
  if (state.models.length === 0) return <NoModels />;
  return (
    <ModelsAndDetail
      place={place}
      filter={filter}
      chip={chip?.place === place ? chip.filter : "all"}
      onChip={(picked) => setChip({ place, filter: picked })}
      onGet={onGet}
    />
  );
}

type ModelsAndDetailProps = ModelsViewProps & {
  readonly chip: HereFilter;
  readonly onChip: (filter: HereFilter) => void;
};

function ModelsAndDetail({ place, filter, chip, onChip, onGet }: ModelsAndDetailProps) {
  const narrow = useNarrow();
  const state = useModelsStore();
  const { models, opened, detail } = state;
  const states = useHereStore((here) => here.states);
  const named = useMemo(() => filterModels(models, filter), [models, filter]);
  const matching = useMemo(() => modelsHere(named, chip, states), [named, chip, states]);
  const isFiltered = filter !== "" || chip !== "all";
  const rows = useMemo(() => rowsOf(matching, opened), [matching, opened]);
  const shown = useMemo(
    () => rowsOf(models, new Set(models.map(({ prefix }) => prefix))).find(isRow(detail)),
    [models, detail],
  );
  return (
    <div className={classes.split}>
      <div className={classes.list} hidden={narrow && shown !== undefined}>
        <ModelChips place={place} models={models} filter={chip} onFilter={onChip} />
        <ModelTable
          key={`${place.bucket}/${place.prefix}`}
          place={place}
          rows={rows}
          hasMore={state.cursor !== null}
          loadsAtEnd={!isFiltered && state.error === null && mayLookFurther(state)}
          onGet={onGet}
        />
        <ModelsEnd matchingCount={matching.length} isFiltered={isFiltered} />
      </div>
      {shown && (
        <SidePane isAlone={narrow}>
          <ModelDetail key={detail} row={shown} isAlone={narrow} />
        </SidePane>
      )}
    </div>
  );
}

function isRow(id: string | null) {
  return (row: Parameters<typeof rowId>[0]) => rowId(row) === id;
}

/** Nothing so far, or nothing at all. */
function NoModels() {
  const act = useAct();
  const { objectCount, cursor, isLoadingMore } = useModelsStore();
  const looked = `${formatCount(objectCount)} ${objectCount === 1 ? "object" : "objects"}`;
  if (isLoadingMore) {
    return (
      <div className={screen.loading} role="status">
        <Loader size={16} color="gray" aria-hidden /> Looking for models, {looked} so far…
      </div>
    );
  }
  if (objectCount === 0 && cursor === null) {
    return (
      <EmptyState title="Nothing is here yet" text={WHAT_MODELS_ARE}>
        <UploadHere />
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={cursor === null ? "No model is here" : "No model so far"}
      text={
        cursor === null
          ? `None is among the ${looked} here. ${WHAT_MODELS_ARE}`
          : `None is among the first ${looked}; there are more.`
      }
    >
      {cursor !== null && <FurtherButton />}
      <Button onClick={() => act("settings.set", { libraryView: "files" })}>Show the files</Button>
    </EmptyState>
  );
}

const WHAT_MODELS_ARE = "Folders with weights are models: safetensors, GGUF, ONNX or PyTorch.";

function FurtherButton() {
  const client = useClient();
  return (
    <Button variant="default" onClick={() => void insistFurther(client)}>
      Look further
    </Button>
  );
}

type ModelsEndProps = { readonly matchingCount: number; readonly isFiltered: boolean };

/** How much of the place was looked at. */
function ModelsEnd({ matchingCount, isFiltered }: ModelsEndProps) {
  const client = useClient();
  const formats = useFormats();
  const { models, objectCount, cursor, isLoadingMore, error } = useModelsStore();
  const bytes = useMemo(
    () => models.reduce((sum, model) => sum + sizeOf(modelFiles(model)), 0),
    [models],
  );
  const count = `${formatCount(models.length)} ${models.length === 1 ? "model" : "models"}`;
  const found = isFiltered
    ? `${formatCount(matchingCount)} of ${count} match`
    : `${count}, ${formats.bytes(bytes)}`;
  const more = cursor === null ? "" : ", there are more";
  return (
    <div className={screen.end}>
      <span className="lh-number">
        {found}. {formatCount(objectCount)} objects looked at{more}
      </span>
      {error && <span role="status">{explainError(error).what}</span>}
      {isLoadingMore && <Loader size={12} color="gray" role="img" aria-label="Looking further" />}
      {cursor !== null && !isLoadingMore && (
        <Button size="xs" variant="subtle" onClick={() => void insistFurther(client)}>
          {error ? "Try again" : "Look further"}
        </Button>
      )}
    </div>
  );
}
