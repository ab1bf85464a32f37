import { ask } from "../cases.mjs";

export function utilities(library) {
  const {
    Elysia,
    env,
    checksum,
    cloneInference,
    deduplicateChecksum,
    mergeHook,
    mergeObjectArray,
    replaceSchemaType,
    replaceUrlPath,
    t,
    StatusMap,
    InvertedStatusMap,
    ElysiaStatus,
    ElysiaCustomStatusResponse,
    ELYSIA_FORM_DATA,
    ELYSIA_REQUEST_ID,
    ELYSIA_TRACE,
    status,
    default: Default,
  } = library;
  return new Elysia({ prefix: "/utilities" }).get("/", async () => {
    const answer = status(202, "x");
    const handled = await new Default().get("/", () => "handled").handle(new Request("http://localhost/"));
    return [
      ...[
        env.PATH === process.env.PATH,
        typeof checksum("text"),
        StatusMap["Not Found"],
        InvertedStatusMap[404],
      ],
      ...[
        answer instanceof ElysiaStatus,
        answer instanceof ElysiaCustomStatusResponse,
        [ELYSIA_FORM_DATA, ELYSIA_REQUEST_ID, ELYSIA_TRACE].map((value) => typeof value),
      ],
      ...[
        replaceUrlPath("http://a/b", "/c"),
        mergeObjectArray([{ fn: 1 }], [{ fn: 2 }]).length,
        typeof mergeHook({}, {}),
        deduplicateChecksum([{ fn: 1 }]).length,
      ],
      ...[
        typeof cloneInference({ event: {} }),
        typeof replaceSchemaType(t.Object({ a: t.Number() }), { from: t.Number(), to: () => t.Numeric() }),
        await handled.text(),
      ],
    ];
  });
}

export const cases = [ask("GET /utilities", 200, /Not Found/)];
