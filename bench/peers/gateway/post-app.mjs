/** A fetch application that needs no framework: reads JSON, answers JSON. */
import { create } from "../http/api/resources.mjs";

export const app = {
  async fetch(request) {
    return Response.json(create("orders", await request.json()));
  },
};
