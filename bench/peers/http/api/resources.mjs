/** What every framework of the benchmark routes: for each of these names five routes, a hundred in all. */
export const resources = [
  "accounts",
  "addresses",
  "articles",
  "carts",
  "categories",
  "comments",
  "contacts",
  "coupons",
  "customers",
  "events",
  "files",
  "invoices",
  "messages",
  "orders",
  "payments",
  "products",
  "reviews",
  "shipments",
  "teams",
  "users",
];

/** GET /api/NAME */
export function list(resource) {
  return { resource, items: [] };
}

/** GET /api/NAME/ID, and PUT; the id is a number. */
export function show(resource, id) {
  return { resource, id, active: true, owner: { id: id % 100, name: "Ada Lovelace" } };
}

/** POST /api/NAME, where the body is an order: what is answered can't be had without parsing it. */
export function create(resource, order) {
  let total = 0;
  for (const { quantity, price } of order.lines) total += quantity * price;
  return { resource, customer: order.customer.name, lines: order.lines.length, total };
}

/** DELETE /api/NAME/ID */
export function remove(resource, id) {
  return { resource, id, removed: true };
}

/** An id is written with digits only; the frameworks' own means check that where they have some. */
export function parseId(text) {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
