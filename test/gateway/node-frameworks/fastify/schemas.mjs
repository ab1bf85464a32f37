/** Schemas, validators and serializers. */

import { ask, typed } from "../../fetch-apps/complete/cases.mjs";

export async function schemas(app) {
  app.addSchema({
    $id: "person",
    type: "object",
    properties: { name: { type: "string" }, age: { type: "integer", default: 1 } },
    required: ["name"],
  });
  const person = { $ref: "person#" };
  app.post(
    "/person",
    { schema: { body: person, response: { "2xx": person, 404: { type: "null" } } } },
    async ({ body }) => ({ ...body, secret: "left out" }),
  );
  app.get(
    "/query",
    {
      schema: {
        querystring: {
          type: "object",
          properties: { n: { type: "integer" }, list: { type: "array", items: { type: "string" } } },
        },
        headers: { type: "object", properties: { "x-n": { type: "number" } } },
      },
    },
    async ({ query, headers }) => [query, headers["x-n"]],
  );
  app.post(
    "/kinds",
    {
      schema: {
        body: {
          content: {
            "application/json": { schema: person },
            "text/plain": { schema: { type: "string", maxLength: 3 } },
          },
        },
      },
    },
    async ({ body }) => ({ body }),
  );
  app.post(
    "/attached",
    { attachValidation: true, schema: { body: person } },
    async ({ validationError }) => ({
      told: validationError?.message,
      context: validationError?.validationContext,
    }),
  );
  app.get("/by-hand", async (request, reply) => {
    const schema = { type: "object", properties: { a: { type: "integer" } } };
    const validate = request.compileValidationSchema(schema);
    const serialize = reply.compileSerializationSchema(schema);
    return {
      valid: [
        validate({ a: 1 }),
        request.validateInput({ a: "x" }, schema),
        request.getValidationFunction(schema) === validate,
      ],
      serialized: [
        serialize({ a: 1, b: 2 }),
        reply.serializeInput({ a: 2 }, schema),
        reply.getSerializationFunction(schema) === serialize,
      ],
      known: [app.getSchema("person").type, Object.keys(app.getSchemas())],
    };
  });
  await app.register(
    async (own) => {
      own.setValidatorCompiler(
        ({ schema }) =>
          (value) =>
            value?.word === schema.word ? { value } : { error: new Error(`say ${schema.word}`) },
      );
      own.setSerializerCompiler(() => (value) => `own ${JSON.stringify(value)}`);
      own.setSchemaErrorFormatter((errors, where) => new Error(`${where}: ${errors[0].message}`));
      own.post(
        "/",
        { schema: { body: { word: "please" }, response: { 200: {} } } },
        async ({ body }) => body,
      );
    },
    { prefix: "/own" },
  );
  await app.register(
    async (own) => {
      own.setReplySerializer((payload, status) => `${status}: ${JSON.stringify(payload)}`);
      own.withTypeProvider().get("/", async () => ({ a: 1 }));
    },
    { prefix: "/reply-serializer" },
  );
  await app.register(
    async (own) => {
      own.setSchemaController({
        bucket: () => ({ add() {}, getSchema: () => undefined, getSchemas: () => ({}) }),
      });
      own.get("/", async () => ({
        validator: typeof own.validatorCompiler,
        serializer: typeof own.serializerCompiler,
      }));
    },
    { prefix: "/controller" },
  );
}

export const cases = [
  ask("POST /schemas/person", { json: { name: "Ada", more: 1 } }, 200, { name: "Ada", age: 1 }),
  ask("POST /schemas/person?wrong", { json: { age: "x" } }, 400, /must have required property 'name'/),
  ask("GET /schemas/query?n=7&list=a", { headers: { "x-n": "1.5" } }, 200, [{ n: 7, list: ["a"] }, 1.5]),
  ask("GET /schemas/query?n=x", 400, /querystring\/n must be integer/),
  ask("POST /schemas/kinds", typed("text/plain", "four"), 400, /must NOT have more than 3/),
  ask("POST /schemas/kinds?json", { json: { name: "B" } }, 200, { body: { name: "B", age: 1 } }),
  ask("POST /schemas/attached", { json: {} }, 200, {
    told: "body must have required property 'name'",
    context: "body",
  }),
  ask("GET /schemas/by-hand", 200, /"valid":\[true,false,true\]/),
  ask("POST /schemas/own", { json: { word: "please" } }, 200, 'own {"word":"please"}'),
  ask("POST /schemas/own?wrong", { json: { word: "now" } }, 400, /say please/),
  ask("GET /schemas/reply-serializer", 200, '200: {"a":1}'),
  ask("GET /schemas/controller", 200, /validator/),
];
