/** What an order has to be, for the frameworks that are given a schema of zod. */
import { z } from "zod";

export const Order = z.object({
  customer: z.object({
    id: z.int().positive(),
    name: z.string().min(1).max(100),
    email: z.email(),
    vat: z.string().nullable(),
  }),
  placed: z.iso.datetime(),
  currency: z.enum(["EUR", "GBP", "USD"]),
  shipping: z.object({
    street: z.string().min(1).max(100),
    city: z.string().min(1).max(100),
    zip: z.string().min(1).max(20),
    country: z.string().length(2),
    express: z.boolean(),
  }),
  lines: z
    .array(
      z.object({
        sku: z.string().min(1).max(40),
        title: z.string().min(1).max(100),
        quantity: z.int().positive(),
        price: z.number().min(0),
        tags: z.array(z.string()).max(10),
      }),
    )
    .min(1)
    .max(100),
  note: z.string().max(500).optional(),
});
